"""Delivered rows as text, one table a source, and the lines that are no row. Append-only."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.store.sqlite.statements import quoted

LINEAGE = ("_extra", "_row_id", "_load_id", "_source_file", "_source_row_number", "_loaded_at")

REJECTS = """create table if not exists raw_rejects (
    _load_id text not null, _source_file text not null, _source_row_number integer not null,
    raw_line text, reason text not null, entity text not null, _loaded_at text not null)"""


def create(connection: sqlite3.Connection, raw_columns: Mapping[str, Sequence[str]]) -> None:
    """Create what is missing: raw_rejects and each raw table (name -> delivered columns); adds
    columns that are new.

    `_row_id` is unique by construction (load id and physical line); an index on it would double the
    time of a load.
    """
    connection.execute(REJECTS)
    connection.execute("create index if not exists ix_raw_rejects__load on raw_rejects (_load_id)")
    for table, columns in raw_columns.items():
        delivered = ", ".join(f"{quoted(column)} text" for column in columns)
        connection.execute(
            f"create table if not exists {quoted(table)} ({delivered}, _extra text, _row_id text not null, "
            "_load_id text not null, _source_file text not null, _source_row_number integer not null, "
            "_loaded_at text not null)"
        )
        connection.execute(
            f"create index if not exists {quoted('ix_' + table + '__load')} on {quoted(table)} (_load_id)"
        )
        present = {row[1] for row in connection.execute(f"pragma table_info({quoted(table)})")}
        for column in columns:
            if column not in present:
                connection.execute(f"alter table {quoted(table)} add column {quoted(column)} text")


def insert(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    load_id: str,
    source_file: str,
    loaded_at: str,
) -> None:
    """Append rows; each is the delivered cells in the order of `columns`, then `_extra`, then the
    physical line.
    """
    names = ", ".join(quoted(column) for column in columns)
    cells = ", ".join(f"?{position}" for position in range(1, len(columns) + 2))
    line = f"?{len(columns) + 2}"
    identity, load, file, time = (
        _literal(value) for value in (f"{load_id}-", load_id, source_file, loaded_at)
    )
    connection.executemany(
        f"insert into {quoted(table)} ({names}, {', '.join(LINEAGE)}) "
        f"values ({cells}, {identity} || {line}, {load}, {file}, {line}, {time})",
        rows,
    )


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


def _literal(value: str) -> str:
    return "'" + value.replace("\0", "").replace("'", "''") + "'"
