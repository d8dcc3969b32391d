"""redo, quarantine reply: bring loads back, and what goes back to their sender."""

from pathlib import Path

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, verb
from pipeline.cli.quarantine import quarantine
from pipeline.config import Settings


@verb("redo")
@click.argument("load_ids", nargs=-1, required=True, metavar="LOAD_ID")
@click.option("--dry-run", is_flag=True, help="Only say what the next build would make of them.")
def redo(settings: Settings, load_ids: tuple[str, ...], dry_run: bool) -> Answer:
    """Bring loads back that were undone; the next build takes their rows in again."""
    from pipeline.services.upload import redoing

    effect = redoing.redone(settings, *load_ids)
    told = [
        f"{source}: {text.counted(rows, 'row')} {fate}"
        for source, of_source in effect.fates.items()
        for fate, rows in of_source.items()
    ]
    if dry_run:
        unchanged = ["nothing in the tables changes"] if effect.is_untouched else []
        lines = [effect.refusal] if effect.refusal else unchanged or told
        answer = {"refusal": effect.refusal, "is_untouched": effect.is_untouched}
        return Answer(answer | {"fates": effect.fates}, tuple(lines))
    back = redoing.redo_together(settings, load_ids)
    names = [load["load_id"] for load in back]
    return Answer(
        {"load_ids": names, "fates": effect.fates},
        (*told, f"{', '.join(names)} brought back; the next build takes the rows in again"),
    )


@verb("reply", quarantine)
@click.argument("load_id", metavar="LOAD_ID")
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--by", metavar="NAME", help="Who takes it along (default: you).")
def reply(settings: Settings, load_id: str, file: str, by: str | None) -> Answer:
    """Write the workbook that tells the sender of a load what was wrong in it."""
    from pipeline.services.quarantine import audit_text, sender_file
    from pipeline.services.tables import outgoing

    outgoing.made_to_file(Path(file), sender_file.reply(settings, load_id, audit_text.author(by)))
    told = sender_file.to_reply(settings, load_id)
    return Answer(
        {"load_id": load_id, "file": file, "rows": told.rows, "lines": told.lines},
        (f"{file}: {text.counted(told.rows, 'row')} of {load_id} to correct",),
    )
