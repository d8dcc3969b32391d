"""A table or a query of a database: what came since the last time becomes one CSV a sync.

Rows are read in the order of a cursor column, from the last value on; rows of exactly that value
that were delivered before are told by their content, so rows that share a moment are neither
repeated nor skipped. Memory holds a few hundred rows, and those of the last moment.
"""

import csv
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from pipeline.connect.connector import Fetched, RemoteFile
from pipeline.connect.definition import Definition
from pipeline.connect.failures import SourceFailed, of_the_source
from pipeline.connect.pieces import FILE_MODE
from pipeline.errors import InputRefused
from pipeline.store.sqlite.clock import now

ROWS_AT_ONCE = 500
CONNECT_SECONDS = 15
KINDS: dict[str, Any] = {
    "int": int,
    "str": str,
    "float": float,
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "UUID": UUID,
}


class Table:
    """One table or query; a delivery is what a sync reads of it."""

    shows_half_files = False

    def __init__(self, definition: Definition) -> None:
        import sqlalchemy

        self._sql = sqlalchemy
        self._definition, self._address = definition, definition.shown
        self._column = definition.options.get("cursor")
        with of_the_source(self._address):
            self._engine = sqlalchemy.create_engine(
                _url(definition), poolclass=sqlalchemy.pool.NullPool, **_arguments(definition)
            )

    def list(self, cursor: str | None) -> Iterator[RemoteFile]:
        """The one delivery that comes next; whether there are rows is told by fetching it. Raises
        SourceFailed when the table cannot be read.
        """
        with of_the_source(self._address), self._reading() as connection:
            connection.execute(self._statement(None, is_look=True)).fetchall()
            unplaced = self._unplaced(connection)
        moment = now().strftime("%Y%m%dT%H%M%SZ")
        stem = self._definition.options.get("deliver_as") or self._label
        version = f"after {cursor}" if self._column else f"at {now().isoformat()}"
        yield RemoteFile(self._label, version, deliver_as=f"{stem}_{moment}.csv")
        if unplaced:
            why = f"{unplaced:,} rows have no value of the cursor column and are not read"
            yield RemoteFile(self._label, "", left_out=why)

    @property
    def _label(self) -> str:
        return self._definition.options.get("table", self._definition.name).rpartition(".")[2]

    def look(self, file: RemoteFile) -> RemoteFile:
        """A delivery of a table is what one statement saw."""
        return file

    def fetch(self, file: RemoteFile, to: Path, cursor: str | None) -> Fetched:
        """Write the rows that came since `cursor` as CSV, anew at each attempt."""
        before = _Position.of(cursor)
        with of_the_source(self._address), self._reading() as connection:
            result = connection.execute(self._statement(before))
            names = list(result.keys())
            at = self._place(names)
            with os.fdopen(
                os.open(to, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, FILE_MODE),
                "w",
                encoding="utf-8",
                newline="",
            ) as file_of_rows:
                writer = csv.writer(file_of_rows, lineterminator="\n")
                writer.writerow(names)
                position, rows = before.copy(), 0
                for batch in result.partitions(ROWS_AT_ONCE):
                    for row in batch:
                        if at is not None and before.has(row):
                            continue
                        writer.writerow([_cell(value) for value in row])
                        rows += 1
                        if at is not None:
                            position.take(row[at], row)
                file_of_rows.flush()
                os.fsync(file_of_rows.fileno())
        return Fetched(position.as_text() if at is not None else None, rows)

    def _place(self, names: Sequence[str]) -> int | None:
        if self._column is None:
            return None
        if self._column not in names:
            raise SourceFailed(
                "does not give the cursor column", self._address, "name one of its columns"
            )
        return names.index(self._column)

    def _unplaced(self, connection: Any) -> int:
        """Rows that no position of the cursor is before or behind."""
        if self._column is None:
            return 0
        sql = self._sql
        rows = sql.select(sql.func.count()).select_from(self._rows())
        return connection.execute(rows.where(sql.column(self._column).is_(None))).scalar_one()

    def _rows(self) -> Any:
        sql = self._sql
        table, query = self._definition.options.get("table"), self._definition.options.get("query")
        if table is not None:
            schema, _, name = table.rpartition(".")
            return sql.table(name, schema=schema or None)
        return sql.text(_one_query(query or "", self._address)).columns().subquery("delivered")

    def _statement(self, before: "_Position | None", is_look: bool = False) -> Any:
        sql = self._sql
        column = sql.column(self._column) if self._column else None
        statement = sql.select(sql.text("*")).select_from(self._rows())
        if column is None:
            return statement.limit(0) if is_look else statement
        statement = statement.where(column.is_not(None))
        if before is not None and before.value is not None:
            statement = statement.where(column >= before.value)
        return statement.limit(0) if is_look else statement.order_by(column)

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """A connection that reads and cannot write, with a cursor on the server."""
        options: dict[str, Any] = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
        if self._definition.scheme == "postgresql":
            options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        with self._engine.connect().execution_options(**options) as connection:
            yield connection

    def close(self) -> None:
        """End the connections."""
        self._engine.dispose()


