"""A folder that others write to."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline.connect.connector import Fetched, RemoteFile
from pipeline.connect.definition import Definition
from pipeline.connect.failures import of_one, of_the_source
from pipeline.connect.pieces import PIECE_BYTES, append


class Folder:
    """Files of a folder and below. Links that lead out of it or to a folder are not followed; what
    is no file is not opened. One entry that cannot be looked at keeps no other from coming.
    """

    shows_half_files = True

    def __init__(self, definition: Definition) -> None:
        self._root, self._address = Path(definition.address), definition.shown

    def list(self, cursor: str | None) -> Iterator[RemoteFile]:
        """Every file, folders in order of name."""
        with of_the_source(self._address):
            yield from self._below(self._root)

    def _below(self, folder: Path) -> Iterator[RemoteFile]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda each: each.name)
        except OSError as error:
            if folder == self._root:
                raise
            yield RemoteFile(f"{self._name(folder)}/", "", unread=of_one(error, self._address))
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(Path(entry.path))
            elif (file := self._entry(Path(entry.path))) is not None:
                yield file

    def _entry(self, path: Path) -> RemoteFile | None:
        """What is no folder; None for what is no file, or was taken away meanwhile."""
        if path.is_symlink() and (why := self._why_not_followed(path)):
            return RemoteFile(self._name(path), "", left_out=why)
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            return RemoteFile(self._name(path), "", unread=of_one(error, self._address))
        return self._file(path, found) if stat.S_ISREG(found.st_mode) else None

    def _why_not_followed(self, path: Path) -> str:
        try:
            is_inside = path.resolve().is_relative_to(self._root.resolve())
            is_folder = path.is_dir()
        except (OSError, RuntimeError):
            return "a link that leads nowhere"
        if not is_inside:
            return "a link out of the folder, which is not followed"
        return "a link to a folder, which is not followed" if is_folder else ""

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _file(self, path: Path, found: os.stat_result) -> RemoteFile:
        version = f"{found.st_size}.{found.st_mtime_ns}"
        return RemoteFile(self._name(path), version, found.st_size, found.st_mtime)

    def look(self, file: RemoteFile) -> RemoteFile:
        """The same file as it is now."""
        with of_the_source(self._address):
            path = self._root / file.name
            return self._file(path, path.stat())

    def fetch(self, file: RemoteFile, to: Path, cursor: str | None) -> Fetched:
        """Copy what `to` lacks."""
        with of_the_source(self._address), (self._root / file.name).open("rb") as source:
            source.seek(to.stat().st_size if to.exists() else 0)
            append(to, iter(lambda: source.read(PIECE_BYTES), b""), file.size)
        return Fetched()

    def close(self) -> None:
        """Nothing is held."""
