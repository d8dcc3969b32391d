"""The command line: `icon-health [--home DIR] VERB ...`.

With `--json` stdout is exactly one JSON document; everything else goes to stderr. Exit codes: 0
done, 1 a run failed, 2 bad usage or input refused, 3 held at the gate, 4 nothing new, 75 busy, 130
cancelled.
"""

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, PROGRAM, Answer, Call, LazyVerbs
from pipeline.cli.paper import JSON_LINE, Paper
from pipeline.config import load_settings
from pipeline.errors import InputRefused, PipelineError, RunCancelled, as_pipeline_error

SECTIONS = {
    "Load and build": {
        "run": "runs.run",
        "ingest": "runs.ingest",
        "build": "runs.build",
        "undo": "runs.undo",
        "redo": "deliveries.redo",
        "purge": "purge.purge",
        "inbox": "schedule.inbox",
        "connectors": "connectors.connectors",
        "sync": "sync.sync",
        "gate": "schedule.gate",
        "stream": "stream.stream",
        "runs": "run_records.runs",
    },
    "Review": {"quarantine": "quarantine.quarantine", "audit": "audit.audit"},
    "Explore": {
        "status": "explore.status",
        "trace": "explore.trace",
        "export": "explore.export",
        "dbt-docs": "dbt_docs.dbt_docs",
    },
    "Features": {"features": "features.features"},
    "Watch": {
        "health": "watch.health",
        "metrics": "watch.metrics",
        "monitor": "watch.monitor",
        "alerts": "alerts.alerts",
    },
    "Keep": {
        "settings": "settings.settings",
        "backup": "home.backup",
        "restore": "home.restore",
        "engine": "engine.engine",
    },
    "Make data": {"generate": "generate.generate"},
    "Serve": {
        "serve": "serve.serve",
        "worker": "serve.worker",
        "login": "serve.login",
        "demo": "demo.demo",
    },
}


@click.group(
    PROGRAM,
    cls=LazyVerbs,
    sections=SECTIONS,
    no_args_is_help=False,
    subcommand_metavar="VERB ...",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='Completion in bash: eval "$(_ICON_HEALTH_COMPLETE=bash_source icon-health)"; for other '
    "shells zsh_source or fish_source.",
)
@click.option(
    "--home",
    metavar="DIR",
    type=PATH,
    help="Folder for everything a run writes (ICON_HEALTH_HOME; default data/warehouse).",
)
def command_line(home: str | None) -> None:
    """Load deliveries, build the layers, review what waits, trace and export."""


def understood(words: Sequence[str]) -> Call | int:
    """What a command line asks for, or an exit code when it only asked for help.

    Raises InputRefused for one that cannot be understood.
    """
    try:
        return command_line.main(list(words), PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        asked = context.command_path if context else PROGRAM
        message = " ".join(error.format_message().split()).rstrip(".")
        raise InputRefused(message, asked, f"{asked} --help") from error


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command line, by default that of this process; returns the exit code."""
    if argv is not None:
        return _carry_out(list(argv))
    _hear_signals()
    code = _carry_out(sys.argv[1:])
    if code == RunCancelled.exit_code:
        _leave(code)
    return code


def _carry_out(asked: list[str]) -> int:
    words = ["--json" if word == JSON_LINE else word for word in asked]
    paper = Paper(is_asked="--json" in words, is_line=JSON_LINE in asked)
    try:
        call = understood(words)
        if isinstance(call, int):
            return call
        paper.file = Path(call.out) if call.out else None
        settings = load_settings(**call.settings)
        # whatever a library prints must not stand beside the one document
        with contextlib.redirect_stdout(sys.stderr):
            answer = call.function(settings, **call.options)
        _print(paper.of(answer.document))
    except (Exception, KeyboardInterrupt) as caught:
        return _explain(caught, paper)
    if not paper.is_asked:
        _show(answer)
    if answer.error:
        print(f"error: {answer.error}", file=sys.stderr)
    return answer.exit_code


def _leave(code: int) -> None:
    """End this process at once. An interrupt leaves threads of dbt in the middle of something; what
    they do while Python takes itself down would end the process by a fault, without its exit code.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


def _hear_signals() -> None:
    """Let SIGTERM (a scheduler, docker stop) end a verb as SIGINT does: rolled back, on record,
    with an answer.

    A shell starts what it runs in the background with SIGINT ignored; yet a run is cancelled by
    that signal.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))


def _show(answer: Answer) -> None:
    """Tables in the width of a terminal; plain and aligned for a pipe, and when there are many."""
    if text.is_terminal(sys.stdout) and not text.is_long(answer.parts):
        from pipeline.cli import screen

        screen.show(answer.parts)
    else:
        _print(text.plain(answer.parts))


def _explain(caught: BaseException, paper: Paper) -> int:
    error = as_pipeline_error(caught)
    print(f"error: {error}", file=sys.stderr)
    described = {
        "what": error.what,
        "where": error.where,
        "hint": error.hint,
        "kind": type(error).__name__,
        "message": str(error),
        "exit_code": error.exit_code,
    }
    document = {**(getattr(error, "document", None) or {}), "error": described}
    try:
        _print(paper.of(document))
    except PipelineError as unwritten:
        print(f"error: {unwritten}", file=sys.stderr)
    return error.exit_code


def _print(words: str) -> None:
    if not words:
        return
    try:
        print(words, flush=True)
    except BrokenPipeError:
        # the reader (head, a closed pager) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
