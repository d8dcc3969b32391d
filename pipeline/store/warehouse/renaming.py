"""Give tables and columns of an older version the names that they have now, before a build reads
them. Values stay as they are: what features told at an earlier moment they go on telling.
"""

from collections.abc import Mapping
from sqlite3 import Connection

from pipeline.store.sqlite.statements import quoted


def rename(
    connection: Connection, tables: Mapping[str, str], columns: Mapping[str, Mapping[str, str]]
) -> None:
    """Apply `tables` (name before -> now) and `columns` (by the table's name now) where the older
    name still stands; views are left alone.
    """
    # without this SQLite refuses as long as any view reads something that is gone
    connection.execute("pragma writable_schema = on")
    try:
        standing = _tables(connection)
        for old, new in tables.items():
            if old in standing:
                change = "drop table {0}" if new in standing else "alter table {0} rename to {1}"
                connection.execute(change.format(quoted(old), quoted(new)))
                _drop_indexes_named_after(connection, old)
        for table in _tables(connection) & columns.keys():
            names = {row[1] for row in connection.execute(f"pragma table_info({quoted(table)})")}
            for old, new in columns[table].items():
                if old in names and new not in names:
                    connection.execute(
                        f"alter table {quoted(table)} rename column {quoted(old)} to {quoted(new)}"
                    )
    finally:
        connection.execute("pragma writable_schema = off")


def name_versions(connection: Connection) -> None:
    """Features of an older version kept the whole row in `row_hash`, which names the version now;
    the oldest row tells which it is, for rows are only ever added.
    """
    named = "feature_version || '.' || row_version"
    for table in sorted(_tables(connection)):
        names = {row[1] for row in connection.execute(f"pragma table_info({quoted(table)})")}
        if not {"row_hash", "feature_version", "row_version"} <= names:
            continue
        oldest = connection.execute(
            f"select row_hash is not {named} from {quoted(table)} order by rowid limit 1"
        ).fetchone()
        if oldest == (1,):
            connection.execute(f"update {quoted(table)} set row_hash = {named}")


def _drop_indexes_named_after(connection: Connection, table: str) -> None:
    """A build makes the indexes of a table under its name of now; those of before would double
    them.
    """
    names = connection.execute(
        "select name from sqlite_master where type = 'index' and name glob ?", (f"ix_{table}__*",)
    )
    for (name,) in names.fetchall():
        connection.execute(f"drop index {quoted(name)}")


def _tables(connection: Connection) -> set[str]:
    return {
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
    }
