"""runs list, show, wait, events: what a scheduler asks about runs that it has started."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, verb
from pipeline.cli.result_text import result_parts
from pipeline.config import Settings
from pipeline.errors import HeldByGate, PipelineBusy, RunCancelled, RunFailed

if TYPE_CHECKING:
    from pipeline.services.run.runs import Run

#: The exit code that tells how a run ended.
EXIT_CODES = {
    "succeeded": 0,
    "held": HeldByGate.exit_code,
    "failed": RunFailed.exit_code,
    "cancelled": RunCancelled.exit_code,
}


@click.group("runs", cls=Verbs, subcommand_metavar="VERB ...")
def runs() -> None:
    """List, show and await runs."""


@verb("list", runs)
@click.option("--limit", metavar="N", type=click.IntRange(1), default=20, help="How many runs.")
def list_runs(settings: Settings, limit: int) -> Answer:
    """The newest runs first."""
    from pipeline.services.run import runs as service

    records = service.listed(settings, limit)
    rows = [
        (run.run_id, run.verb, run.status, text.moment(run.requested_at), run.requested_by)
        for run in records
    ]
    return Answer(
        {"runs": [document_of(run) for run in records]},
        (text.table(rows, ("run", "verb", "status", "asked for", "by"), "Runs"),),
    )


@verb("show", runs)
@click.argument("run_id", metavar="RUN_ID")
def show(settings: Settings, run_id: str) -> Answer:
    """What one run came to."""
    from pipeline.services.run import runs as service

    return _answer(service.get(settings, run_id), exit_code=0)


@verb("wait", runs)
@click.argument("run_id", metavar="RUN_ID")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0),
    default=3600.0,
    help="Seconds after which to give up with exit code 75.",
)
def wait(settings: Settings, run_id: str, timeout: float) -> Answer:
    """Wait for the end of a run; the exit code is that of the run."""
    from pipeline.services.run import runs as service

    run = service.wait(settings, run_id, timeout)
    code = PipelineBusy.exit_code if run.is_active else EXIT_CODES[run.status]
    return _answer(run, code)


@verb("events", runs)
@click.argument("run_id", metavar="RUN_ID")
@click.option(
    "--send", is_flag=True, help="Send them (again) as the setting openlineage_file says."
)
def events(settings: Settings, run_id: str, send: bool) -> Answer:
    """What a run did, as OpenLineage events: loads, models, rows and columns with their sources."""
    from pipeline.services.run import lineage

    if send:
        sent = lineage.send(settings, run_id)
        return Answer({"sent": sent}, (f"{text.counted(sent, 'event')} sent",))
    made = lineage.events(settings, run_id)
    rows = [
        (
            each["eventTime"],
            each["eventType"],
            each["job"]["name"],
            len(each["inputs"]),
            ", ".join(output["name"] for output in each["outputs"]),
        )
        for each in made
    ]
    return Answer(
        {"events": made},
        (text.table(rows, ("time", "state", "job", "inputs", "output"), "OpenLineage events"),),
    )


def document_of(run: Run) -> dict:
    """A run as plain values, with what it came to."""
    record = {key: value for key, value in asdict(run).items() if key != "result"}
    return {**record, "duration_seconds": run.duration_seconds, **run.result}


def _answer(run: Run, exit_code: int) -> Answer:
    document = document_of(run)
    error = run.error or ""
    if run.status in ("succeeded", "held") and run.result.get("build_id"):
        return Answer(document, tuple(result_parts(document)), exit_code, error)
    return Answer(document, (f"{run.run_id} {run.status}",), exit_code, error)
