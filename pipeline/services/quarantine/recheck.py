"""Which rules would still hold a row back if it were corrected, by the rules of the last build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.declared.sources import Rule
from pipeline.quality.recheck import still_failing
from pipeline.quality.rule_sandbox import compiled_models
from pipeline.services.quarantine import audit_text
from pipeline.store.sqlite.database import Database, open_scratch

if TYPE_CHECKING:
    pass
from pipeline.services.quarantine.checks import contract_of, editable_column


def recheck(
    settings: Settings, entity: str, row_id: str, changes: Mapping[str, str | None]
) -> list[Rule]:
    """Rules that would still hold a row back if `changes` were recorded, judged by the rules of the
    last build.

    Raises InputRefused for an unknown source, row or column.
    """
    with open_scratch(settings) as connection:
        return judge(settings, connection, entity, {row_id: changes})[row_id]


def judge(
    settings: Settings,
    connection: Database,
    entity: str,
    repairs: Mapping[str, Mapping[str, str | None]],
) -> dict[str, list[Rule]]:
    """`recheck` of many rows at once (row id -> changes), on a scratch connection that then holds
    them as judged.
    """
    contract = contract_of(entity)
    values = {
        row_id: {
            editable_column(contract, column): audit_text.value(value)
            for column, value in changes.items()
        }
        for row_id, changes in repairs.items()
    }
    failing = still_failing(connection, compiled_models(settings.dbt_dir), entity, values)
    return {
        row_id: [rule for rule in contract.rules if rule.name in {rule["name"] for rule in failed}]
        for row_id, failed in failing.items()
    }
