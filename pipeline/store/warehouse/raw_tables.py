"""Delivered rows as text, one relation a source, and the lines that are no row. Append-only.

The cells of a source stand in `ops_delivered_<source>`, and beside them only the number of the load
and that of the line. What else readers want to know about a row (`_row_id`, `_load_id`,
`_source_file`, `_source_row_number`, `_loaded_at`) follows from the two in the view
`raw_<source>`. The rows of a load stand one after another, and `ops_loads` says from which to
which: so a load is found without an index.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pipeline.store.sqlite.statements import quoted

LINEAGE = ("_extra", "_load", "_line")
#: Rows of an insert statement, and values that SQLite takes in one.
ROWS_AT_ONCE, MOST_VALUES = (160, 12), 32_000

REJECTS = """create table if not exists raw_rejects (
    _load_id text not null, _source_file text not null, _source_row_number integer not null,
    raw_line text, reason text not null, entity text not null, _loaded_at text not null)"""


def create(connection: sqlite3.Connection, raw_columns: Mapping[str, Sequence[str]]) -> None:
    """Create what is missing: raw_rejects and the relations of each source (name of its view ->
    delivered columns); adds columns that are new, and moves the rows of a table of an older
    version.
    """
    connection.execute(REJECTS)
    connection.execute("create index if not exists ix_raw_rejects__load on raw_rejects (_load_id)")
    for raw, columns in raw_columns.items():
        create_source(connection, raw, columns)


def create_source(
    connection: sqlite3.Connection, raw: str, columns: Sequence[str], schema: str = "main"
) -> None:
    """The table of one source and the view over it, in the file or (`temp`) for one connection."""
    table, at = quoted(table_of(raw)), quoted(schema)
    kind = connection.execute(
        "select type from pragma_table_list(?) where schema = ?", (raw, schema)
    ).fetchone()
    cells = ", ".join(f"{quoted(column)} text" for column in columns)
    connection.execute(
        f"create table if not exists {at}.{table} "
        f"({cells}, _extra text, _load integer not null, _line integer not null)"
    )
    present = _columns(connection, table_of(raw), schema)
    old = _columns(connection, raw, schema) if kind == ("table",) else []
    delivered_before = [name for name in old if not name.startswith("_")]
    for column in dict.fromkeys([*columns, *delivered_before]):
        if column not in present:
            connection.execute(f"alter table {at}.{table} add column {quoted(column)} text")
            present.append(column)
    if old:
        _move(connection, raw, [*delivered_before, "_extra"])
    view = view_statement(raw, [name for name in present if name not in LINEAGE], schema)
    if kind is None or old or _standing(connection, raw, schema) != view:
        connection.execute(f"drop view if exists {at}.{quoted(raw)}")
        connection.execute(view)


def table_of(raw: str) -> str:
    """The table that holds the cells of a raw relation."""
    return f"ops_delivered_{raw.removeprefix('raw_')}"


def view_statement(raw: str, columns: Sequence[str], schema: str = "main") -> str:
    """The view of a source. It passes the numbers of its rows on.

    The plus sign keeps SQLite from looking for the load of a row the wrong way round, through an
    index that it would make for every query.
    """
    cells = ", ".join(f"cells.{quoted(column)}" for column in columns)
    return (
        f"CREATE VIEW {quoted(schema) + '.' if schema != 'main' else ''}{quoted(raw)} as select {cells}, cells._extra, "
        "loads.load_id || '-' || cells._line as _row_id, loads.load_id as _load_id, "
        "loads.source_file as _source_file, cells._line as _source_row_number, "
        "loads.loaded_at as _loaded_at, cells.rowid as rowid "
        f"from {quoted(table_of(raw))} as cells left join ops_loads as loads "
        "on loads.load_seq = +cells._load and cells.rowid between loads.first_row and loads.last_row"
    )


def last_row(connection: sqlite3.Connection, raw: str) -> int:
    """Number of the last row of a source, 0 before the first."""
    statement = f"select coalesce(max(rowid), 0) from {quoted(table_of(raw))}"
    return connection.execute(statement).fetchone()[0]


def insert(
    connection: sqlite3.Connection,
    raw: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    load_seq: int,
) -> None:
    """Append rows; each is the delivered cells in the order of `columns`, then `_extra`, then the
    physical line.
    """
    names = ", ".join(quoted(column) for column in columns)
    places = ", ".join("?" * (len(columns) + 1))
    connection.executemany(
        f"insert into {quoted(table_of(raw))} ({names}, _extra, _line, _load) "
        f"values ({places}, ?, {int(load_seq)})",
        rows,
    )


def append(
    connection: sqlite3.Connection,
    raw: str,
    columns: Sequence[str],
    cells: Sequence[Any],
    load_seq: int,
    first_line: int,
) -> None:
    """Append rows that stand on consecutive lines: their cells one after another, a row in the
    order of `columns`.

    One statement takes many rows, which is what makes it twice as fast as `insert`.
    """
    width = len(columns)
    table, columns, start = quoted(table_of(raw)), tuple(columns), 0
    for rows in (*ROWS_AT_ONCE, 1):
        statement, step = _statement(table, columns, rows), rows * width
        while start + step <= len(cells) and step <= MOST_VALUES:
            line = first_line + start // width
            connection.execute(statement, [*cells[start : start + step], load_seq, line])
            start += step


@cache
def _statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    """An insert statement; its values: the cells of `rows` rows, the load, the first line."""
    width = len(columns)
    load, line = rows * width + 1, rows * width + 2
    values = ", ".join(
        f"({', '.join(f'?{row * width + at + 1}' for at in range(width))}, ?{load}, ?{line} + {row})"
        for row in range(rows)
    )
    return f"insert into {table} ({', '.join(map(quoted, columns))}, _load, _line) values {values}"


def insert_rejects(
    connection: sqlite3.Connection,
    rejects: Iterable[tuple[int, str, str]],
    entity: str,
    load_id: str,
    source_file: str,
    loaded_at: str,
) -> None:
    """Append lines that are no row; each is (physical line, the line as it came, reason)."""
    connection.executemany(
        "insert into raw_rejects (_source_row_number, raw_line, reason, entity, _load_id, _source_file, _loaded_at) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        (
            (line, text, reason, entity, load_id, source_file, loaded_at)
            for line, text, reason in rejects
        ),
    )


def of_load(
    connection: sqlite3.Connection,
    raw: str,
    columns: Sequence[str],
    load: Mapping[str, Any],
    limit: int,
) -> sqlite3.Cursor:
    """The first rows of a load of the warehouse, as `insert` takes them."""
    names = ", ".join(quoted(column) for column in columns)
    return connection.execute(
        f"select {names}, _extra, _line from main.{quoted(table_of(raw))} "
        "where rowid between ? and ? order by rowid limit ?",
        (load["first_row"], load["last_row"], limit),
    )


def rejects(connection: sqlite3.Connection, load_id: str) -> list[tuple[int, str]]:
    """The lines of a load that are no row, each with why; not what stands in them."""
    return connection.execute(
        "select _source_row_number, reason from raw_rejects where _load_id = ? order by 1",
        (load_id,),
    ).fetchall()


def _columns(connection: sqlite3.Connection, name: str, schema: str) -> list[str]:
    statement = "select name from pragma_table_info(?, ?)"
    return [column for (column,) in connection.execute(statement, (name, schema))]


def _standing(connection: sqlite3.Connection, view: str, schema: str) -> str:
    master = "sqlite_temp_master" if schema == "temp" else "sqlite_master"
    found = connection.execute(f"select sql from {master} where name = ?", (view,)).fetchone()
    return found[0] if found else ""


def _move(connection: sqlite3.Connection, raw: str, columns: Sequence[str]) -> None:
    """Take over the rows of a raw table of an older version, which said of each row all that the
    view now says, and drop it.
    """
    names = ", ".join(quoted(column) for column in columns)
    table = quoted(table_of(raw))
    connection.execute(
        f"insert into {table} ({names}, _load, _line) "
        f"select {names}, loads.load_seq, cast(_source_row_number as integer) "
        f"from {quoted(raw)} as wide left join ops_loads as loads on loads.load_id = wide._load_id "
        "order by loads.load_seq, wide.rowid"
    )
    connection.execute(f"drop table {quoted(raw)}")
    connection.execute(
        "update ops_loads set first_row = found.first_row, last_row = found.last_row from "
        f"(select _load, min(rowid) as first_row, max(rowid) as last_row from {table} group by _load) as found "
        "where found._load = ops_loads.load_seq"
    )
