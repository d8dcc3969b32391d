"""The encounters behind what the page Providers shows, by provider, procedure, delivery and risk.

Only those of a provider at a procedure whose outcome is shown count: cells that are hidden are
empty here already (`open_visible`), so nothing that is worked out below rests on one. Keys are read
in clear, for the delivery of an encounter is found by its id; no id leaves.
"""

import pandas as pd

from pipeline.config import Settings
from pipeline.services.tables.visible import open_visible
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

NEEDED = ("fct_encounter", "dq_encounter_arrivals")
COLUMNS = ["npi", "cpt", "delivery", "risk", "encounters", "events"]


def shown_encounters(settings: Settings) -> pd.DataFrame:
    """npi, cpt, delivery (1 is the first that brought encounters), risk (of an adverse event, by
    case mix), encounters, events; of encounters that are old enough to count. No row where no
    outcome is known.
    """
    with open_visible(settings, *NEEDED, masked=False) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return pd.DataFrame(columns=COLUMNS)
        rows = pd.read_sql_query(
            "select npi, cpt, first_load_seq, expected_adverse_event_count as risk, "
            "count(*) as encounters, sum(has_adverse_event) as events from fct_encounter "
            "join dq_encounter_arrivals on dq_encounter_arrivals.encounter_id = fct_encounter.encounter_id "
            "where is_outcome_counted = 1 and has_adverse_event is not null "
            "and expected_adverse_event_count is not null "
            "group by npi, cpt, first_load_seq, expected_adverse_event_count",
            connection,
        )
    order = {seq: place for place, seq in enumerate(sorted(rows["first_load_seq"].unique()), 1)}
    rows["delivery"] = rows["first_load_seq"].map(order)
    return rows[COLUMNS].astype({"risk": float, "encounters": int, "events": int})
