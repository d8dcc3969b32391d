"""In which rows cells are emptied before anything reads them (`masked_views`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import column_types, has_relation, quoted


@dataclass(frozen=True)
class Emptying:
    """Columns emptied where `key` is one of `hidden`, where `count` is below `least`, or (without
    both) in every row.

    With `only_where` only rows in which that column is 1 are emptied; with `versions_of` also those
    of which a newer version stands. `group` tells apart what is hidden of the same key in two ways.
    """

    columns: Sequence[str]
    only_where: str | None = None
    key: Sequence[str] = ()
    hidden: Iterable[tuple[Any, ...]] = ()
    count: str | None = None
    least: int = 0
    versions_of: Sequence[str] = ()
    group: str = ""


def conditions(
    connection: Connection, table: str, emptyings: Sequence[Emptying], numbered: bool
) -> dict[str, str]:
    """Column -> SQL that is true in the rows in which it is emptied; makes temporary tables of the
    hidden keys. `numbered`: rows of the table have numbers.
    """
    found: dict[str, list[str]] = {}
    for emptying in emptyings:
        parts = [f"{quoted(emptying.count)} < {int(emptying.least)}"] if emptying.count else []
        if emptying.key:
            keys_table = _create_keys_table(connection, emptying)
            if numbered and _is_indexed(connection, table, emptying.key):
                parts.append(
                    f"rowid in (select number from temp.{quoted(_create_numbers_table(connection, table, keys_table, emptying.key))})"
                )
            else:
                parts.append(
                    f"({', '.join(quoted(column) for column in emptying.key)}) in (select * from temp.{quoted(keys_table)})"
                )
        if emptying.versions_of and numbered:
            parts.append(_is_superseded(table, emptying.versions_of))
        condition = f"({' or '.join(parts) or '1'})" + (
            f" and {quoted(emptying.only_where)} = 1" if emptying.only_where else ""
        )
        for column in emptying.columns:
            found.setdefault(column, []).append(condition)
    return {column: " or ".join(parts) for column, parts in found.items()}


def cells(connection: Connection, table: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """A few columns of every row, null where a table of an earlier version lacks one; nothing when
    there is no such table.
    """
    if not has_relation(connection, table):
        return []
    types = column_types(connection, table)
    select_list = ", ".join(quoted(column) if column in types else "null" for column in columns)
    return connection.execute(f"select {select_list} from {quoted(table)}").fetchall()


def newest_versions(
    connection: Connection, table: str, key: Sequence[str], time: str, version: str
) -> dict[tuple[Any, ...], tuple[str, int]]:
    """Key -> when the newest version of it became known, and its number."""
    columns = ", ".join(quoted(column) for column in key)
    rows = connection.execute(
        f"select {columns}, max({quoted(time)}), max({quoted(version)}) from {quoted(table)} "
        f"group by {columns}"
    )
    return {row[: len(key)]: row[len(key) :] for row in rows}


def _is_superseded(table: str, key: Sequence[str]) -> str:
    same = " and ".join(f"newer.{quoted(name)} = {quoted(table)}.{quoted(name)}" for name in key)
    return (
        f"exists (select 1 from main.{quoted(table)} as newer where {same} "
        f"and newer.row_version > {quoted(table)}.row_version)"
    )


def _create_keys_table(connection: Connection, emptying: Emptying) -> str:
    name = f"hidden_{'_'.join(emptying.key)}{emptying.group}"
    columns = ", ".join(quoted(column) for column in emptying.key)
    if not connection.execute(
        "select 1 from sqlite_temp_master where name = ?", (name,)
    ).fetchone():
        connection.execute(
            f"create temporary table {quoted(name)} ({columns}, primary key ({columns})) without rowid"
        )
        connection.executemany(
            f"insert into temp.{quoted(name)} values ({', '.join('?' * len(emptying.key))})",
            list(emptying.hidden),
        )
    return name


def _is_indexed(connection: Connection, table: str, key: Sequence[str]) -> bool:
    """Whether an index over all rows of the table begins with the columns of the key."""
    names = connection.execute(
        "select name from pragma_index_list(?, 'main') where partial = 0", (table,)
    ).fetchall()
    begin = [
        [
            column
            for (column,) in connection.execute(
                "select name from pragma_index_info(?, 'main') order by seqno", name
            )
        ]
        for name in names
    ]
    return any(columns[: len(key)] == list(key) for columns in begin)


def _create_numbers_table(
    connection: Connection, table: str, keys_table: str, key: Sequence[str]
) -> str:
    """The numbers of the rows in hidden cells: a million rows are compared with them in a fraction
    of the time of their keys.
    """
    name = f"{keys_table}_of_{table}"
    same = " and ".join(f"shown.{quoted(column)} = hidden.{quoted(column)}" for column in key)
    connection.execute(
        f"create temporary table if not exists {quoted(name)} (number integer primary key)"
    )
    connection.execute(
        f"insert or ignore into temp.{quoted(name)} select shown.rowid from temp.{quoted(keys_table)} as hidden "
        f"cross join main.{quoted(table)} as shown on {same}"
    )
    return name
