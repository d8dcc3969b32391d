"""Training rows as known at a moment: facts of encounters joined to the leave-one-out statistics of
their cell and label.
"""

from collections.abc import Sequence
from sqlite3 import Connection

import pandas as pd

from pipeline.store.marts import features

FACTS, CELLS, NOW = "training_encounter_fact", "training_provider_cell", "training_encounter_ae"
CELL_KEY = ("npi", "cpt", "age_band", "sex", "label")


def known_now(connection: Connection, columns: Sequence[str]) -> pd.DataFrame:
    """The rows that the newest build left, in their order."""
    return pd.read_sql_query(
        f"select {', '.join(columns)} from {NOW} order by training_row", connection
    )


def known_at(
    connection: Connection, moment: str, time: str, ties: Sequence[str], columns: Sequence[str]
) -> pd.DataFrame:
    """The rows as known at a moment (ISO UTC): the join that the newest build makes, over the
    versions known then.
    """
    facts, cells = (
        features.as_known_at(connection, table, key, moment, time, ties, None, -1)
        for table, key in ((FACTS, ("encounter_id",)), (CELLS, CELL_KEY))
    )
    facts["label"] = facts["has_adverse_event"].astype("Int64").astype("str")
    rows = facts.merge(cells, on=list(CELL_KEY), suffixes=("", "_of_cell")).sort_values(
        "encounter_id", ignore_index=True
    )
    rows["training_row"] = range(1, len(rows) + 1)
    rows["event_timestamp"], rows["features_known_at"] = (
        moment,
        rows[[time, f"{time}_of_cell"]].max(axis=1),
    )
    rows["provider_group"] = rows["npi"].rank(method="dense").astype(int)
    return rows[list(columns)]
