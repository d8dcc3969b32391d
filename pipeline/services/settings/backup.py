"""Copy a home, and put a copy back."""

from pathlib import Path

from pipeline.config import Settings
from pipeline.services.access.roles import ADMINISTER, needs
from pipeline.store import backup
from pipeline.store.backup import Backup

__all__ = ["Backup", "back_up", "restore"]


@needs(ADMINISTER)
def back_up(settings: Settings, folder: str | Path) -> Backup:
    """Copy the home into an empty or new folder, also while a run builds. Raises InputRefused."""
    return backup.back_up(settings, Path(folder).expanduser().resolve())


@needs(ADMINISTER)
def restore(settings: Settings, folder: str | Path) -> Backup:
    """Put a backup into the home, which must be empty or new. Raises InputRefused."""
    return backup.restore(settings, Path(folder).expanduser().resolve())
