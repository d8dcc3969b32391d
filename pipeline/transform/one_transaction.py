"""A whole dbt run as ONE SQLite transaction: write, audit, publish.

Inside `one_transaction` dbt-sqlite is handed one shared connection that already holds the write
transaction; what dbt takes for commits, rollbacks and closes does nothing. On success everything is
published by one COMMIT. After a failing model or test, a cancel or a kill the published tables are
as they were, and readers see the old state until the COMMIT.
"""

import re
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pipeline.config import Settings
from pipeline.store.sqlite.database import open_for_build, shrink_log
from pipeline.store.sqlite.fence import fenced
from pipeline.transform.conversation import ConversationRecorder, speech_of
from pipeline.transform.interrupts import uninterrupted

_LEADING_COMMENTS = re.compile(r"\A(\s|/\*.*?\*/|--[^\n]*\n)*", re.DOTALL)
#: How often, and how long after each other, a rollback is tried that was interrupted.
ROLLBACKS, PAUSE_SECONDS = 200, 0.01
_TRANSACTION_WORDS = ("begin", "commit", "rollback", "end")


class TransactionOver(sqlite3.OperationalError):
    """A statement came after the transaction of the run had ended."""


def _controls_transaction(sql: str) -> bool:
    if len(sql) > 2000:
        return False
    comments = _LEADING_COMMENTS.match(sql)
    words = sql[comments.end() if comments else 0 :].strip().rstrip(";").lower().split()
    return bool(words) and words[0] in _TRANSACTION_WORDS and len(words) <= 2


