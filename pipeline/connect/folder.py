"""A folder that others write to."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline.connect.connector import Fetched, RemoteFile
from pipeline.connect.definition import Definition
from pipeline.connect.failures import of_the_source
from pipeline.connect.pieces import PIECE_BYTES, append


class Folder:
    """Files of a folder and below. Links that lead out of it are not followed; what is no file is
    not opened.
    """

    shows_half_files = True

    def __init__(self, definition: Definition) -> None:
        self._root, self._address = Path(definition.address), definition.shown

    def list(self, cursor: str | None) -> Iterator[RemoteFile]:
        """Every file, folders in order of name."""
        with of_the_source(self._address):
            yield from self._below(self._root)

    def _below(self, folder: Path) -> Iterator[RemoteFile]:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.is_dir(follow_symlinks=False):
                    yield from self._below(Path(entry.path))
                    continue
                try:
                    if entry.is_symlink() and not self._is_inside(entry.path):
                        continue
                    found = entry.stat()
                except FileNotFoundError:  # taken away meanwhile
                    continue
                if stat.S_ISREG(found.st_mode):
                    yield self._file(Path(entry.path), found)

    def _is_inside(self, path: str) -> bool:
        return Path(path).resolve().is_relative_to(self._root.resolve())

    def _file(self, path: Path, found: os.stat_result) -> RemoteFile:
        version = f"{found.st_size}.{found.st_mtime_ns}"
        name = path.relative_to(self._root).as_posix()
        return RemoteFile(name, version, found.st_size, found.st_mtime)

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
