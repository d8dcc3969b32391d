"""The last parse of each dbt project, for the next run of this process: a worker that parsed once
does not parse again while no file of the project changes.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: What dbt writes for a parse: services read the one, a later process starts from the other.
WRITTEN = ("manifest.json", "partial_parse.msgpack")
#: Folders that dbt and people write to beside the project's files.
NOT_READ = ("target", "logs")


@dataclass(frozen=True)
class Parse:
    """A manifest (dbt's own class), the files it was read from, and the folder dbt wrote it to."""

    files: str
    manifest: Any
    target_dir: Path


_parses: dict[tuple[Path, str], Parse] = {}


def remember(project_dir: Path, target: str, files: str, manifest: Any, target_dir: Path) -> None:
    """Keep a parse that was made of `files`."""
    _parses[project_dir, target] = Parse(files, manifest, target_dir)


def forget(project_dir: Path, target: str) -> None:
    """Drop a parse, as after a build that ended in the middle of a node."""
    _parses.pop((project_dir, target), None)


def recall(project_dir: Path, target: str, files: str, target_dir: Path) -> Any | None:
    """The manifest of the last parse when it was made of the same files; `target_dir` then holds
    what dbt wrote for it. None when the project must be parsed.
    """
    parse = _parses.get((project_dir, target))
    if parse is None or parse.files != files:
        return None
    if not all((parse.target_dir / name).exists() for name in WRITTEN):
        return None
    if parse.target_dir != target_dir:
        target_dir.mkdir(parents=True, exist_ok=True)
        for name in WRITTEN:
            shutil.copyfile(parse.target_dir / name, target_dir / name)
    return parse.manifest


def state_of_files(project_dir: Path) -> str:
    """A digest of path, size and time of every file that dbt reads of a project."""
    files = sorted(_states(str(project_dir), NOT_READ))
    return hashlib.sha256("\0".join(files).encode()).hexdigest()


def _states(folder: str, left_out: tuple[str, ...] = ()) -> Iterator[str]:
    """Path, size and time of every file below a folder; a build asks several times, so this is
    `os.scandir` and not `Path.rglob` (a tenth of the time).
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in left_out:
                continue
            if entry.is_dir():
                yield from _states(entry.path)
            elif entry.is_file():
                state = entry.stat()
                yield f"{entry.path}\0{state.st_size}\0{state.st_mtime_ns}"
