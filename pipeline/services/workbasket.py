"""The open rows of one source as a steward works on them: values masked, every reason in words, age, what they block."""

import json
from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.contracts import ENTITIES, Rule, load_contracts
from pipeline.privacy import mask_for_screen, masked_value, sensitive_columns
from pipeline.services import quarantine
from pipeline.store import result_history, warehouse_state
from pipeline.store import tables as store_tables
from pipeline.store.database import open_control, open_warehouse, warehouse_exists
from pipeline.store.tables import Filter

#: Rows on one page of the editor; more are reached by its pager, or repaired in bulk.
PAGE_ROWS = 100


@dataclass(frozen=True)
class Basket:
    """One page of open rows of one source.

    `rows` has row_id, the mapped columns (masked), reasons (list), file, line, first_seen_at, builds_open; `editable`
    names the columns that a steward may correct, `masked` those that show a mask; `rules` are those behind the reasons.
    """

    entity: str
    rows: pd.DataFrame
    total: int
    editable: tuple[str, ...]
    masked: tuple[str, ...]
    rules: tuple[Rule, ...]


def open_counts(settings: Settings) -> dict[str, int]:
    """Source -> open rows, parents before children; empty before the first build."""
    if not warehouse_exists(settings):
        return {}
    with open_warehouse(settings) as connection:
        return warehouse_state.open_quarantine(connection, ENTITIES)


def open_rules(settings: Settings, entity: str) -> dict[str, int]:
    """Rule id -> open rows of one source that fail it, most first."""
    with open_warehouse(settings) as connection:
        return warehouse_state.open_rules(connection, entity)


def basket(settings: Settings, entity: str, rule_id: str | None = None, offset: int = 0, limit: int = PAGE_ROWS) -> Basket:
    """One page of the open rows of a source, of one rule when given.

    Raises InputRefused when the source has no quarantine yet.
    """
    table = f"quarantine_{entity}"
    chosen = (Filter("rules", "contains", f'"{rule_id}"'),) if rule_id else ()
    with open_warehouse(settings) as connection:
        found = store_tables.table_page(connection, table, chosen, "_source_row_number", False, limit, offset)
        total = store_tables.row_count(connection, table, chosen)
        stamp = warehouse_state.build_stamp(connection)
    with open_control(settings) as control:
        seen = result_history.first_seen(control, entity)
    columns = [column for column in load_contracts()[entity].mapped if column in found.columns]
    rows = mask_for_screen(found[columns], table, stamp["as_of"] if stamp else None)
    rows.insert(0, "row_id", found["_row_id"])
    held = _holding_rules(entity)
    rows["reasons"] = [_reasons(text, held) for text in found["rules"]]
    rows["file"], rows["line"] = found["_source_file"], found["_source_row_number"]
    rows = rows.merge(seen, on="row_id", how="left")
    masked = tuple(column for column in columns if column in sensitive_columns(table))
    editable = tuple(column.name for column in load_contracts()[entity].columns if column.delivered and column.name in columns)
    present = dict.fromkeys(rule_id for text in found["rules"] for rule_id in json.loads(text or "[]"))
    return Basket(entity, rows, total, editable, masked, tuple(held[each] for each in present if each in held))


def trail(settings: Settings) -> pd.DataFrame:
    """The audit trail, newest first, with the old and new values of sensitive columns masked."""
    found = quarantine.audit(settings)
    as_of = _as_of(settings)
    for column in ("old_value", "new_value"):
        found[column] = [_masked(value, name, entity, as_of) for value, name, entity
                         in zip(found[column], found["column_name"], found["entity"], strict=True)]
    return found


def _masked(value: str | None, column: str | None, entity: str, as_of: str | None) -> str | None:
    is_sensitive = bool(value) and column in sensitive_columns(f"quarantine_{entity}")
    return masked_value(value, column, as_of) if is_sensitive else value


def _as_of(settings: Settings) -> str | None:
    if not warehouse_exists(settings):
        return None
    with open_warehouse(settings) as connection:
        stamp = warehouse_state.build_stamp(connection)
    return stamp["as_of"] if stamp else None


def _reasons(rules: str, held: dict[str, Rule]) -> list[str]:
    """`["PRV-01"]` -> `["NPI: PRV-01"]`: the cell that each reason concerns, then the rule."""
    return [f"{held[rule_id].column}: {rule_id}" if rule_id in held and held[rule_id].column else rule_id
            for rule_id in json.loads(rules or "[]")]


def _holding_rules(entity: str) -> dict[str, Rule]:
    """Rule id -> the rule of one source that holds rows back."""
    return {rule.rule_id: rule for rule in reversed(load_contracts()[entity].rules) if rule.action == "quarantine"}
