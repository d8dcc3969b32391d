"""backup, restore."""

from dataclasses import asdict

import click

from pipeline.cli.command import PATH, Answer, verb
from pipeline.config import Settings

MB = 1024 * 1024


@verb("backup")
@click.argument("folder", metavar="FOLDER", type=PATH)
def backup(settings: Settings, folder: str) -> Answer:
    """Copy the home into a new folder, also while a run builds."""
    from pipeline.services.settings import backup as service

    made = service.back_up(settings, folder)
    return Answer(
        asdict(made),
        (f"{len(made.files)} files, {made.bytes / MB:.1f} MB in {made.folder}",),
    )


@verb("restore")
@click.argument("folder", metavar="FOLDER", type=PATH)
def restore(settings: Settings, folder: str) -> Answer:
    """Put a backup back into an empty home; every file is compared with what was written."""
    from pipeline.services.settings import backup as service

    made = service.restore(settings, folder)
    return Answer(
        asdict(made) | {"home": str(settings.home)},
        (f"{len(made.files)} files of {made.made_at} in {settings.home}",),
    )