class _Position:
    """The last value of the cursor column that was delivered, and the rows that have it."""

    def __init__(self, value: Any = None, rows: Counter[str] | None = None) -> None:
        self.value, self._rows = value, rows or Counter()
        self._met: Counter[str] = Counter()

    @classmethod
    def of(cls, cursor: str | None) -> "_Position":
        """The position that a text tells."""
        if cursor is None:
            return cls()
        kept = json.loads(cursor)
        return cls(KINDS[kept["kind"]](kept["value"]), Counter(kept["rows"]))

    def copy(self) -> "_Position":
        """The same position, to go on from."""
        return _Position(self.value, Counter(self._rows))

    def has(self, row: Sequence[Any]) -> bool:
        """Whether a row was delivered before; of equal rows as many as were."""
        digest = _digest(row)
        self._met[digest] += 1
        return self._met[digest] <= self._rows[digest]

    def take(self, value: Any, row: Sequence[Any]) -> None:
        """Go on to a row that is delivered now."""
        if self.value is None or not _is_same(value, self.value):
            self.value, self._rows = value, Counter()
        self._rows[_digest(row)] += 1

    def as_text(self) -> str | None:
        """The position as it is stored; it holds digests of rows, no row."""
        if self.value is None:
            return None
        kind = type(self.value).__name__
        if kind not in KINDS or not _is_same(self.value, self.value):
            raise InputRefused(
                f"cannot be a cursor: its values are {kind}", "option cursor", "take another column"
            )
        is_day = isinstance(self.value, date)
        value = self.value.isoformat() if is_day else self.value
        plain = value if isinstance(value, (int, float)) else str(value)
        return json.dumps({"kind": kind, "value": plain, "rows": self._rows})


def _is_same(value: Any, other: Any) -> bool:
    """Whether a database may hold two values of a cursor for one, whatever it compares by; so a
    position is where they begin.
    """
    return _plain(value) == _plain(other)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, datetime) and value.tzinfo is not None:
        # two moments of the hour that comes twice are equal where they have the zone of a place
        with suppress(OverflowError):  # the end of all time, as some databases write "never"
            return value.astimezone(UTC)
    return value


def _digest(row: Sequence[Any]) -> str:
    """What tells rows of one moment apart; a moment is the same in every time zone."""
    told = (_plain(value) if isinstance(value, datetime) else value for value in row)
    cells = "\0".join(f"{type(value).__name__}={value}" for value in told)
    return hashlib.sha256(cells.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _cell(value: Any) -> str:
    """A value as the text that a sender would write; an empty cell for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (list, dict)):
        return json.dumps(value, default=str)
    if isinstance(value, (bytes, memoryview)):
        raise InputRefused("has a column of bytes", "table", "leave it out by a query")
    return str(value)


def _one_query(text: str, address: str) -> str:
    query = text.strip().rstrip(";").strip()
    if ";" in query or not re.match(r"(select|with)\b", query, re.IGNORECASE):
        raise InputRefused("is not one SELECT", address, "check --query")
    return query.replace(":", r"\:")


def _url(definition: Definition) -> Any:
    from sqlalchemy import URL

    parts = urlsplit(definition.address)
    if definition.scheme == "sqlite":
        path = unquote(definition.address.partition("://")[2].removeprefix("/"))
        return URL.create(
            "sqlite", database=f"file:{quote(path)}", query={"mode": "ro", "uri": "true"}
        )
    return URL.create(
        "postgresql+psycopg",
        username=definition.secret("username")
        or (unquote(parts.username) if parts.username else None),
        password=definition.secret("password"),
        host=parts.hostname,
        port=parts.port,
        database=unquote(parts.path.removeprefix("/")),
        query={"sslmode": definition.options["sslmode"]} if "sslmode" in definition.options else {},
    )


def _arguments(definition: Definition) -> dict[str, Any]:
    if definition.scheme == "sqlite":
        return {}
    return {"connect_args": {"connect_timeout": CONNECT_SECONDS}}
