"""What people and scripts touch: pages, the command line, answers and exit codes, in Markdown."""

from collections.abc import Iterator
from dataclasses import fields

import click

from docs.making.marked import table
from pipeline import errors
from pipeline.cli.main import command_line as command_line_group
from pipeline.declared.screens import load_screens
from pipeline.features.drift import FeatureDrift
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.results import LayerResult, RunResult, SelectionResult
from pipeline.quality.date_orders import DateOrderSuggestion
from pipeline.quality.held_back import HoldsBack
from pipeline.quality.ledger import LedgerRow
from pipeline.quality.quarantine import OpenRow
from pipeline.quality.rule_results import RuleResult
from pipeline.quality.suggestions import Suggestion
from pipeline.services.access.actors import ROLES
from pipeline.services.access.roles import (
    ADMINISTER,
    ALLOWED,
    DECIDE,
    EXPORT,
    OPERATE,
    REVEAL,
    SEE,
    WORK,
)
from pipeline.services.features.drift import TableDrift
from pipeline.services.run.status import LayerStatus, Status, TableStatus
from pipeline.services.tables.trace import TraceStep

ANSWERS = (
    ("`run`, `build`", RunResult),
    ("one of `layers`", LayerResult),
    ("one of `ledger`", LedgerRow),
    ("one of `rules`", RuleResult),
    ("`selection`", SelectionResult),
    ("`ingest`: one of `loads`", LoadResult),
    ("`quarantine list`: one of `rows`", OpenRow),
    ("its `holds_back`", HoldsBack),
    ("`quarantine suggestions`: one of `suggestions`", Suggestion),
    ("`quarantine suggestions`: one of `date_orders`", DateOrderSuggestion),
    ("`trace`: one of `steps`", TraceStep),
    ("`status`", Status),
    ("`status`: one of `layers`", LayerStatus),
    ("`status`: one of `tables`", TableStatus),
    ("`features drift`: one of `tables`", TableDrift),
    ("one of its `features`", FeatureDrift),
)
OUTCOMES = (
    errors.PipelineError,
    errors.InputRefused,
    errors.RunFailed,
    errors.HeldByGate,
    errors.NothingNew,
    errors.RunCancelled,
    errors.PipelineBusy,
)


def pages() -> str:
    """The menu as a table."""
    return table(
        ("menu", "page", "what it shows", "script"),
        [
            (screen.section, f"**{screen.title}**", screen.purpose, f"`{screen.script}`")
            for screen in load_screens()
        ],
    )


def verbs(
    group: click.Group = command_line_group, before: str = ""
) -> Iterator[tuple[str, click.Command]]:
    """Every verb with its declaration, verbs of verbs included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from verbs(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def command_line() -> str:
    """Every verb: what it takes and what it does."""
    rows = []
    for name, command in verbs():
        takes = [_usage(parameter) for parameter in command.params if parameter.opts != ["--json"]]
        rows.append((f"`{' '.join([name, *takes])}`", command.help.split("\n\n")[0]))
    return table(("verb", "does"), rows)


def _usage(parameter: click.Parameter) -> str:
    choices = getattr(parameter.type, "choices", None)
    shown = "|".join(choices) if choices else parameter.metavar
    if isinstance(parameter, click.Argument):
        text = f"{shown} ..." if parameter.nargs == -1 else shown
    else:
        text = parameter.opts[0] if parameter.is_flag else f"{parameter.opts[0]} {shown}"
    return text if parameter.required else f"[{text}]"


def answers() -> str:
    """The keys of each JSON answer, from the records that are printed."""
    return table(
        ("answer", "keys"),
        [
            (name, ", ".join(f"`{field.name}`" for field in fields(record)))
            for name, record in ANSWERS
        ],
    )


def exit_codes() -> str:
    """Exit codes by error."""
    rows = [(0, "done; quarantined rows are no failure", "")]
    for code in sorted({outcome.exit_code for outcome in OUTCOMES}):
        kinds = [
            outcome
            for outcome in OUTCOMES
            if outcome.exit_code == code and outcome is not errors.PipelineError
        ]
        rows.append(
            (
                code,
                " ".join(kind.__doc__.strip() for kind in kinds),
                ", ".join(f"`{kind.__name__}`" for kind in kinds),
            )
        )
    return table(("code", "meaning", "error"), rows)


def roles() -> str:
    """What each role may do."""
    means = {
        SEE: "see the pages, masked as for everybody",
        WORK: "see rows that wait as they were delivered, where no column masks them, and words of files",
        EXPORT: "write tables to files",
        REVEAL: "see masked values of a table for a few minutes, where the setting allows it",
        DECIDE: "correct, waive, reject, take back, release, approve, state an order of dates",
        OPERATE: "load, build, cancel, undo, judge dropped files",
        ADMINISTER: "back the home up and restore it, purge loads",
    }
    lines = [f"| may | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    for action, allowed in ALLOWED.items():
        marks = " | ".join("yes" if role in allowed else "" for role in ROLES)
        lines.append(f"| {means[action]} | {marks} |")
    return "\n".join(lines)
