"""inbox, gate: what a scheduler asks before and after a run."""

from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, verb
from pipeline.config import Settings
from pipeline.errors import HeldByGate, NothingNew


@verb("inbox")
@click.argument("paths", nargs=-1, required=True, metavar="PATH", type=PATH)
@click.option(
    "--settled",
    metavar="SECONDS",
    type=click.FloatRange(0),
    default=0.0,
    help="Leave files alone that were written to within so many seconds.",
)
def inbox(settings: Settings, paths: tuple[str, ...], settled: float) -> Answer:
    """What of files or folders is not loaded yet; exit code 4 when nothing is new."""
    from pipeline.services.upload import inbox as service

    files = service.look(settings, paths, settled)
    new = [file for file in files if file.state == "new"]
    rows = [(file.file, file.state, file.bytes, file.reason or "") for file in files]
    return Answer(
        {"new": len(new), "files": [asdict(file) for file in files]},
        (
            text.table(rows, ("file", "state", "bytes", "why"), "Inbox"),
            f"{text.counted(len(new), 'file')} not loaded yet",
        ),
        0 if new else NothingNew.exit_code,
    )


@verb("gate")
@click.option(
    "--at", metavar="SHARE", help="Say instead which loads would have waited at another threshold."
)
def gate(settings: Settings, at: str | None) -> Answer:
    """Loads that wait at the batch gate; exit code 3 when one does."""
    from pipeline.services.settings import effects
    from pipeline.services.upload import gate as service

    if at is not None:
        effect = effects.of(settings, "gate_threshold", at)
        of_all = f"{len(effect.then):,} of {text.counted(effect.all_of, 'load')} {effect.happens}"
        return Answer(
            {"threshold": float(effect.value), "would_wait": effect.then, "wait_now": effect.now},
            (f"at {effect.value} {of_all}: {', '.join(effect.then) or 'none'}",),
        )
    waiting = service.held_loads(settings)
    rows = [
        (load.load_id, load.source, load.file, load.received, load.held_share) for load in waiting
    ]
    if not waiting:
        return Answer({"held_loads": []}, ("no load waits at the gate",))
    return Answer(
        {"held_loads": [asdict(load) for load in waiting]},
        (
            text.table(rows, ("load", "source", "file", "received", "held share"), "Gate"),
            "let one pass with quarantine release LOAD_ID --reason TEXT, or take it out with undo",
        ),
        HeldByGate.exit_code,
    )
