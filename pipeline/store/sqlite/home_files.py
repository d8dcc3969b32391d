"""The folders and files of a home, for their owner alone."""

import os
import tempfile
from pathlib import Path

from pipeline.config import Settings, home_settings
from pipeline.errors import InputRefused

HOME_MODE, FILE_MODE = 0o700, home_settings.FILE_MODE


def prepare_home(settings: Settings) -> None:
    """Create the home for its owner only; raises InputRefused when it cannot be a folder that we
    write to.
    """
    try:
        for folder in (settings.home, settings.delivered_dir, settings.dbt_dir):
            folder.mkdir(mode=HOME_MODE, parents=True, exist_ok=True)
        _close_to_others(settings)
    except OSError as error:
        raise InputRefused(
            f"cannot be used as home: {error.strerror}",
            str(settings.home),
            "choose another folder with --home",
        ) from error


def _close_to_others(settings: Settings) -> None:
    """Take the rights of group and others off a home that stands: its folders, its databases with
    their logs, and the folder itself once it holds a database of ours.
    """
    databases = (
        settings.warehouse_path,
        settings.control_path,
        settings.drafts_path,
        settings.inbox_path,
    )
    standing = [path for path in databases if path.exists()]
    files = [path.with_name(path.name + end) for path in standing for end in ("", "-wal", "-shm")]
    folders = [
        settings.delivered_dir,
        settings.dbt_dir,
        settings.tray_dir,
        settings.home / "exports",
    ]
    for path in [*files, *folders, *([settings.home] if standing else [])]:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue
        if mode & 0o077:
            path.chmod(mode & 0o700)


def create_empty(path: Path) -> None:
    """An empty file for its owner only, put in place whole.

    Never open a database file but through SQLite: closing any descriptor of a file drops all locks
    that the process holds on it, and two writers at once ruin it. So the file is made elsewhere and
    linked.
    """
    descriptor, made = tempfile.mkstemp(dir=path.parent)
    os.fchmod(descriptor, FILE_MODE)
    os.close(descriptor)
    try:
        os.link(made, path)
    except FileExistsError:
        return
    finally:
        os.unlink(made)
