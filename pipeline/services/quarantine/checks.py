"""What a decision may name: a source, a rule, a column to correct, existing rows, a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.declared.sources import SourceContract, load_contracts, load_delivery_rules
from pipeline.errors import InputRefused
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse.rows import current_values, unwaivable

if TYPE_CHECKING:
    pass


def contract_of(entity: str) -> SourceContract:
    contract = load_contracts().get(entity)
    if contract is None:
        raise InputRefused("unknown source", entity, f"sources: {', '.join(load_contracts())}")
    return contract


def check_rule(rule_id: str | None) -> None:
    rule_ids = {rule.rule_id for contract in load_contracts().values() for rule in contract.rules}
    rule_ids.update(rule.rule_id for rule in load_delivery_rules())
    if rule_id is not None and rule_id not in rule_ids:
        raise InputRefused("there is no such rule", rule_id, "see the rule cards for the ids")


def editable_column(contract: SourceContract, column: str) -> str:
    editable = {column.name for column in contract.columns if column.delivered}
    try:
        name = contract.mapped_name(column)
    except KeyError:
        name = ""
    if name not in editable:
        raise InputRefused(
            "not a column that can be corrected",
            f"{contract.entity}.{column}",
            f"columns: {', '.join(sorted(editable))}",
        )
    return name


def rows_that_exist(
    settings: Settings, contract: SourceContract, row_ids: Sequence[str], columns: tuple[str, ...]
) -> dict[str, dict]:
    with open_warehouse(settings) as connection:
        values = current_values(connection, contract.entity, row_ids, columns)
    for row_id in row_ids:
        if row_id not in values:
            raise InputRefused(
                "there is no such row", f"{contract.entity} {row_id}", "see: quarantine list"
            )
    return values


def check_waivable(
    settings: Settings, entity: str, row_ids: Sequence[str], rule_id: str | None
) -> None:
    """Raises InputRefused when the waiver covers a row that silver cannot hold."""
    with open_warehouse(settings) as connection:
        failures = unwaivable(connection, entity, row_ids, rule_id)
    if failures:
        row_id, rule = failures[0]
        others = f" and {len(failures) - 1} more" if len(failures) > 1 else ""
        raise InputRefused(
            "cannot be waived: silver holds no row without its key, nor a number or a date that is "
            "none",
            f"{entity} {row_id} ({rule}){others}",
            "correct the value, or reject the row",
        )


def check_day(day: str) -> None:
    try:
        is_day = date.fromisoformat(day).isoformat() == day
    except ValueError:
        is_day = False
    if not is_day:
        raise InputRefused(f"{day!r} is no day", "expires on", "write it as YYYY-MM-DD")
