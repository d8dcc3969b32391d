"""Sums over whole tables as of the last build (`ops_table_sums`), so that no visit adds up a
million rows.

As with the rows of `table_rows`, a sum is written in the transaction of the build with SQLite's
schema number, and is not believed when that has changed; then the rows are added up.
"""

from sqlite3 import Connection

from pipeline.store.sqlite.statements import has_relation, quoted

#: Table and column of every sum that is kept.
SUMMED_COLUMNS = (("std_encounters", "paid_amount_usd"),)


def record(connection: Connection) -> None:
    """Remember the sums of the tables that stand; call it in the transaction of the build, at its
    end.
    """
    (schema,) = connection.execute("pragma schema_version").fetchone()
    connection.execute("delete from ops_table_sums")
    connection.executemany(
        "insert into ops_table_sums values (?, ?, ?, ?)",
        [
            (table, column, _added_up(connection, table, column), schema)
            for table, column in SUMMED_COLUMNS
            if has_relation(connection, table)
        ],
    )


def total(connection: Connection, table: str, column: str) -> float:
    """The sum of one column, 0 for a table without rows or one that is not there."""
    if not has_relation(connection, table):
        return 0.0
    if has_relation(connection, "ops_table_sums"):
        (schema,) = connection.execute("pragma schema_version").fetchone()
        row = connection.execute(
            "select total from ops_table_sums where table_name = ? and column_name = ? and schema_version = ?",
            (table, column, schema),
        ).fetchone()
        if row is not None:
            return row[0]
    return _added_up(connection, table, column)


def _added_up(connection: Connection, table: str, column: str) -> float:
    return connection.execute(
        f"select coalesce(sum({quoted(column)}), 0.0) from {quoted(table)}"
    ).fetchone()[0]
