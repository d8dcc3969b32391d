"""Copy what dbt reads, and what no build can make again, from the warehouse into a DuckDB file; or
bring a file that was copied and built before up to date.

A process of its own does it: two copies of SQLite in one process undo each other's locks. DuckDB
never sees the file of SQLite; rows go through Arrow, a batch at a time.

Of a history the rows of the newest build are left out: the build on DuckDB has to make them itself.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.store.sqlite.database import open_snapshot
from pipeline.store.sqlite.statements import quoted

BATCH_ROWS = 50_000
#: What an incremental build remembers of the one before. It is the memory of each engine's own
#: builds, so it is never copied.
REMEMBERED = (
    "ops_judged_loads",
    "ops_judged_decisions",
    "ops_judged_rules",
    "ops_changed_rows",
    "ops_changes",
    "ops_change_readers",
    "ops_rows_to_review",
)
#: Of these a row is replaced by its key, the first column.
REPLACED_BY_KEY = ("ops_judged_rules", "ops_change_readers")
#: The cells behind the views `raw_*`, which are copied as tables.
DELIVERED_CELLS = "ops_delivered_"
RAW = "raw_"
#: A table with these columns is a history: a build only adds to it, at a later moment than before.
HISTORY_COLUMN, MOMENT = "row_version", "event_timestamp"

Columns = Mapping[str, str]


class NoSuccessor(Exception):
    """What stands in the file is nothing that the home went on from: it has to be made anew."""


def type_in_duckdb(declared: str) -> str:
    """The type of a column, from what SQLite declares, by its rules of affinity."""
    kind = declared.lower()
    if "int" in kind:
        return "bigint"
    return "double" if any(part in kind for part in ("real", "floa", "doub")) else "varchar"


def copy_to_duckdb(settings: Settings, file: Path) -> dict[str, int]:
    """Make `file` (mode 0600, must not exist) and fill it; returns rows by table.

    Raises InputRefused for a value that does not have the type of its column.
    """
    import duckdb

    umask = os.umask(0o077)
    try:
        target = duckdb.connect(str(file))
    finally:
        os.umask(umask)
    source = open_snapshot(settings)
    try:
        return {
            table: _made(source, target, table, columns)
            for table, columns in _tables(source).items()
        }
    finally:
        source.close()
        target.close()


def update_in_duckdb(settings: Settings, file: Path) -> dict[str, int]:
    """Bring a file that was copied and built before up to what the home holds; returns the rows
    that were written, by table. Raw rows and histories are only added to, all else is replaced.

    Raises NoSuccessor, with the file half done, and InputRefused as `copy_to_duckdb`.
    """
    import duckdb

    source = open_snapshot(settings)
    target = duckdb.connect(str(file))
    try:
        tables = _tables(source)
        standing = {name: _columns_of(target, name) for name in tables}
        for name in REMEMBERED:
            if name in tables and standing[name] != tables[name]:
                raise NoSuccessor(name)
        return {
            name: _updated(source, target, name, columns, standing[name] == columns)
            for name, columns in tables.items()
            if name not in REMEMBERED
        }
    finally:
        source.close()
        target.close()


def _tables(source: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """Tables to copy -> their columns -> types in DuckDB."""
    kinds = dict(
        source.execute(
            "select name, type from sqlite_master where type in ('table', 'view')"
        ).fetchall()
    )
    tables = {
        name: {
            column: type_in_duckdb(declared)
            for _, column, declared, *_ in source.execute(f"pragma table_info({quoted(name)})")
        }
        for name in sorted(kinds)
    }
    return {
        name: columns
        for name, columns in tables.items()
        if name.startswith((RAW, "ops_"))
        and not name.startswith(DELIVERED_CELLS)
        or HISTORY_COLUMN in columns
        and kinds[name] == "table"
    }


def _columns_of(target: Any, table: str) -> dict[str, str]:
    """Columns -> types of a table of the file; empty where there is none."""
    return {
        name: kind.lower()
        for name, kind in target.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_name = ? order by ordinal_position",
            [table],
        ).fetchall()
    }


def _made(source: sqlite3.Connection, target: Any, table: str, columns: Columns) -> int:
    """Make a table anew, with all rows that belong into it."""
    target.execute(_definition(target, table, columns))
    if table in REMEMBERED:
        return 0
    if HISTORY_COLUMN in columns:
        return _insert(source, target, table, columns, f"{MOMENT} <> ?", [_newest_moment(source)])
    return _insert(source, target, table, columns)


def _updated(
    source: sqlite3.Connection, target: Any, table: str, columns: Columns, is_as_it_was: bool
) -> int:
    if table.startswith(RAW):
        if not is_as_it_was:
            raise NoSuccessor(table)
        return _raw_added(source, target, table, columns)
    if HISTORY_COLUMN in columns and is_as_it_was:
        ((last, rows),) = target.execute(
            f"select coalesce(max({MOMENT}), ''), count(*) from {quoted(table)}"
        ).fetchall()
        until = f"select count(*) from {quoted(table)} where {MOMENT} <= ?"
        if source.execute(until, [last]).fetchone()[0] == rows:
            between = [last, _newest_moment(source)]
            condition = f"{MOMENT} > ? and {MOMENT} <> ?"
            return _insert(source, target, table, columns, condition, between)
    return _made(source, target, table, columns)


def _raw_added(source: sqlite3.Connection, target: Any, table: str, columns: Columns) -> int:
    """Add the rows of the loads that the file has not; raises NoSuccessor where it has the rows of
    a load that was purged, or of another home.
    """
    known = {
        load for (load,) in target.execute(f"select distinct _load_id from {table}").fetchall()
    }
    if table == "raw_rejects":
        present = source.execute("select distinct _load_id from raw_rejects").fetchall()
    else:
        entity = table.removeprefix(RAW)
        # a purged load is still listed, without its rows
        present = source.execute(
            "select load_id from ops_loads where entity = ? and first_row is not null", [entity]
        ).fetchall()
    loads = [load for (load,) in present]
    if known - set(loads):
        raise NoSuccessor(table)
    return sum(
        _insert(source, target, table, columns, "_load_id = ?", [load])
        for load in loads
        if load not in known
    )


def _newest_moment(source: sqlite3.Connection) -> str:
    """The moment that the newest build gave its rows of histories."""
    return source.execute("select max(known_at) from ops_feature_clock").fetchone()[0] or ""


def _insert(
    source: sqlite3.Connection,
    target: Any,
    table: str,
    columns: Columns,
    condition: str = "true",
    values: Sequence[str] = (),
) -> int:
    """Add the rows of a table for which the condition holds."""
    import pyarrow

    types = {"bigint": pyarrow.int64(), "double": pyarrow.float64(), "varchar": pyarrow.string()}
    rows = 0
    for batch in _batches(source, table, columns, condition, values):
        try:
            arrays = [
                pyarrow.array(cells, types[kind])
                for cells, kind in zip(zip(*batch, strict=True), columns.values(), strict=True)
            ]
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
            raise InputRefused(
                f"{table} holds a value that does not have the type of its column", table
            ) from None
        delivered = pyarrow.table(dict(zip(columns, arrays, strict=True)))
        target.register("delivered", delivered)
        names = ", ".join(map(quoted, columns))
        target.execute(f"insert into {quoted(table)} ({names}) select * from delivered")
        target.unregister("delivered")
        rows += len(batch)
    return rows


def _definition(target: Any, table: str, columns: Columns) -> str:
    parts = [f"{quoted(name)} {kind}" for name, kind in columns.items()]
    if table in REPLACED_BY_KEY:
        parts[0] += " primary key"
    if table == "ops_changes":
        target.execute("create sequence ops_change_ids")
        parts[0] += " default nextval('ops_change_ids')"
    return f"create or replace table {quoted(table)} ({', '.join(parts)})"


def _batches(
    source: sqlite3.Connection,
    table: str,
    columns: Columns,
    condition: str,
    values: Sequence[str],
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in the order in which they came."""
    cursor = source.execute(
        f"select {', '.join(map(quoted, columns))} from {quoted(table)} where {condition}", values
    )
    while batch := cursor.fetchmany(BATCH_ROWS):
        yield [tuple(row) for row in batch]
