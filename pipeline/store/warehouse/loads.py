"""The list of loads: which bytes became which rows, and which loads were taken back."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records
from pipeline.store.warehouse import date_orders, load_evidence, load_origins, value_words

LOADS = """create table if not exists ops_loads (
    load_seq integer primary key autoincrement, load_id text unique, entity text not null, source_file text not null,
    sheet text, sha256 text not null, status text not null check (status in ('loaded', 'undone')),
    gate text not null default 'open' check (gate in ('open', 'held', 'released')),
    delivered_at text, loaded_at text, undone_at text, received integer, accepted integer, rejected integer,
    encoding text, delimiter text, quotechar text, line_ending text, header text, first_row integer, last_row integer,
    date_order text, brought_as text, delivery_id text, words text, redone_at text)"""


@dataclass(frozen=True)
class LoadCounts:
    """Data lines of a load: `received` = `accepted` + `rejected`."""

    accepted: int
    rejected: int

    @property
    def received(self) -> int:
        """Lines that were meant to be rows."""
        return self.accepted + self.rejected


def create(connection: sqlite3.Connection) -> None:
    """Create the list of loads and their findings where they are missing."""
    connection.execute(LOADS)
    add_columns(connection)
    date_orders.create(connection)
    value_words.create(connection)
    connection.execute(
        "create unique index if not exists ux_ops_loads__table on ops_loads "
        "(sha256, coalesce(sheet, ''), entity) where status = 'loaded' and received > 0"
    )
    for older in ("ux_ops_loads__bytes", "ux_ops_loads__rows"):
        connection.execute(f"drop index if exists {older}")
    load_evidence.create(connection)
    load_origins.create(connection)


def add_columns(connection: sqlite3.Connection, schema: str = "main") -> None:
    """Give a list of loads of an older version the columns that say which rows are a load's, in
    which order it writes day and month, which sheet of a workbook it is, which delivery of a
    connector brought it, with which files it came, what its words mean, and when it came back.
    """
    statement = "select name from pragma_table_info('ops_loads', ?)"
    present = {name for (name,) in connection.execute(statement, (schema,))}
    for column, kind in {
        "first_row": "integer",
        "last_row": "integer",
        "date_order": "text",
        "sheet": "text",
        "brought_as": "text",
        "delivery_id": "text",
        "words": "text",
        "redone_at": "text",
    }.items():
        if column not in present:
            connection.execute(f"alter table {schema}.ops_loads add column {column} {kind}")


def find_loaded(
    connection: sqlite3.Connection,
    sha256: str,
    sheet: str | None,
    entity: str,
    source_file: str,
    delivered_at: str,
) -> dict[str, Any] | None:
    """The load in force that holds these bytes (of a workbook: this sheet) for this entity, or
    None.

    Files without rows are alike in their bytes whatever they are about: such a file was loaded
    before only when it came under the same name on the same day (of `delivered_at`).
    """
    loads = records(
        connection,
        "select * from ops_loads where sha256 = ? and sheet is ? and entity = ? and status = 'loaded' and "
        "(received > 0 or source_file = ? and date(delivered_at) = date(?)) order by load_seq",
        (sha256, sheet, entity, source_file, delivered_at),
    )
    return loads[0] if loads else None


def is_known(
    connection: sqlite3.Connection, sha256: str, source_file: str, delivered_at: str
) -> bool:
    """Whether a load in force holds these bytes; for a file without rows, under the same name on
    the same day (as `find_loaded`).
    """
    return bool(
        connection.execute(
            "select exists (select 1 from ops_loads where sha256 = ? and status = 'loaded' and "
            "(received > 0 or source_file = ? and date(delivered_at) = date(?)))",
            (sha256, source_file, delivered_at),
        ).fetchone()[0]
    )


def held(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Loads in force that wait at the gate, oldest first."""
    return records(
        connection,
        "select * from ops_loads where status = 'loaded' and gate = 'held' order by load_seq",
    )


def in_force(connection: sqlite3.Connection, entity: str) -> list[dict[str, Any]]:
    """The loads of a source that were not taken back, in order of arrival."""
    return records(
        connection,
        "select load_id, source_file from ops_loads where entity = ? and status = 'loaded' "
        "order by load_seq",
        (entity,),
    )


def open_load(
    connection: sqlite3.Connection,
    entity: str,
    source_file: str,
    sha256: str,
    delivered_at: str,
    loaded_at: str,
    sheet: str | None = None,
    brought_as: str | None = None,
) -> str:
    """Record a new load inside the caller's transaction and return its id (`L00001`); `sheet` is
    that of a workbook, `brought_as` the key of a connector's delivery.
    """
    cursor = connection.execute(
        "insert into ops_loads (entity, source_file, sheet, sha256, status, delivered_at, loaded_at, brought_as) "
        "values (?, ?, ?, ?, 'loaded', ?, ?, ?)",
        (entity, source_file, sheet, sha256, delivered_at, loaded_at, brought_as),
    )
    load_id = f"L{cursor.lastrowid:05d}"
    connection.execute(
        "update ops_loads set load_id = ? where load_seq = ?", (load_id, cursor.lastrowid)
    )
    return load_id


def close_load(
    connection: sqlite3.Connection,
    load_id: str,
    counts: LoadCounts,
    shape: Mapping[str, str | None],
    header: Mapping[str, object],
    rows: tuple[int, int],
) -> None:
    """Write what the load turned out to hold; `shape` has encoding, delimiter, quotechar and
    line_ending, `rows` the numbers of its first and its last row.
    """
    connection.execute(
        "update ops_loads set received = ?, accepted = ?, rejected = ?, encoding = ?, delimiter = ?, quotechar = ?, "
        "line_ending = ?, header = ?, first_row = ?, last_row = ? where load_id = ?",
        (
            counts.received,
            counts.accepted,
            counts.rejected,
            shape["encoding"],
            shape["delimiter"],
            shape["quotechar"],
            shape["line_ending"],
            json.dumps(header),
            *rows,
            load_id,
        ),
    )


def undo(connection: sqlite3.Connection, load_id: str) -> dict[str, Any]:
    """Take a load back: its rows stay in raw, no build reads them. Returns the load as it is now.

    Raises InputRefused when there is no such load or it was undone before.
    """
    load = get(connection, load_id)
    if load["status"] == "undone":
        raise InputRefused(
            "was already taken back", load_id, "load the file again to have its rows back"
        )
    connection.execute(
        "update ops_loads set status = 'undone', undone_at = ? where load_id = ?",
        (utc_now(), load_id),
    )
    return get(connection, load_id)


def set_gate(connection: sqlite3.Connection, load_id: str, gate: str) -> None:
    """Set the batch gate of a load: `open`, `held` or `released`."""
    get(connection, load_id)
    connection.execute("update ops_loads set gate = ? where load_id = ?", (gate, load_id))


def get(connection: sqlite3.Connection, load_id: str) -> dict[str, Any]:
    """One load by its id, as a dict; raises InputRefused when there is none."""
    loads = records(connection, "select * from ops_loads where load_id = ?", (load_id,))
    if not loads:
        raise InputRefused(
            "there is no such load", load_id, "see the load history for the ids in use"
        )
    return loads[0]


def history(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every load, newest first."""
    return records(connection, "select * from ops_loads order by load_seq desc")


def digests(connection: sqlite3.Connection) -> set[str]:
    """SHA-256 of the bytes of every load, undone ones included."""
    return {sha256 for (sha256,) in connection.execute("select sha256 from ops_loads")}
