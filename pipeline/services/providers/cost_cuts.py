"""The cost index of each provider where other shares of the amounts are cut off at either end.

Amounts are those that a screen shows, of cells of a provider at a procedure that are not small.
"""

import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.tables.visible import open_visible
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

SHARES = (0.0, 0.01, 0.02, 0.05, 0.1)
#: More encounters are not read for a page.
MOST_ROWS = 300_000


def cost_indices(settings: Settings) -> pd.DataFrame:
    """npi by share: amounts over what the same procedures cost on average, both cut alike; empty
    where there are too few or too many encounters.
    """
    with open_visible(settings, "fct_encounter") as connection:
        if "fct_encounter" not in relation_names(connection):
            return pd.DataFrame()
        amounts = pd.read_sql_query(
            "select npi, cpt, paid_cents as paid from fct_encounter where paid_cents is not null limit ?",
            connection,
            params=[MOST_ROWS + 1],
        )
    return indices(amounts) if len(amounts) <= MOST_ROWS else pd.DataFrame()


def indices(amounts: pd.DataFrame) -> pd.DataFrame:
    """From npi, cpt, paid."""
    amounts = amounts.astype({"paid": float})
    by_procedure = amounts.groupby("cpt")["paid"]
    found = {}
    for share in SHARES:
        low, high = (by_procedure.quantile(each) for each in (share, 1 - share))
        cut = amounts["paid"].clip(amounts["cpt"].map(low), amounts["cpt"].map(high))
        mean = cut.groupby(amounts["cpt"]).transform("mean")
        sums = pd.DataFrame({"cut": cut, "mean": mean}).groupby(amounts["npi"]).sum()
        found[share] = sums["cut"] / sums["mean"]
    index = pd.DataFrame(found)
    return index[amounts.groupby("npi").size().reindex(index.index) >= SMALLEST_CELL]
