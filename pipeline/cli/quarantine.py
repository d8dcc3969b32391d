"""quarantine list, suggestions, correct, waive, reject, revert, audit."""

from collections.abc import Callable
from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, one_of, source_names, verb
from pipeline.config import Settings
from pipeline.errors import InputRefused

SHOWN = 100
LIST_HEADINGS = (
    "source",
    "row",
    "rules",
    "line",
    "encounters",
    "paid USD",
    "adverse events",
    "referrals",
    "other rows",
)
NEXT = "the next build applies it: icon-health build"


@click.group(
    "quarantine",
    cls=Verbs,
    modules=("load_decisions", "causes", "recipes", "deliveries"),
    no_args_is_help=False,
    subcommand_metavar="VERB ...",
)
def quarantine() -> None:
    """Review rows that wait."""


def rows_options(row_required: bool) -> Callable:
    """The rows of one source that a decision is about."""

    def add(function: Callable) -> Callable:
        function = click.option(
            "--row", "rows", multiple=True, required=row_required, metavar="ID", help="A row."
        )(function)
        return click.option(
            "--entity",
            required=True,
            metavar="E",
            shell_complete=one_of(source_names),
            help="The source of the rows.",
        )(function)

    return add


def author_options(function: Callable) -> Callable:
    """Why, and who decides."""
    function = click.option("--by", metavar="NAME", help="Who decides (default: you).")(function)
    return click.option(
        "--reason", required=True, metavar="TEXT", help="Why; it stays with the decision."
    )(function)


@verb("list", quarantine)
@click.option(
    "--entity", metavar="E", shell_complete=one_of(source_names), help="Rows of this source."
)
@click.option("--rule", metavar="ID", help="Rows that fail this rule.")
def list_rows(settings: Settings, entity: str | None, rule: str | None) -> Answer:
    """Open rows with every reason and what they hold back."""
    from pipeline.services.quarantine import decisions

    waiting = decisions.rows(settings, entity, rule)
    rows = [
        (
            row.entity,
            row.row_id,
            row.rules,
            f"{row.source_file}:{row.source_row_number}",
            row.holds_back.encounters,
            row.holds_back.paid_amount_usd,
            row.holds_back.adverse_events,
            row.holds_back.referrals,
            row.holds_back.other_rows,
        )
        for row in waiting[:SHOWN]
    ]
    shown = text.table(
        rows,
        LIST_HEADINGS,
        text.counted(len(waiting), "open row"),
        f"... and {len(waiting) - SHOWN:,} more (--entity, --rule or --json)"
        if len(waiting) > SHOWN
        else "",
    )
    return Answer({"rows": [asdict(row) for row in waiting]}, (shown,))


@verb("suggestions", quarantine)
def suggestions(settings: Settings) -> Answer:
    """Repairs with their evidence; nothing is applied."""
    from pipeline.services.quarantine import decisions
    from pipeline.services.upload import date_order

    proposed, orders = decisions.suggestions(settings), date_order.suggestions(settings)
    blocks = [
        f"{order.entity} {order.load_id}: {order.column} of {order.source_file} is {order.words}\n"
        f"  - {order.evidence}\n  - {text.counted(order.waiting, 'open row')} would be read\n"
        f"  icon-health quarantine date-order {order.load_id} {order.date_order.lower()}"
        for order in orders
    ]
    blocks += [
        f"{repair.entity} {repair.row_id}: {repair.column} {repair.old or '(empty)'} -> {repair.new}"
        f"  (confidence {repair.confidence:.0%})\n"
        + "\n".join(f"  - {reason}" for reason in repair.evidence)
        for repair in proposed
    ]
    return Answer(
        {
            "suggestions": [asdict(repair) for repair in proposed],
            "date_orders": [asdict(order) for order in orders],
        },
        ("\n".join(blocks) or "no suggestion",),
    )


@verb("correct", quarantine)
@click.option(
    "--set",
    "changes",
    multiple=True,
    required=True,
    metavar="COL=VALUE",
    help="A column and its corrected value.",
)
@rows_options(row_required=True)
@author_options
def correct(
    settings: Settings,
    changes: tuple[str, ...],
    entity: str,
    rows: tuple[str, ...],
    reason: str,
    by: str | None,
) -> Answer:
    """Record corrected values; the next build uses them."""
    from pipeline.services.quarantine import corrections

    values = dict(_assignment(change) for change in changes)
    return _recorded(corrections.correct(settings, entity, list(rows), values, reason, by))


@verb("waive", quarantine)
@click.option("--rule", metavar="ID", help="Rule to waive (default: all rules of the row).")
@click.option("--until", metavar="DATE", help="Last day of the waiver.")
@rows_options(row_required=False)
@author_options
def waive(
    settings: Settings,
    rule: str | None,
    until: str | None,
    entity: str,
    rows: tuple[str, ...],
    reason: str,
    by: str | None,
) -> Answer:
    """Let rows pass a rule, or a whole source without --row."""
    from pipeline.services.quarantine import decisions

    return _recorded(
        decisions.waive(settings, entity, list(rows), reason, by, rule_id=rule, expires_on=until)
    )


@verb("reject", quarantine)
@rows_options(row_required=True)
@author_options
def reject(
    settings: Settings, entity: str, rows: tuple[str, ...], reason: str, by: str | None
) -> Answer:
    """Dismiss rows for good."""
    from pipeline.services.quarantine import decisions

    return _recorded(decisions.reject(settings, entity, list(rows), reason, by))


@verb("revert", quarantine)
@click.argument("decision_ids", nargs=-1, required=True, metavar="DECISION_ID")
@author_options
def revert(
    settings: Settings, decision_ids: tuple[str, ...], reason: str, by: str | None
) -> Answer:
    """Take a decision back."""
    from pipeline.services.quarantine import decisions

    ids = decisions.revert_all(settings, list(decision_ids), reason, by)
    return Answer(
        {"correction_ids": ids, "status": "reverted"}, (f"{', '.join(ids)} taken back; {NEXT}",)
    )


@verb("audit", quarantine)
def audit(settings: Settings) -> Answer:
    """Every decision ever made, newest first."""
    from pipeline.services.quarantine import decisions

    trail = decisions.audit_trail(settings)
    rows = [
        (
            decision["decision_id"],
            decision["kind"],
            decision["entity"],
            decision["row_id"],
            decision["rule_id"] or decision["column_name"],
            decision["author"],
            text.moment(decision["created_at"]),
            decision["reason"],
            f"reverted by {decision['reverted_by']}" if decision["reverted_at"] else "in force",
        )
        for decision in trail
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
    return Answer({"decisions": trail}, (text.table(rows, headings),))


def _assignment(change: str) -> tuple[str, str]:
    column, equals, value = change.partition("=")
    if not equals or not column.strip():
        raise InputRefused(
            f"{change!r} is no COLUMN=VALUE", "--set", "for example --set npi=1234567893"
        )
    return column.strip(), value


def _recorded(ids: list[str]) -> Answer:
    return Answer({"correction_ids": ids}, (f"{', '.join(ids)} recorded; {NEXT}",))
