"""Homes that are built once for all workers of a test run, and kept for the next one.

What a home holds follows from the product's files, the file that says how to make it, and the day.
While none changes, the next run takes what lies in `.pytest_cache`; nobody works there.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pipeline.config.project import PROJECT_DIR

#: What shapes a home, beside the call that makes it.
SHAPED_BY = (
    "pipeline",
    "icon_dbt",
    "data",
    "tests/factories.py",
    "tests/example_rows.py",
    "requirements.lock",
)
#: Written by runs beside those files.
NOT_SHAPING = ("__pycache__", "target", "logs", "warehouse", "inbox", ".user.yml")
#: States of the product whose homes are kept: of a few branches, not of every edit.
KEPT_STATES = 4


class HomeStore:
    """Makes each named folder once, whichever worker asks first.

    `root` is shared by all workers of all runs, `folder` belongs to one worker of this run.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root, self._folder = root, folder

    def once(self, name: str, make: Callable[[Path], object]) -> Path:
        """The folder that the function `make` makes at the path it is given: a copy that tests of
        this worker read.

        When `make` fails the folder is made anew by whoever asks next.
        """
        mine = self._folder / name
        with _lock(self._folder / f"{name}.lock"):
            if mine.exists():
                return mine
            state = self._root / _state()
            with _lock(self._root / f"{_state()}-{name}.lock"):
                kept = state / f"{name}-{_digest([Path(make.__code__.co_filename)])}"
                if not kept.exists():
                    partial = state / f"{name}.partial"
                    shutil.rmtree(partial, ignore_errors=True)
                    state.mkdir(parents=True, exist_ok=True)
                    make(partial)
                    partial.rename(kept)
                    self._prune()
                os.utime(state)
                shutil.copytree(kept, self._folder / f"{name}.partial")
            (self._folder / f"{name}.partial").rename(mine)
        return mine

    def _prune(self) -> None:
        states = sorted(
            (path for path in self._root.iterdir() if path.is_dir()),
            key=lambda path: path.stat().st_mtime,
        )
        for state in states[:-KEPT_STATES]:
            shutil.rmtree(state, ignore_errors=True)
            for lock in self._root.glob(f"{state.name}-*.lock"):
                lock.unlink(missing_ok=True)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@lru_cache(maxsize=1)
def _state() -> str:
    """A digest of the product's files, and the day: `2026-01-31-0123456789abcdef`."""
    roots = [PROJECT_DIR / root for root in SHAPED_BY]
    files = [
        file
        for root in roots
        for file in [root, *sorted(root.rglob("*"))]
        if file.is_file() and not {*file.relative_to(PROJECT_DIR).parts} & {*NOT_SHAPING}
    ]
    return f"{datetime.now(UTC).date().isoformat()}-{_digest(files)}"


def _digest(files: Iterable[Path]) -> str:
    """Sixteen hex digits of the names and bytes of files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
