"""Every decision ever made, for people: rows by name, values of sensitive columns masked."""

import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.masking import masked_value, sensitive_columns
from pipeline.services.access.delivered_cells import as_delivered
from pipeline.services.quarantine import decisions as decision_service
from pipeline.services.quarantine.row_names import names_of_decided_rows
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.warehouse import state


def trail(settings: Settings) -> pd.DataFrame:
    """The audit trail, newest first, with the name of each row, and the old and new values of
    sensitive columns masked; others in their shape for who does not work on rows.
    """
    entries = decision_service.audit(settings)
    entries["row"] = names_of_decided_rows(settings, entries)
    as_of = _as_of(settings)
    for column in ("old_value", "new_value"):
        entries[column] = [
            _masked(value, name, entity, as_of)
            for value, name, entity in zip(
                entries[column], entries["column_name"], entries["entity"], strict=True
            )
        ]
    return entries


def _masked(value: str | None, column: str | None, entity: str, as_of: str | None) -> str | None:
    table = f"quarantine_{entity}"
    if not value or column is None or column not in sensitive_columns(table):
        return as_delivered(value)
    return masked_value(value, table, column, as_of)


def _as_of(settings: Settings) -> str | None:
    if not warehouse_exists(settings):
        return None
    with open_bookkeeping(settings) as connection:
        stamp = state.build_stamp(connection)
    return stamp["as_of"] if stamp else None
