"""Has a database file changed? Asked of SQLite, so that a build counts as one change, at its
commit.

Size and time of the files would not do: the write-ahead log of a build grows for minutes before
anything is published.
"""

import sqlite3
import threading
from pathlib import Path

from pipeline.store.sqlite.database import open_reader

Stamp = tuple[int, int, int]
_lock = threading.Lock()
_watchers: dict[Path, tuple[tuple[int, int], sqlite3.Connection]] = {}


def stamp(path: Path) -> Stamp:
    """Differs whenever something was committed to the file since the last call, by anybody; zeros
    without a file.

    One connection a file stays open, for SQLite's number means something on one connection only. It
    is opened again when the file itself is another one or was written to, as by folding the log
    into it.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0, 0)
    file = (status.st_ino, status.st_mtime_ns)
    with _lock:
        if path not in _watchers or _watchers[path][0] != file:
            if path in _watchers:
                _watchers.pop(path)[1].close()
            _watchers[path] = (file, open_reader(path))
        ((number,),) = _watchers[path][1].execute("pragma data_version").fetchall()
    return (*file, number)
