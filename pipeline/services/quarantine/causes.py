"""Why rows wait, by cause, and what a decision on all rows of one would do, before it is made."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.privacy.masking import file_words, sensitive_columns
from pipeline.quality import causes as quality_causes
from pipeline.quality import gold_effect
from pipeline.quality import suggestions as quality_suggestions
from pipeline.quality import what_if as quality_what_if
from pipeline.quality.causes import Cause, Causes
from pipeline.quality.gold_effect import GoldEffect
from pipeline.quality.waiting_rows import GATE_KIND
from pipeline.quality.what_if import Released
from pipeline.services.access.roles import WORK, may
from pipeline.services.quarantine.shown_effect import shown_effect, told_events
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import state

__all__ = ["GATE_KIND", "Cause", "CausesNow", "Waived", "causes", "file_of", "settable", "waiver"]


@dataclass(frozen=True)
class CausesNow:
    """The causes, and the newest decision at the time of reading."""

    causes: Causes
    newest: str


@dataclass(frozen=True)
class Waived:
    """What a waiver would do: `released` rows are promoted, `staying` says how many wait on for
    which other rule; `firm` rows cannot be waived, because silver could not hold them.
    """

    released: Released
    gold: GoldEffect
    staying: dict[str, int] = field(default_factory=dict, hash=False)
    firm: int = 0


def causes(settings: Settings) -> CausesNow:
    """Every cause for which rows wait, with the names of files as a screen may show them. Cells of
    columns that are masked on screen are not told, and no cell to who does not work on rows.
    """
    if not warehouse_exists(settings):
        return CausesNow(Causes((), 0, 0), "")
    with open_control(settings) as control:
        in_force = decisions.in_force(control, utc_now()[:10])
        newest = decisions.newest(control)
    with open_warehouse(settings) as connection:
        applied = state.applied_decisions(connection)
        waiting = [each for each in in_force if each["decision_id"] not in applied]
        result = quality_causes.causes(
            connection,
            load_contracts(),
            quality_suggestions.suggestions(connection),
            {(each["entity"], each["row_id"]) for each in waiting if each["row_id"]},
            {(each["entity"], each["rule_id"]) for each in waiting if not each["row_id"]},
            told_events(connection),
        )
    return CausesNow(replace(result, causes=tuple(map(_masked, result.causes))), newest)


def _masked(cause: Cause) -> Cause:
    is_masked = cause.rule.column in sensitive_columns(f"quarantine_{cause.entity}")
    shown = replace(cause, files=tuple(dict.fromkeys(map(file_words, cause.files))))
    return replace(shown, values=()) if is_masked or not may(WORK) else shown


def waiver(settings: Settings, entity: str, rule_id: str, row_ids: tuple[str, ...]) -> Waived:
    """What a waiver of one rule in these rows would do; nothing is written."""
    contracts = load_contracts()
    with open_warehouse(settings) as connection:
        passing, staying, firm = quality_causes.passing_without(
            connection, contracts[entity], rule_id, row_ids
        )
        free = quality_what_if.set_free(connection, contracts, entity, passing)
        told = told_events(connection)
        gold = shown_effect(settings, gold_effect.of(connection, free), told.untold(free))
    return Waived(quality_what_if.released(free, told), gold, dict(staying), firm)


def settable(cause: Cause, row_ids: Collection[str]) -> str | None:
    """The column in which one value for all these rows can be right; None where there is none: the
    rule is about no delivered column, or each row needs a key of its own.
    """
    contract = load_contracts()[cause.entity]
    column = cause.rule.column
    is_delivered = any(each.name == column and each.delivered for each in contract.columns)
    is_own_key = (column,) == tuple(contract.key) and len(row_ids) > 1
    return column if is_delivered and not is_own_key else None


def file_of(source: str) -> str:
    """The name under which a source is delivered."""
    return load_contracts()[source].file_name
