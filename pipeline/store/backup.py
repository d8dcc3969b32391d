"""A copy of a whole home, taken while it is in use, and put back into an empty one.

Everything in a home is copied but what can be made again. Each database is copied as of one moment:
first the control file, then the warehouse, then inbox and the files beside them. So nothing that
an older file speaks of is missing in a younger one, and a run that published in between is recorded
from what its commit left in the warehouse.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from pipeline.config import Settings
from pipeline.config.project import project_version
from pipeline.errors import InputRefused, PipelineError
from pipeline.store.control import lease
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import open_file, open_reader
from pipeline.store.sqlite.home_files import FILE_MODE, HOME_MODE

MANIFEST = "backup.json"
#: Made again by the next run, or of a process that runs now.
LEFT_OUT = ("dbt", "rules", "login", "pipeline.lock", "worker.lock", "worker.log", "stream.lock")
#: What SQLite keeps beside a database while it is open; the copy of the database holds it.
BESIDE_DATABASES = ("-wal", "-shm", "-journal")
MB = 1024 * 1024


@dataclass(frozen=True)
class BackupFile:
    """One file of a backup by its path in the home, with its size and SHA-256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Backup:
    """What a backup holds; `made_at` is UTC text, `version` that of the program that made it."""

    folder: str
    made_at: str
    version: str
    files: tuple[BackupFile, ...]

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files)


def back_up(settings: Settings, folder: Path) -> Backup:
    """Copy the home into `folder`, which must not exist or be empty; it appears whole or not at
    all.

    Raises InputRefused when there is no home, no such place or no room for it, PipelineError when a
    database of the home is damaged.
    """
    if not settings.home.is_dir():
        raise InputRefused("there is no home to back up", str(settings.home))
    if folder.resolve().is_relative_to(settings.home.resolve()):
        raise InputRefused("lies inside the home", str(folder), "choose a folder elsewhere")
    with _arriving(folder, _size(settings.home)) as partial:
        for database in _databases(settings):
            _copy_database(database, partial / database.name)
        _let_go_of_lease(partial / settings.control_path.name)
        for file in _other_files(settings):
            _copy_file(file, partial / file.relative_to(settings.home))
        backup = Backup(str(folder), utc_now(), project_version(), _described(partial))
        manifest = partial / MANIFEST
        manifest.write_text(json.dumps(asdict(backup), indent=2), encoding="utf-8")
        manifest.chmod(FILE_MODE)
    return backup


def restore(settings: Settings, folder: Path) -> Backup:
    """Put a backup into the home, which must not exist or be empty; it appears whole or not at all.

    Raises InputRefused when the folder holds no backup, a file of it is missing, changed or a link,
    or the home is in use.
    """
    backup = read(folder)
    with _arriving(settings.home, backup.bytes) as partial:
        for file in backup.files:
            copy = partial / file.path
            _copy_file(folder / file.path, copy)
            if not copy.is_file() or _sha256(copy) != file.sha256:
                raise InputRefused(
                    "is missing in the backup or not as it was", file.path, "take another backup"
                )
    return backup


def read(folder: Path) -> Backup:
    """What a folder says that it holds; raises InputRefused when it is no backup."""
    try:
        written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = tuple(_told(file) for file in written["files"])
        backup = Backup(str(folder), str(written["made_at"]), str(written["version"]), files)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputRefused("holds no backup", str(folder), f"see {MANIFEST}") from error
    if not files:
        raise InputRefused("holds no file of a home", str(folder), f"see {MANIFEST}")
    for file in files:
        if not _is_inside(file.path):
            raise InputRefused("names a file outside of the home", repr(file.path))
        lying = folder / file.path
        if lying.resolve() != folder.resolve() / file.path or not lying.is_file():
            raise InputRefused(
                "is missing in the backup, a link or no file", file.path, "take another backup"
            )
    return backup


def _told(file: dict[str, Any]) -> BackupFile:
    """One file of a manifest; raises TypeError, KeyError or ValueError for what is none."""
    path, size, sha256 = file["path"], file["bytes"], file["sha256"]
    if not isinstance(path, str) or not isinstance(sha256, str) or type(size) is not int:
        raise TypeError("a file is told by a path, bytes and a digest")
    if size < 0 or "\0" in path:
        raise ValueError("no file has such a size or such a name")
    return BackupFile(path, size, sha256)


def _is_inside(path: str) -> bool:
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts


@contextmanager
def _arriving(place: Path, needed: int) -> Iterator[Path]:
    """A folder that becomes `place` at the end of the block, or is removed when that fails;
    `needed` are the bytes that will be written.
    """
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise InputRefused("is there and not empty", str(place), "choose another folder")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place.parent).free
        partial = Path(mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
    except OSError as error:
        raise InputRefused(
            f"cannot be written: {error.strerror}", str(place), "choose another folder"
        ) from error
    try:
        if needed > free:
            raise InputRefused(
                f"needs {needed // MB + 1:,} MB, {free // MB:,} MB are free",
                str(place),
                "choose another disk",
            )
        yield partial
        os.replace(partial, place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _databases(settings: Settings) -> list[Path]:
    """Those that stand, each before the ones whose content it speaks of."""
    files = (
        settings.control_path,
        settings.drafts_path,
        settings.warehouse_path,
        settings.inbox_path,  # after the warehouse: it keeps for a day what a drain took out of it
    )
    return [file for file in files if file.exists()]


def _other_files(settings: Settings) -> Iterator[Path]:
    """Every other file that the next run could not make again."""
    databases = {file.name for file in _databases(settings)}
    of_sqlite = {name + ending for name in databases for ending in ("", *BESIDE_DATABASES)}
    for folder, _, names in os.walk(settings.home):
        for name in names:
            file = Path(folder, name)
            top = file.relative_to(settings.home).parts[0]
            if top not in LEFT_OUT and top not in of_sqlite and _is_regular(file):
                yield file


def _is_regular(file: Path) -> bool:
    """Whether a file has content of its own: no link, pipe or socket."""
    return not file.is_symlink() and file.is_file()


def _copy_database(database: Path, copy: Path) -> None:
    """One step of SQLite's own backup: one state, whatever is committed meanwhile."""
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL, FILE_MODE))
    with open_reader(database) as source:
        target = sqlite3.connect(copy)
        try:
            source.backup(target)
            (state,) = target.execute("pragma quick_check(1)").fetchone()
        finally:
            target.close()
    if state != "ok":
        raise PipelineError("is damaged", database.name, "restore an earlier backup")


def _let_go_of_lease(control: Path) -> None:
    """Nobody works on a copy, though the home may have been written when it was made."""
    if not control.exists():
        return
    with open_file(control, write=True) as connection:
        lease.forget(connection)


def _copy_file(file: Path, copy: Path) -> None:
    """A file that somebody removes meanwhile was not needed any more."""
    for folder in reversed(copy.parents):
        if not folder.exists():
            folder.mkdir(mode=HOME_MODE)
    try:
        shutil.copyfile(file, copy)
    except FileNotFoundError:
        copy.unlink(missing_ok=True)
        return
    copy.chmod(FILE_MODE)


def _described(folder: Path) -> tuple[BackupFile, ...]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return tuple(
        BackupFile(str(file.relative_to(folder)), file.stat().st_size, _sha256(file))
        for file in files
    )


def _sha256(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
