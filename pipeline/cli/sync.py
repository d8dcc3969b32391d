"""sync: fetch and load what is new at connectors."""

from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, verb
from pipeline.cli.runs import wait_option
from pipeline.config import Settings
from pipeline.errors import HeldByGate, InputRefused, NothingNew, PipelineError

if TYPE_CHECKING:
    from pipeline.services.upload.connectors import Sync

FAILED = 1
#: Files that a table shows; the document has all.
SHOWN_FILES = 200


@verb("sync")
@click.argument("name", metavar="NAME", required=False)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what is new and what it is read as; load nothing (exit code 4: nothing new).",
)
@click.option("--again", is_flag=True, help="Also what was refused before.")
@click.option(
    "--enqueue", is_flag=True, help="Leave it and a build to the worker, and answer at once."
)
@click.option("--build", is_flag=True, help="Build every layer when something was loaded.")
@wait_option
def sync(
    settings: Settings, name: str | None, dry_run: bool, again: bool, enqueue: bool, build: bool
) -> Answer:
    """Fetch and load what is new at a connector, all of them by default, each delivery once."""
    from pipeline.services.run import runs
    from pipeline.services.upload import connectors as service

    names = [name] if name else [each.name for each in service.listed(settings)]
    if not names:
        raise InputRefused("there is no connector", "sync", "icon-health connectors add")
    if enqueue:
        if dry_run or again or build:
            raise InputRefused("stands alone", "--enqueue", "leave the other options away")
        for each in names:
            service.ask(settings, each)
        return Answer({"enqueued": names}, (f"left to the worker: {', '.join(names)}",))
    syncs, errors = [], []
    for each in names:
        try:
            done = (
                service.dry_run(settings, each) if dry_run else service.sync(settings, each, again)
            )
        except PipelineError as error:
            if name:
                raise
            errors.append((each, error))
            continue
        syncs.append(done)
    document: dict[str, Any] = {
        **{
            state: sum(len(done.of_state(state)) for done in syncs)
            for state in ("new", "loaded", "already_loaded", "refused", "arriving", "failed")
        },
        "gone": sum(len(done.gone) for done in syncs),
        "syncs": [service.as_document(done) for done in syncs],
        "errors": [{"connector": each, "message": error.one_line} for each, error in errors],
    }
    parts = [part for done in syncs for part in _told(done)]
    is_held = False
    if build and any(done.of_state("loaded") for done in syncs):
        result = runs.run_now(settings, verb="build")
        is_held = result.status == "held"
        document["run"] = result.as_dict()
        parts.append(f"{result.run_id} {result.status}")
    code, said = _judged(syncs, errors, dry_run)
    return Answer(document, tuple(parts), code or (HeldByGate.exit_code if is_held else 0), said)


def _told(done: "Sync") -> list[text.Part]:
    rows = [
        (
            file.file,
            file.state,
            file.bytes,
            ", ".join(file.read_as),
            ", ".join(file.load_ids),
            "; ".join(filter(None, (file.reason, *file.drift))),
        )
        for file in done.files[:SHOWN_FILES]
    ]
    more = len(done.files) - len(rows)
    gone = [f"no longer at the source, nothing is deleted here: {', '.join(done.gone[:20])}"]
    return [
        text.table(
            rows,
            ("file", "state", "bytes", "read as", "loads", "why"),
            f"{done.connector}: {text.counted(done.seen, 'file')} there, {done.known:,} delivered before",
            f"and {more:,} more, see --json" if more else "",
        ),
        *(gone if done.gone else []),
    ]


def _judged(
    syncs: list["Sync"], errors: list[tuple[str, PipelineError]], dry_run: bool
) -> tuple[int, str]:
    """The exit code, and what it is about: what failed first, then what was refused."""
    failed = [file for done in syncs for file in done.of_state("failed")]
    refused = [file for done in syncs for file in done.of_state("refused")]
    came = [file for done in syncs for file in done.of_state("loaded", "new")]
    said = [f"{each}: {error.one_line}" for each, error in errors]
    said += [f"{file.file}: {file.reason}" for file in failed]
    said += [str(file.reason) for file in refused]
    message = "; ".join(said)
    if errors:
        return errors[0][1].exit_code, message
    if failed:
        return FAILED, message
    if refused and not came:
        return InputRefused.exit_code, message
    return (NothingNew.exit_code if dry_run and not came else 0), message
