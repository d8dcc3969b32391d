"""What people and scripts touch: pages, the command line, answers and exit codes, in Markdown."""

import argparse
import ast
from collections.abc import Iterator
from dataclasses import dataclass, fields

from docs.making.marked import table
from pages.widgets import menu
from pipeline import errors
from pipeline.cli.main import parser
from pipeline.config import PROJECT_DIR
from pipeline.features.drift import FeatureDrift
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.results import LayerResult, RunResult, SelectionResult
from pipeline.quality.held_back import HoldsBack
from pipeline.quality.ledger import LedgerRow
from pipeline.quality.quarantine import OpenRow
from pipeline.quality.rule_results import RuleResult
from pipeline.quality.suggestions import Suggestion
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
    errors.RunCancelled,
    errors.PipelineBusy,
)


@dataclass(frozen=True)
class Screen:
    """One entry of the menu: its heading there, its title, its script and what the script says of
    itself.
    """

    section: str
    title: str
    script: str
    answers: str


def screens() -> tuple[Screen, ...]:
    """The pages in the order of the menu."""
    return tuple(
        Screen(
            entry.section or "Start",
            entry.title,
            entry.script,
            ast.get_docstring(
                ast.parse((PROJECT_DIR / entry.script).read_text(encoding="utf-8"))
            ).split("\n\n")[0],
        )
        for entry in menu.ENTRIES
    )


def pages() -> str:
    """The menu as a table."""
    return table(
        ("menu", "page", "what it shows", "script"),
        [
            (screen.section, f"**{screen.title}**", screen.answers, f"`{screen.script}`")
            for screen in screens()
        ],
    )


def verbs(
    of: argparse.ArgumentParser | None = None, before: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every verb with its parser, verbs of verbs included."""
    for action in (of or parser())._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, verb_parser in action.choices.items():
                inner = list(verbs(verb_parser, f"{before}{name} "))
                yield from inner or [(f"{before}{name}", verb_parser)]


def command_line() -> str:
    """Every verb: what it takes and what it does."""
    rows = []
    for name, verb_parser in verbs():
        takes = [
            _usage(action) for action in verb_parser._actions if action.dest not in ("help", "json")
        ]
        rows.append((f"`{' '.join([name, *takes])}`", verb_parser.description))
    return table(("verb", "does"), rows)


def _usage(action: argparse.Action) -> str:
    value_text = action.metavar or (
        "|".join(action.choices) if action.choices else action.dest.upper()
    )
    if not action.option_strings:
        return {"*": f"[{value_text} ...]", "+": f"{value_text} ..."}.get(action.nargs, value_text)
    text = (
        action.option_strings[0]
        if action.nargs == 0
        else f"{action.option_strings[0]} {value_text}"
    )
    return text if action.required else f"[{text}]"


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
