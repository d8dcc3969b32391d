"""From a number to the rows that made it, and from a row to the lines that were delivered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.layers import Layer
from pipeline.privacy.masking import file_words, is_hidden
from pipeline.services.tables import browse, trace
from pipeline.services.tables.trace import TraceStep
from pipeline.services.tables.visible import open_visible, refuse_masked
from pipeline.store.browse import tables
from pipeline.store.browse.filters import Filter

#: The rows that gold and features count, finest description first.
COUNTED = ("fct_encounter", "int_encounter_risk_cell")
COUNTED_SOURCE = "std_encounters"
#: Keys of tables that no unique-key test names, best first.
ROW_KEYS = ("_row_id", "encounter_id", "referral_id", "patient_id", "npi", "employer_id", "cpt")
#: Parts of a key that tell versions of one thing apart.
VERSIONS = ("row_version", "event_timestamp")


@dataclass(frozen=True)
class Origin:
    """Where a row comes from: the rows that it sums up (`rows_of` under `filters`), or the steps to
    its delivered lines.

    Values in `filters` are of columns that no screen masks; `steps` carry keys, which are for
    `trace` and not for a screen.
    """

    rows_of: str | None
    filters: tuple[Filter, ...]
    steps: tuple[TraceStep, ...]


def origin(
    settings: Settings,
    table: str,
    filters: Sequence[Filter] = (),
    sort: str | None = None,
    descending: bool = False,
    position: int = 0,
    number: int | None = None,
) -> Origin | None:
    """Where the row at `position` of the filtered and sorted table comes from; None when there is
    no such row.

    With `number` it is the row of that number in the table, which is found without its order.
    """
    refuse_masked(table, (sort, *(condition.column for condition in filters)))
    with open_visible(settings, table, masked=False) as connection:
        if number is not None:
            found_rows = tables.rows_at(connection, table, [number])
        else:
            found_rows = tables.table_page(
                connection, table, filters, sort, descending, 1, position
            )
    if found_rows.empty:
        return None
    row = found_rows.iloc[0]
    key = key_of(table, tuple(found_rows.columns))
    rows_of = _summed(table, key)
    if rows_of:
        conditions = tuple(
            Filter(column, "is empty")
            if pd.isna(row[column])
            else Filter(column, "is", _plain(row[column]))
            for column in key
        )
        return Origin(rows_of, conditions, ())
    if not _is_delivered(table):
        return Origin(None, (), ())
    values = {column: str(_plain(row[column])) for column in key if not pd.isna(row[column])}
    cells = {
        column: None if pd.isna(row[column]) else _plain(row[column])
        for column in found_rows.columns
    }
    steps = trace.trace_row(settings, table, values, cells)
    return Origin(None, (), tuple(map(_without_name, steps)))


def _without_name(step: TraceStep) -> TraceStep:
    """The step with the name of its file as a screen may show it."""
    return replace(step, source_file=step.source_file and file_words(step.source_file))


def delivered(settings: Settings, step: TraceStep) -> pd.DataFrame:
    """The delivered row at the end of a trace, every cell as it came, masked; empty for a step that
    is no delivered row.
    """
    load_id = step.key.partition("-")[0]
    if step.source_row_number is None or not step.table.startswith("raw_"):
        return pd.DataFrame()
    where = (
        Filter("_load_id", "is", load_id),
        Filter("_source_row_number", "is", step.source_row_number),
    )
    return browse.page(settings, step.table, where, limit=1).rows


def key_of(table: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that tell the rows of a table apart, versions left out; empty when none is
    known.
    """
    entry = load_dictionary().get(table)
    declared = tuple(column for column in (entry.key if entry else ()) if column not in VERSIONS)
    if "_row_id" in columns:
        return ("_row_id",)
    if declared and set(declared) <= set(columns):
        return declared
    return next(((column,) for column in ROW_KEYS if column in columns), ())


def _summed(table: str, key: tuple[str, ...]) -> str | None:
    """The table whose rows a row of `table` sums up; None for a row that is one thing itself or
    about a patient.
    """
    entries = load_dictionary()
    entry = entries.get(table.removesuffix("_latest"))
    layers = (Layer.ENTERPRISE_DATASETS.label, Layer.FEATURE_STORE.label)
    if (
        entry is None
        or entry.layer not in layers
        or not key
        or any(is_hidden(table, column) for column in key)
    ):
        return None
    if COUNTED_SOURCE not in _above(entry.name):
        return None
    return next(
        (
            name
            for name in COUNTED
            if name != table
            and name in entries
            and set(key) <= {column.name for column in entries[name].columns}
        ),
        None,
    )


def _is_delivered(table: str) -> bool:
    """Whether deliveries feed a table; reference tables come from the repository."""
    entry = load_dictionary().get(table.removesuffix("_latest"))
    if entry is None or entry.layer == Layer.LANDING_ZONE.label:
        return not table.startswith(("ledger", "table_checks"))
    return any(name.startswith(("std_", "raw_", "promoted_")) for name in _above(entry.name))


def _above(table: str) -> set[str]:
    entries, ancestors, waiting = load_dictionary(), set(), [table]
    while waiting:
        fresh = [
            name
            for name in entries[waiting.pop()].parents
            if name in entries and name not in ancestors
        ]
        ancestors.update(fresh)
        waiting += fresh
    return ancestors


def _plain(value: Any) -> Any:
    """A number or text of plain Python, for a statement to bind."""
    return value.item() if hasattr(value, "item") else value
