"""The open rows of one source as a steward works on them: values masked, every reason on its cell,
age, what was decided.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.sources import Rule, load_contracts, source_names
from pipeline.privacy.masking import file_words, mask_for_screen, sensitive_columns
from pipeline.quality.suggestions import Suggestion
from pipeline.services.access.roles import WORK, needs
from pipeline.services.quarantine import decisions as decision_service
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import open_rows, state
from pipeline.store.warehouse.open_rows import MATCHES, RowSearch

__all__ = [
    "EVERY",
    "MATCHES",
    "PAGE_ROWS",
    "WHY",
    "OpenRowsPage",
    "RowSearch",
    "page",
    "everything",
    "open_counts",
    "open_rules",
    "row_ids",
    "searchable",
]

#: Rows on one page of the editor; more are reached by its pager, or repaired in bulk.
PAGE_ROWS = 100
#: Rows that one download holds.
DOWNLOADED_ROWS = 500_000
#: A column of reasons is named after the column that it concerns.
WHY = "__why"
EVERY = RowSearch()


@dataclass(frozen=True)
class OpenRowsPage:
    """One page of open rows of one source.

    `rows` has row_id, the mapped columns (masked), beside each that fails on this page its reasons
    (a list, the column's name and WHY), reasons (those of the whole row included), suggested,
    decided, file, line, first_seen_at, last_seen_at, builds_open. `editable` names the columns that
    a steward may correct, `masked` those that show a mask; `rules` are those behind the reasons;
    `suggestions` are by row id; `newest` is the newest decision at the time of reading.
    """

    entity: str
    rows: pd.DataFrame
    total: int
    editable: tuple[str, ...]
    masked: tuple[str, ...]
    rules: tuple[Rule, ...]
    suggestions: dict[str, Suggestion] = field(hash=False)
    newest: str


def open_counts(settings: Settings) -> dict[str, int]:
    """Source -> open rows, parents before children; empty before the first build."""
    if not warehouse_exists(settings):
        return {}
    with open_warehouse(settings) as connection:
        return state.open_quarantine(connection, source_names())


def open_rules(settings: Settings, entity: str) -> dict[str, int]:
    """Rule id -> open rows of one source that fail it, most first."""
    with open_warehouse(settings) as connection:
        return open_rows.by_rule(connection, entity)


@needs(WORK)
def page(
    settings: Settings,
    entity: str,
    search: RowSearch = EVERY,
    offset: int = 0,
    limit: int = PAGE_ROWS,
) -> OpenRowsPage:
    """One page of the open rows of a source, with the names of files as a screen may show them.

    Raises InputRefused when the source has no quarantine yet.
    """
    columns = list(load_contracts()[entity].mapped)
    with open_warehouse(settings) as connection:
        page = open_rows.page(connection, entity, columns, search, limit, offset)
        total = open_rows.count(connection, entity, search)
        stamp = state.build_stamp(connection)
        applied = state.applied_decisions(connection)
    row_ids = [row["_row_id"] for row in page]
    with open_control(settings) as control:
        first_seen = open_rows.first_seen(control, entity, row_ids)
        newest = decisions.newest(control)
        decided = decisions.of_rows(control, entity, row_ids)
    suggested = {
        suggestion.row_id: suggestion
        for suggestion in decision_service.suggestions(settings)
        if suggestion.entity == entity
    }
    rows = _frame(entity, page, columns, stamp["as_of"] if stamp else None)
    rows["suggested"] = [_suggested(suggested.get(row_id)) for row_id in row_ids]
    rows["decided"] = _decided(
        row_ids, [decision for decision in decided if decision["decision_id"] not in applied]
    )
    rows["file"], rows["line"] = (
        [file_words(row["_source_file"]) for row in page],
        [row["_source_row_number"] for row in page],
    )
    for name in ("first_seen_at", "last_seen_at", "builds_open"):
        rows[name] = [first_seen.get(row_id, {}).get(name) for row_id in row_ids]
    held = _holding_rules(entity)
    present = dict.fromkeys(rule["name"] for row in page for rule in _failed(row))
    return OpenRowsPage(
        entity,
        rows,
        total,
        editable_columns(entity, columns),
        tuple(name for name in columns if name in masked_columns(entity)),
        tuple(held[name] for name in present if name in held),
        {row_id: suggested[row_id] for row_id in row_ids if row_id in suggested},
        newest,
    )


@needs(WORK)
def everything(settings: Settings, entity: str, search: RowSearch = EVERY) -> pd.DataFrame:
    """All open rows of a kind as the grid shows them, with their reasons in words, for a download
    that can come back.
    """
    rows = page(settings, entity, search, 0, DOWNLOADED_ROWS).rows
    return rows.drop(columns=[name for name in rows.columns if name.endswith(WHY)]).assign(
        reasons=rows["reasons"].map("; ".join)
    )


@needs(WORK)
def row_ids(settings: Settings, entity: str, search: RowSearch = EVERY) -> tuple[str, ...]:
    """The ids of all open rows of a kind, at most as many as one download holds."""
    with open_warehouse(settings) as connection:
        key = list(load_contracts()[entity].key[:1])
        rows = open_rows.page(connection, entity, key, search, DOWNLOADED_ROWS)
    return tuple(row["_row_id"] for row in rows)


def failing_column(page: OpenRowsPage) -> str | None:
    """The column that most rows of a page fail in and a steward may correct; None where there is
    none.
    """
    failing = {
        name: sum(map(bool, page.rows[f"{name}{WHY}"]))
        for name in page.editable
        if f"{name}{WHY}" in page.rows
    }
    return max(failing, key=lambda name: failing[name]) if failing else None


def failing_value(page: OpenRowsPage, column: str) -> str | None:
    """What stands most often in the cells of a column that fail on a page, '' for nothing; None
    where no cell fails or the cells are masked.
    """
    if f"{column}{WHY}" not in page.rows or column in page.masked:
        return None
    cells = page.rows.loc[page.rows[f"{column}{WHY}"].map(bool), column]
    return max(texts := cells.fillna("").tolist(), key=texts.count)


def searchable(entity: str) -> tuple[str, ...]:
    """Columns of a source that are not masked on screen."""
    return tuple(
        name for name in load_contracts()[entity].mapped if name not in masked_columns(entity)
    )


def _frame(entity: str, page: list[dict], columns: list[str], as_of: str | None) -> pd.DataFrame:
    """Masked values, and beside each column that fails in one of these rows the rules that it
    fails.
    """
    values = pd.DataFrame(
        [[row[name] for name in columns] for row in page], columns=columns, dtype=object
    )
    masked = mask_for_screen(values, f"quarantine_{entity}", as_of)
    rows = pd.DataFrame({"row_id": [row["_row_id"] for row in page]})
    for name in columns:
        rows[name] = masked[name]
        why = [[rule["rule"] for rule in _failed(row) if rule["column"] == name] for row in page]
        if any(why):
            rows[f"{name}{WHY}"] = why
    rows["reasons"] = [
        [
            f"{rule['column']}: {rule['rule']}" if rule["column"] else rule["rule"]
            for rule in _failed(row)
        ]
        for row in page
    ]
    return rows


def _failed(row: Mapping) -> list[dict]:
    return [rule for rule in json.loads(row["_failed"]) if rule["action"] == "quarantine"]


def _suggested(suggestion: Suggestion | None) -> str | None:
    return (
        f"{suggestion.column} → {suggestion.new} ({suggestion.confidence:.0%})"
        if suggestion
        else None
    )


def _decided(row_ids: Iterable[str], waiting: Iterable[dict]) -> list[str | None]:
    """What was decided on each row and waits for the build: `Ada: npi corrected`."""
    kinds = {"correct": "corrected", "waive": "waived", "reject": "rejected"}
    lines: dict[str, list[str]] = {}
    for decision in waiting:
        what = (
            f"{decision['column_name'] or decision['rule_id'] or 'row'} {kinds[decision['kind']]}"
        )
        lines.setdefault(decision["row_id"], []).append(f"{decision['author']}: {what}")
    return [
        "; ".join(dict.fromkeys(lines[row_id])) if row_id in lines else None for row_id in row_ids
    ]


def editable_columns(entity: str, columns: list[str]) -> tuple[str, ...]:
    """Those of these columns of a source that a steward may correct: delivered, not derived."""
    return tuple(
        column.name
        for column in load_contracts()[entity].columns
        if column.delivered and column.name in columns
    )


def masked_columns(entity: str) -> dict[str, str]:
    """Columns of a source that are masked on screen, with their privacy classes."""
    return sensitive_columns(f"quarantine_{entity}")


def _holding_rules(entity: str) -> dict[str, Rule]:
    """Name of a rule -> the rule of one source that holds rows back."""
    return {
        rule.name: rule for rule in load_contracts()[entity].rules if rule.action == "quarantine"
    }
