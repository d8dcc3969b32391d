"""What a steward calls a row: by its key where that is no patient's identifier, and by file and
line.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.privacy.masking import file_words, sensitive_columns
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import rows

PLACE = ("_source_file", "_source_row_number")


def row_names(settings: Settings, entity: str, row_ids: Sequence[str]) -> dict[str, str]:
    """Row id -> `91002, 2246459798 (employer_in_network.csv, line 3)`; a row that no build judged
    keeps its id.
    """
    if not warehouse_exists(settings):
        return {row_id: row_id for row_id in row_ids}
    masked = sensitive_columns(f"quarantine_{entity}")
    key = tuple(name for name in load_contracts()[entity].key if name not in masked)
    with open_warehouse(settings) as connection:
        values = rows.current_values(connection, entity, row_ids, (*key, *PLACE))
    return {
        row_id: _name(values[row_id], key) if row_id in values else row_id for row_id in row_ids
    }


def names_of_decided_rows(settings: Settings, decisions: pd.DataFrame) -> list[str]:
    """The names of the rows of decisions (`entity`, `row_id`), in their order."""
    names = {
        entity: row_names(settings, entity, list(rows_of["row_id"].unique()))
        for entity, rows_of in decisions.groupby("entity")
    }
    return [
        names[entity][row_id]
        for entity, row_id in zip(decisions["entity"], decisions["row_id"], strict=True)
    ]


def _name(row: dict, key: Sequence[str]) -> str:
    place = f"{file_words(row['_source_file'])}, line {row['_source_row_number']:,}"
    key_values = ", ".join(str(row[name]) for name in key if row[name])
    return f"{key_values} ({place})" if key_values else place
