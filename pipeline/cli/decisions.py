"""quarantine list, suggestions, correct, waive, reject, revert, release, audit."""

from argparse import Namespace
from dataclasses import asdict

from pipeline.cli import text as cli_text
from pipeline.cli.verbs import Answer
from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.quarantine import decisions

SHOWN = 100
NEXT = "the next build applies it: icon-health build"


def list_rows(settings: Settings, arguments: Namespace) -> Answer:
    """Open rows, of one source or rule when given."""
    found = decisions.rows(settings, arguments.entity, arguments.rule)
    rows = [
        (
            each.entity,
            each.row_id,
            each.rules,
            f"{each.source_file}:{each.source_row_number}",
            each.holds_back.encounters,
            each.holds_back.paid_amount_usd,
            each.holds_back.adverse_events,
            each.holds_back.referrals,
            each.holds_back.other_rows,
        )
        for each in found[:SHOWN]
    ]
    text = cli_text.table(
        rows,
        (
            "source",
            "row",
            "rules",
            "line",
            "encounters",
            "paid USD",
            "adverse events",
            "referrals",
            "other rows",
        ),
    )
    more = (
        f"\n  ... and {len(found) - SHOWN:,} more (--entity, --rule or --json)"
        if len(found) > SHOWN
        else ""
    )
    return Answer(
        {"rows": [asdict(each) for each in found]},
        f"{cli_text.counted(len(found), 'open row')}\n{text}{more}",
    )


def suggestions(settings: Settings, arguments: Namespace) -> Answer:
    """Repairs that nobody has decided on yet."""
    found = decisions.suggestions(settings)
    blocks = [
        f"{each.entity} {each.row_id}: {each.column} {each.old or '(empty)'} -> {each.new}  (confidence {each.confidence:.0%})\n"
        + "\n".join(f"  - {reason}" for reason in each.evidence)
        for each in found
    ]
    return Answer(
        {"suggestions": [asdict(each) for each in found]}, "\n".join(blocks) or "no suggestion"
    )


def correct(settings: Settings, arguments: Namespace) -> Answer:
    """Record corrected values for one or more rows."""
    changes = dict(_assignment(text) for text in arguments.changes)
    return _recorded(
        decisions.correct(
            settings, arguments.entity, arguments.rows, changes, arguments.reason, arguments.by
        )
    )


def waive(settings: Settings, arguments: Namespace) -> Answer:
    """Record waivers."""
    return _recorded(
        decisions.waive(
            settings,
            arguments.entity,
            arguments.rows,
            arguments.reason,
            arguments.by,
            rule_id=arguments.rule,
            expires_on=arguments.until,
        )
    )


def reject(settings: Settings, arguments: Namespace) -> Answer:
    """Record rejections."""
    return _recorded(
        decisions.reject(settings, arguments.entity, arguments.rows, arguments.reason, arguments.by)
    )


def revert(settings: Settings, arguments: Namespace) -> Answer:
    """Take decisions back."""
    ids = decisions.revert_all(settings, arguments.decision_ids, arguments.reason, arguments.by)
    return Answer(
        {"correction_ids": ids, "status": "reverted"}, f"{', '.join(ids)} taken back; {NEXT}"
    )


def release(settings: Settings, arguments: Namespace) -> Answer:
    """Let a held load pass the gate."""
    from pipeline.services.upload import loads

    load = loads.release(settings, arguments.load_id, arguments.reason, arguments.by)
    return Answer(
        {"load_id": load["load_id"], "gate": load["gate"]}, f"{load['load_id']} is released; {NEXT}"
    )


def audit(settings: Settings, arguments: Namespace) -> Answer:
    """Every decision ever made."""
    trail = decisions.audit_trail(settings)
    rows = [
        (
            each["decision_id"],
            each["kind"],
            each["entity"],
            each["row_id"],
            each["rule_id"] or each["column_name"],
            each["author"],
            cli_text.moment(each["created_at"]),
            each["reason"],
            f"reverted by {each['reverted_by']}" if each["reverted_at"] else "in force",
        )
        for each in trail
    ]
    headings = (
        "decision",
        "kind",
        "source",
        "row",
        "rule or column",
        "by",
        "when",
        "reason",
        "state",
    )
    return Answer({"decisions": trail}, cli_text.table(rows, headings))


def _assignment(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals or not column.strip():
        raise InputRefused(
            f"{text!r} is no COLUMN=VALUE", "--set", "for example --set npi=1234567893"
        )
    return column.strip(), value


def _recorded(ids: list[str]) -> Answer:
    return Answer({"correction_ids": ids}, f"{', '.join(ids)} recorded; {NEXT}")
