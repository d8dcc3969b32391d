"""Training rows as known at a moment: facts of encounters joined to what was known before their
delivery.
"""

from collections.abc import Sequence
from sqlite3 import Connection

import pandas as pd

from pipeline.store.marts import features
from pipeline.store.sqlite.statements import column_types

FACTS, HISTORIES, NOW = (
    "training_encounter_fact",
    "training_provider_history",
    "training_encounter_ae",
)
HISTORY_KEY = ("delivery_group", "npi", "cpt", "age_band", "sex")
ENCOUNTERS = "fct_encounter"
#: The columns by which features of the store are joined to a training row.
JOINED_BY = ("npi", "cpt", "age_band", "sex", "patient_id")


def known_now(connection: Connection, columns: Sequence[str]) -> pd.DataFrame:
    """The rows that the newest build left, in their order."""
    return pd.read_sql_query(
        f"select {', '.join(columns)} from {NOW} order by training_row", connection
    )


def encounter_facts(connection: Connection, features: Sequence[str]) -> pd.DataFrame:
    """training_row and those of the features that stand in fct_encounter, a row an encounter."""
    own = [name for name in column_types(connection, ENCOUNTERS) if name in features]
    return pd.read_sql_query(
        f"select row_number() over (order by encounter_id) as training_row, {', '.join(own)} "
        f"from {ENCOUNTERS} order by encounter_id",
        connection,
    )


def known_at(
    connection: Connection, moment: str, time: str, ties: Sequence[str], columns: Sequence[str]
) -> pd.DataFrame:
    """The rows as known at a moment (ISO UTC): the join that the newest build makes, over the
    versions known then. A row without a version of its history has empty features.
    """
    facts, histories = (
        features.as_known_at(connection, table, key, moment, time, ties, None, -1)
        for table, key in ((FACTS, ("encounter_id",)), (HISTORIES, HISTORY_KEY))
    )
    order = pd.read_sql_query("select npi, group_order from training_provider_group", connection)
    rows = (
        facts.merge(histories, how="left", on=list(HISTORY_KEY), suffixes=("_of_fact", ""))
        .merge(order, on="npi")
        .sort_values("encounter_id", ignore_index=True)
    )
    rows["training_row"] = range(1, len(rows) + 1)
    rows["features_known_at"], rows["event_timestamp"] = rows[time], moment
    rows["provider_group"] = rows.groupby(["group_order", "npi"]).ngroup() + 1
    return rows[list(columns)]


def newest_moment(connection: Connection) -> str:
    """The moment (ISO UTC) since which the rows of the newest build stand; '' for none."""
    (moment,) = connection.execute(f"select max(event_timestamp) from {NOW}").fetchone()
    return moment or ""


def patients(connection: Connection) -> dict[str, str]:
    """Encounter -> its patient, of those that stand."""
    return dict(connection.execute("select encounter_id, patient_id from std_encounters"))


def arrivals(connection: Connection) -> dict[str, str]:
    """Delivery -> when it came (ISO UTC): when it was loaded, or its first row became known where
    that is earlier or the load is gone.
    """
    return dict(
        connection.execute(
            f"select delivery_group, min(min(facts.event_timestamp), coalesce(min(loads.loaded_at), '9')) "
            f"from {FACTS} as facts left join ops_loads as loads on loads.load_id = facts.delivery_group "
            "where delivery_group is not null group by delivery_group"
        )
    )
