"""What waits and why, repairs to suggest, and the decisions of stewards: correct, waive, reject,
take back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.quality import quarantine
from pipeline.quality import suggestions as quality_suggestions
from pipeline.quality.quarantine import OpenRow
from pipeline.quality.suggestions import Suggestion
from pipeline.services.access.delivered_cells import as_delivered
from pipeline.services.access.roles import DECIDE, WORK, may, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.control import decisions, run_results
from pipeline.store.control.control_file import open_control
from pipeline.store.control.decisions import NewDecision
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import state

if TYPE_CHECKING:
    import pandas as pd
from pipeline.services.quarantine.checks import (
    check_day,
    check_rule,
    check_waivable,
    contract_of,
    rows_that_exist,
)


def rows(
    settings: Settings, entity: str | None = None, rule: str | None = None
) -> tuple[OpenRow, ...]:
    """Open rows with every reason and what they hold back, of one source or rule when given;
    parents first.

    Raises InputRefused for a source or rule that does not exist.
    """
    contracts = [contract_of(entity)] if entity else list(load_contracts().values())
    check_rule(rule)
    if not warehouse_exists(settings):
        return ()
    with open_control(settings) as control:
        first_seen = run_results.first_seen(control)
    with open_warehouse(settings) as connection:
        suggested = {
            suggestion.row_id: suggestion.new
            for suggestion in quality_suggestions.suggestions(connection)
            if suggestion.entity == "providers"
        }
        return tuple(quarantine.open_rows(connection, contracts, first_seen, suggested, rule))


def suggestions(settings: Settings) -> tuple[Suggestion, ...]:
    """Repairs with their evidence that nobody has decided on yet; none is ever applied by itself.
    Who does not work on rows gets no evidence, and of what stands in the cell the shape.
    """
    if not warehouse_exists(settings):
        return ()
    with open_control(settings) as control:
        decided = {
            (decision["entity"], decision["row_id"], decision["column_name"])
            for decision in decisions.in_force(control, _today())
        }
    with open_warehouse(settings) as connection:
        open_suggestions = quality_suggestions.suggestions(connection)
    return tuple(
        suggestion
        if may(WORK)
        else replace(suggestion, old=as_delivered(suggestion.old), evidence=())
        for suggestion in open_suggestions
        if (suggestion.entity, suggestion.row_id, suggestion.column) not in decided
        and (suggestion.entity, suggestion.row_id, None) not in decided
    )


@needs(DECIDE)
def waive(
    settings: Settings,
    entity: str,
    row_ids: Sequence[str],
    reason: str,
    by: str | None = None,
    *,
    rule_id: str | None = None,
    expires_on: str | None = None,
    since: str | None = None,
) -> list[str]:
    """Let rows pass a rule (all their rules without `rule_id`), or every row of the source when no
    row is given.

    `expires_on` is the last ISO day of the waiver. Returns the decision ids; raises InputRefused,
    also where a row would break what silver promises: without its key, or with a number or a date
    that is none.
    """
    contract = contract_of(entity)
    if rule_id is not None and rule_id not in {rule.rule_id for rule in contract.rules}:
        raise InputRefused(
            "not a rule of this source", f"{entity} {rule_id}", "see the rule cards for its rules"
        )
    if not row_ids and rule_id is None:
        raise InputRefused(
            "says neither row nor rule",
            f"waiver of {entity}",
            "name rows with --row or a rule with --rule",
        )
    if expires_on is not None:
        check_day(expires_on)
    rows_that_exist(settings, contract, row_ids, ())
    check_waivable(settings, entity, row_ids, rule_id)
    waived: Sequence[str | None] = row_ids or [None]  # None: the whole source
    return _record(
        settings,
        [
            NewDecision(
                "waive",
                entity,
                row_id,
                audit_text.reason(reason),
                audit_text.author(by),
                rule_id=rule_id,
                expires_on=expires_on,
            )
            for row_id in waived
        ],
        since,
    )


@needs(DECIDE)
def reject(
    settings: Settings,
    entity: str,
    row_ids: Sequence[str],
    reason: str,
    by: str | None = None,
    since: str | None = None,
) -> list[str]:
    """Dismiss rows for good, with the reason; they count as rejected from the next build on. Raises
    InputRefused.
    """
    contract = contract_of(entity)
    if not row_ids:
        raise InputRefused("says no row", f"rejection in {entity}", "name rows with --row")
    rows_that_exist(settings, contract, row_ids, ())
    return _record(
        settings,
        [
            NewDecision("reject", entity, row_id, audit_text.reason(reason), audit_text.author(by))
            for row_id in row_ids
        ],
        since,
    )


def decided_since(
    settings: Settings, entity: str, row_ids: Sequence[str], since: str
) -> list[dict]:
    """Decisions in force on these rows that are newer than `since`, the newest one that somebody
    has seen ('': none).
    """
    with open_control(settings) as control:
        return decisions.decided_since(control, entity, row_ids, since)


def waiting_for_a_build(settings: Settings, decision_ids: Sequence[str]) -> list[str]:
    """Those of the decisions that are in force and that no build has applied yet."""
    applied: set[str] = set()
    if warehouse_exists(settings):
        with open_bookkeeping(settings) as connection:
            applied = state.applied_decisions(connection)
    with open_control(settings) as control:
        in_force = {each["decision_id"] for each in decisions.in_force(control, _today())}
    return [each for each in decision_ids if each in in_force - applied]


@needs(DECIDE)
def revert(settings: Settings, decision_id: str, reason: str, by: str | None = None) -> str:
    """Take a decision back from the next build on; returns its id. Raises InputRefused when none is
    in force.
    """
    return revert_all(settings, [decision_id], reason, by)[0]


@needs(DECIDE)
def revert_all(
    settings: Settings, decision_ids: Sequence[str], reason: str, by: str | None = None
) -> list[str]:
    """Take decisions back, all of them or none; returns their ids. Raises InputRefused when one is
    not in force.
    """
    ids = list(dict.fromkeys(decision_ids))
    with open_control(settings) as control:
        missing = decisions.revert_all(
            control, ids, audit_text.reason(reason), audit_text.author(by)
        )
    if missing:
        raise InputRefused(
            "there is no decision of this id in force", ", ".join(missing), "see: quarantine audit"
        )
    return ids


def audit_trail(settings: Settings) -> list[dict]:
    """Every decision ever made, newest first, reverted ones included (keys as in
    `ops_decisions`).
    """
    with open_control(settings) as control:
        return decisions.trail(control)


def audit(settings: Settings) -> pd.DataFrame:
    """The audit trail as a frame."""
    import pandas as pd

    with open_control(settings) as control:
        return pd.DataFrame(decisions.trail(control), columns=decisions.columns(control))


def _today() -> str:
    return utc_now()[:10]


def _record(settings: Settings, new: list[NewDecision], since: str | None = None) -> list[str]:
    with open_control(settings) as control:
        return decisions.record(control, new, since)