class SharedTransaction:
    """The connection of a run and the lock that keeps a straggling dbt thread out once the run has
    ended.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.RLock()
        self.is_over = False
        #: Whether the run is to be rolled back, and no statement more may begin.
        self.is_refused = False
        #: Cursors that may be in the middle of a statement.
        self.cursors: weakref.WeakSet[SharedCursor] = weakref.WeakSet()
        #: Hears every statement that dbt sends, while somebody wants to know.
        self.recorder: ConversationRecorder | None = None

    def temporary_tables(self) -> set[str]:
        """Names of the temporary tables that stand."""
        with self.lock:
            if self.is_over:
                raise TransactionOver("the transaction of this run is over")
            found = self.connection.execute(
                "select name from sqlite_temp_master where type = 'table'"
            ).fetchall()
        return {name for (name,) in found}

    def refuse(self) -> None:
        """Interrupt what runs and let no statement more in; the run will be rolled back."""
        self.is_refused = True
        self.connection.interrupt()

    def end(self, statement: str) -> None:
        """Interrupt what still runs, let nothing more in, then COMMIT or ROLLBACK and close. Raises
        what the fence of the writer raises instead of a COMMIT to which it has no right any more.
        """
        self.is_over = True
        if statement == "rollback":
            self.connection.interrupt()
        with self.lock:
            # a statement that is left in its middle keeps the interrupt alive, for the rollback too
            for cursor in list(self.cursors):
                sqlite3.Cursor.close(cursor)
            try:
                if not self.connection.in_transaction:
                    return
                if statement == "commit":
                    with fenced(self.connection):
                        self.connection.execute(statement)
                else:
                    self._roll_back()
            finally:
                self.connection.close()

    def _roll_back(self) -> None:
        """Roll back. A statement that is just being let go of keeps the interrupt alive, and then a
        rollback is interrupted as well; raises TransactionOver when that does not end.

        Another thread that lets go of a statement at that moment takes the error away: Python then
        finds none to raise and says SystemError.
        """
        for _ in range(ROLLBACKS):
            with suppress(sqlite3.OperationalError, SystemError):
                self.connection.execute("rollback")
            if not self.connection.in_transaction:
                return
            time.sleep(PAUSE_SECONDS)
        raise TransactionOver("the transaction of this run cannot be rolled back")


class SharedCursor(sqlite3.Cursor):
    """A cursor on the shared connection for which transaction control is somebody else's
    business.
    """

    shared: SharedTransaction
    _heard: list[tuple] | None = None

    def execute(self, sql: str, *parameters):
        """Run one statement inside the transaction of the run; raises TransactionOver when that has
        ended.
        """
        self._heard = None
        if _controls_transaction(sql):
            return self
        with self._inside():
            if not self.connection.in_transaction:
                raise TransactionOver("the transaction of this run is over")
            super().execute(sql, *parameters)
            if self.shared.recorder is not None:
                if speech_of(sql) == "question":
                    self._heard = super().fetchall()
                self.shared.recorder.note(sql, *parameters, rows=self._heard)
        return self

    def fetchall(self) -> list[tuple]:
        """All rows that are left, those that the recorder has heard before too."""
        if self._heard is None:
            with self._inside():
                return super().fetchall()
        rows, self._heard = self._heard, []
        return rows

    def fetchmany(self, size: int | None = 1) -> list[tuple]:
        """The next rows, as `fetchall`."""
        if self._heard is None:
            with self._inside():
                return super().fetchmany(size)
        rows, self._heard = self._heard[:size], self._heard[size:]
        return rows

    def fetchone(self) -> tuple | None:
        """The next row, as `fetchall`; None when none is left."""
        return next(iter(self.fetchmany(1)), None)

    def __next__(self) -> tuple:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def close(self) -> None:
        """Ends the statement; nothing once the run has ended."""
        with self.shared.lock:
            if not self.shared.is_over:
                super().close()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """A step of the statement while nobody closes the connection beneath it, which would end
        the process; raises TransactionOver when the run has ended, and where an interrupt left
        Python no error to raise (SharedTransaction._roll_back says why).
        """
        with self.shared.lock:
            if self.shared.is_over or self.shared.is_refused:
                raise TransactionOver("the transaction of this run is over")
            try:
                yield
            except SystemError as error:
                raise TransactionOver("the statement was interrupted") from error

    def executescript(self, sql: str):
        """Refused: sqlite3 would commit first."""
        raise sqlite3.NotSupportedError("a script would commit the transaction of the run")


class SharedHandle:
    """What dbt takes for a connection of its own; closing it only ends its cursors and its
    temporary tables.
    """

    def __init__(self, shared: SharedTransaction) -> None:
        self._shared = shared
        self._cursors: weakref.WeakSet[SharedCursor] = weakref.WeakSet()
        self._temporary_before = shared.temporary_tables()

    def cursor(self) -> SharedCursor:
        """A cursor on the shared connection."""
        cursor = self._shared.connection.cursor(SharedCursor)
        cursor.shared = self._shared
        self._cursors.add(cursor)
        self._shared.cursors.add(cursor)
        return cursor

    def commit(self) -> None:
        """Nothing: the run commits once, at its end."""

    def rollback(self) -> None:
        """Nothing: a run that fails is rolled back as a whole."""

    def interrupt(self) -> None:
        """Stop the statement that runs; a cancelled run is rolled back as a whole."""
        self._shared.connection.interrupt()

    def close(self) -> None:
        """End the cursors and drop the temporary tables made through this handle."""
        for cursor in list(self._cursors):
            cursor.close()
        with self._shared.lock:
            if self._shared.is_over or not self._shared.connection.in_transaction:
                return
            for name in self._shared.temporary_tables() - self._temporary_before:
                self._shared.connection.execute(f'drop table if exists temp."{name}"')


@contextmanager
def dbt_uses(shared: SharedTransaction) -> Iterator[None]:
    """Inside, dbt-sqlite gets the shared connection whenever it opens one."""
    from dbt.adapters.sqlite.connections import SQLiteConnectionManager

    def open_shared(cls, connection):
        if connection.state != "open":
            connection.handle = SharedHandle(shared)
            connection.state = "open"
        return connection

    stock_open = SQLiteConnectionManager.__dict__["open"]
    setattr(SQLiteConnectionManager, "open", classmethod(open_shared))  # noqa: B010
    try:
        yield
    finally:
        setattr(SQLiteConnectionManager, "open", stock_open)  # noqa: B010


@contextmanager
def one_transaction(settings: Settings) -> Iterator[SharedTransaction]:
    """The shared connection to the warehouse, its write transaction open; COMMIT when the block
    ends well.

    Leave the block with an exception to publish nothing. Waits up to 60 s for another writer, then
    raises sqlite3.OperationalError; raises TransactionOver when SQLite itself had to roll back
    (disk full, interrupt).
    """
    shared = SharedTransaction(open_for_build(settings))
    try:
        shared.connection.execute("begin immediate")
        yield shared
        if not shared.connection.in_transaction:
            raise TransactionOver(
                "the transaction of this run ended before its time; nothing was published"
            )
    except BaseException:
        with uninterrupted():
            shared.end("rollback")
        raise
    with uninterrupted():
        shared.end("commit")
        shrink_log(settings)
