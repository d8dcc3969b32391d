"""Rows of every table and view as of the last build (`ops_table_rows`), so that no screen counts a
million rows to name them.

The counts are written in the transaction of the build, together with SQLite's schema number: any
other build makes tables anew, which changes the number, and then the counts are not believed.
"""

from collections.abc import Mapping
from sqlite3 import Connection

from pipeline.store.sqlite.statements import has_relation, quoted
from pipeline.store.warehouse.judged_loads import loads_waiting

#: Rows come to these between builds.
DELIVERED = "raw_"


def record(connection: Connection, rows: Mapping[str, int]) -> None:
    """Remember the rows of the tables, and count those of the views; call it in the transaction of
    the build, at its end.
    """
    views = [
        name
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'view' order by name"
        )
    ]
    rows = {
        **rows,
        **{
            name: connection.execute(f"select count(*) from {quoted(name)}").fetchone()[0]
            for name in views
        },
    }
    (schema,) = connection.execute("pragma schema_version").fetchone()
    connection.execute("delete from ops_table_rows")
    connection.executemany(
        "insert into ops_table_rows values (?, ?, ?)",
        [(name, count, schema) for name, count in rows.items()],
    )


def recorded(connection: Connection) -> dict[str, int]:
    """Rows by table where the last build's count still holds; what is missing must be counted."""
    if not has_relation(connection, "ops_table_rows"):
        return {}
    (schema,) = connection.execute("pragma schema_version").fetchone()
    counts = dict(
        connection.execute(
            "select table_name, rows from ops_table_rows where schema_version = ?", (schema,)
        ).fetchall()
    )
    if loads_waiting(connection):
        return {name: rows for name, rows in counts.items() if not name.startswith(DELIVERED)}
    return counts
