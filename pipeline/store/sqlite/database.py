"""The one place that opens SQLite files.

`icon_health.db` is the warehouse and is written only under the pipeline lock; `control.db` holds
decisions and runs, `drafts.db` edits that nobody has saved yet and `inbox.db` messages of streams;
they can be written at any time. All are in WAL mode, so a reader is never blocked and never blocks.
Connections are in autocommit: wrap writes that belong together in `statements.transaction`.
"""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from pipeline.config import Settings
from pipeline.errors import InputRefused, PipelineError, as_pipeline_error
from pipeline.store.sqlite.after_commit import News
from pipeline.store.sqlite.fence import Fence, present
from pipeline.store.sqlite.home_files import create_empty, prepare_home
from pipeline.store.sqlite.migrations import migrate_drafts, migrate_inbox
from pipeline.store.sqlite.query_limit import Watch

BUSY_TIMEOUT_SECONDS = 30
BUILD_TIMEOUT_SECONDS = 60
#: A build sorts and joins more than fits in any cache; the system caches the pages of the files.
BUILD_CACHE_KIB = 64 * 1024


class _Statements(sqlite3.Cursor):
    """Refuses a statement that names what its connection keeps to itself, however that was
    learned.
    """

    def execute(self, sql: str, *parameters: Any) -> "_Statements":
        _refuse(sql, self.connection)
        return super().execute(sql, *parameters)


def _refuse(sql: str, connection: sqlite3.Connection) -> None:
    names = getattr(connection, "unspoken", ())
    if names and any(name in sql.lower() for name in names):
        raise sqlite3.DatabaseError("not authorized")


class Database(sqlite3.Connection):
    """A connection that closes itself at the end of a `with` block, and says why when a query of it
    was stopped there.
    """

    watch: Watch | None = None
    fence: Fence | None = None
    is_new: bool = False
    news: News | None = None
    #: Names in small letters that no statement may hold from here on.
    unspoken: tuple[str, ...] = ()

    @property
    def looks(self) -> int:
        """How often its watch has looked whether a query is to be stopped; 0 without one."""
        return self.watch.looks if self.watch else 0

    def cursor(  # type: ignore[override]
        self, factory: type[sqlite3.Cursor] = _Statements
    ) -> sqlite3.Cursor:
        """A cursor that knows `unspoken`."""
        return super().cursor(factory)

    def executescript(self, sql_script: str) -> sqlite3.Cursor:
        """The same as of any connection, but for scripts with an `unspoken` name."""
        _refuse(sql_script, self)
        return super().executescript(sql_script)

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """The same as of any connection, but for statements with an `unspoken` name."""
        _refuse(sql, self)
        return super().execute(sql, *parameters)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        self.close()
        if error is not None and self.watch is not None and self.watch.stopped is not None:
            raise self.watch.stopped from error
        return False


def _connect(path: Path, write: bool) -> Database:
    if write and not path.exists():
        create_empty(path)
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={'rw' if write else 'ro'}",
        uri=True,
        factory=Database,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    if not write:
        connection.execute("pragma query_only = 1")
    return connection


def open_file(path: Path, write: bool) -> Database:
    """A connection to one of the files; raises PipelineError under its name when it cannot be
    opened.
    """
    try:
        connection = _connect(path, write)
        connection.is_new = connection.execute("select count(*) from sqlite_master").fetchone() == (
            0,
        )
    except (sqlite3.DatabaseError, OSError) as error:
        raise unusable(path, error) from error
    if not write:
        connection.watch = Watch(connection)
    return connection


def unusable(path: Path, error: Exception) -> PipelineError:
    """Any error of opening a file, under the name of that file."""
    pipeline_error = as_pipeline_error(error)
    return (
        pipeline_error
        if pipeline_error is error
        else PipelineError(pipeline_error.what, path.name, pipeline_error.hint)
    )


def open_reader(path: Path) -> Database:
    """A read-only connection to one of the files, which must be there; raises PipelineError when it
    is no database.
    """
    return open_file(path, write=False)


def warehouse_exists(settings: Settings) -> bool:
    """Whether this home has a warehouse file."""
    return settings.warehouse_path.exists()


def open_warehouse(settings: Settings, write: bool = False) -> Database:
    """A connection to the published warehouse, read-only unless `write` is set (then hold the
    pipeline lock).

    Raises InputRefused when there is no warehouse to read and PipelineError when the file is no
    database.
    """
    if not write and not warehouse_exists(settings):
        raise InputRefused(
            "there is no warehouse yet",
            str(settings.home),
            "load a delivery: icon-health run",
        )
    if write:
        prepare_home(settings)
    connection = open_file(settings.warehouse_path, write)
    if write:
        connection.fence = present()
    return connection


def open_snapshot(settings: Settings) -> Database:
    """A connection whose reads all see the one state that was published at the first of them."""
    connection = open_warehouse(settings)
    connection.execute("begin")
    return connection


def open_scratch(settings: Settings) -> Database:
    """A connection that reads the published warehouse and can make temporary tables in memory,
    nothing else.
    """
    connection = open_warehouse(settings)
    connection.execute("pragma query_only = 0")
    connection.execute("pragma temp_store = memory")
    return connection


def open_drafts(settings: Settings) -> Database:
    """A connection to the edits that nobody has saved yet, always writable; creates and migrates
    the file.

    A file of its own: what a page shows is kept until something is committed to the other two, and
    a typed cell changes nothing there.
    """
    return _open_own(settings, settings.drafts_path, migrate_drafts)


def open_inbox(settings: Settings) -> Database:
    """A connection to the messages of streams, always writable; creates and migrates the file.

    A file of its own, for no message waits for a build. A commit has reached the disk.
    """
    connection = _open_own(settings, settings.inbox_path, migrate_inbox)
    connection.execute("pragma synchronous = full")
    return connection


def _open_own(
    settings: Settings, path: Path, migrate: Callable[[sqlite3.Connection], None]
) -> Database:
    prepare_home(settings)
    connection = open_file(path, write=True)
    try:
        migrate(connection)
    except (PipelineError, sqlite3.DatabaseError) as error:
        connection.close()
        raise unusable(path, error) from error
    return connection


def open_for_build(settings: Settings) -> Database:
    """The connection that one build holds: writable, patient (60 s), with a cache of bounded size.
    What a statement sorts and joins beyond that goes to files in the home that have no name.
    """
    connection = open_warehouse(settings, write=True)
    os.environ["SQLITE_TMPDIR"] = str(settings.home)
    for pragma in (
        f"busy_timeout = {BUILD_TIMEOUT_SECONDS * 1000}",
        f"cache_size = -{BUILD_CACHE_KIB}",
        "temp_store = file",
        "synchronous = normal",
    ):
        connection.execute(f"pragma {pragma}")
    return connection


def shrink_log(settings: Settings) -> bool:
    """Fold the write-ahead log into the warehouse file; False when a reader was in the way.

    SQLite does it later by itself, so a False is nothing to worry about.
    """
    with open_warehouse(settings, write=True) as connection:
        connection.execute("pragma busy_timeout = 0")
        try:
            (busy, _, _) = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        except sqlite3.OperationalError:
            return False
    return not busy
