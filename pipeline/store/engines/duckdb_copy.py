"""Copy what dbt reads, and what no build can make again, from the warehouse into a DuckDB file.

A process of its own does it: two copies of SQLite in one process undo each other's locks. DuckDB
never sees the file of SQLite; rows go through Arrow, a batch at a time.
"""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.store.sqlite.database import open_snapshot
from pipeline.store.sqlite.statements import quoted

BATCH_ROWS = 50_000
#: What an incremental build remembers of the one before; a copy begins with a full build.
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
#: A table with this column is a history: a build only adds to it.
HISTORY_COLUMN = "row_version"


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
            table: _copy_table(source, target, table, columns)
            for table, columns in _tables(source).items()
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
        if name.startswith(("raw_", "ops_"))
        and not name.startswith(DELIVERED_CELLS)
        or HISTORY_COLUMN in columns
        and kinds[name] == "table"
    }


def _copy_table(
    source: sqlite3.Connection, target: Any, table: str, columns: dict[str, str]
) -> int:
    import pyarrow

    types = {"bigint": pyarrow.int64(), "double": pyarrow.float64(), "varchar": pyarrow.string()}
    target.execute(_definition(target, table, columns))
    if table in REMEMBERED:
        return 0
    rows = 0
    for batch in _batches(source, table, columns):
        try:
            arrays = [
                pyarrow.array(values, types[kind])
                for values, kind in zip(zip(*batch, strict=True), columns.values(), strict=True)
            ]
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
            raise InputRefused(
                f"{table} holds a value that does not have the type of its column", table
            ) from None
        delivered = pyarrow.table(dict(zip(columns, arrays, strict=True)))
        target.register("delivered", delivered)
        target.execute(f"insert into {quoted(table)} select * from delivered")
        target.unregister("delivered")
        rows += len(batch)
    return rows


def _definition(target: Any, table: str, columns: dict[str, str]) -> str:
    parts = [f"{quoted(name)} {kind}" for name, kind in columns.items()]
    if table in REPLACED_BY_KEY:
        parts[0] += " primary key"
    if table == "ops_changes":
        target.execute("create sequence ops_change_ids")
        parts[0] += " default nextval('ops_change_ids')"
    return f"create table {quoted(table)} ({', '.join(parts)})"


def _batches(
    source: sqlite3.Connection, table: str, columns: dict[str, str]
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in the order in which they came."""
    cursor = source.execute(f"select {', '.join(map(quoted, columns))} from {quoted(table)}")
    while batch := cursor.fetchmany(BATCH_ROWS):
        yield [tuple(row) for row in batch]
