"""Find rows by key and follow them down: gold row -> silver rows -> raw rows with their file and
line.
"""

from collections.abc import Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import quoted, records

ROW_LINEAGE = ("_row_id", "_load_id", "_source_file", "_source_row_number")


def column_names(connection: Connection, table: str) -> list[str]:
    """Columns of a table or view in order; empty when there is none of that name."""
    return [
        name for (name,) in connection.execute("select name from pragma_table_info(?)", (table,))
    ]


def count_matching(connection: Connection, table: str, key: Mapping[str, str]) -> int:
    """Rows of a table whose columns have these values, compared as text."""
    condition, values = _condition(connection, table, key)
    return connection.execute(
        f"select count(*) from {quoted(table)} where {condition}", values
    ).fetchone()[0]


def identifiers_of(
    connection: Connection, table: str, key: Mapping[str, str], columns: Sequence[str]
) -> dict[str, str]:
    """The values of `columns` in the first matching row, as text; empty ones are left out."""
    condition, values = _condition(connection, table, key)
    names = ", ".join(quoted(column) for column in columns)
    rows = (
        records(
            connection, f"select {names} from {quoted(table)} where {condition} limit 1", values
        )
        if columns
        else []
    )
    return (
        {name: str(value) for name, value in rows[0].items() if value is not None} if rows else {}
    )


def lineage_of(
    connection: Connection, table: str, key: Mapping[str, str], limit: int
) -> list[dict[str, Any]]:
    """Row id, load, file and physical line of the matching rows, in the order of the files."""
    condition, values = _condition(connection, table, key)
    return records(
        connection,
        f"select {', '.join(ROW_LINEAGE)} from {quoted(table)} where {condition} "
        "order by _load_id, _source_row_number, _row_id limit ?",
        [*values, limit],
    )


def decisions_on(connection: Connection, entity: str, row_id: str) -> list[dict[str, Any]]:
    """Decisions that the published build applied to one row: decision_id, kind, column_name."""
    return records(
        connection,
        "select decision_id, kind, column_name from ops_decisions where entity = ? and row_id = ? "
        "order by decision_id",
        (entity, row_id),
    )


def _condition(connection: Connection, table: str, key: Mapping[str, str]) -> tuple[str, list[str]]:
    """Columns with a type compare by it, so that an index is used and 2763840891 is found where
    2763840891.0 stands.
    """
    types = dict(
        connection.execute("select name, type from pragma_table_info(?)", (table,)).fetchall()
    )
    parts = [
        f"{quoted(column)} = ?" if types.get(column) else f"cast({quoted(column)} as text) = ?"
        for column in key
    ]
    return " and ".join(parts), list(key.values())
