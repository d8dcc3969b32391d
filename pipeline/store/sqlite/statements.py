"""Small things every repository needs: a transaction, rows as dicts, quoted names."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.sqlite.after_commit import news_of
from pipeline.store.sqlite.fence import fenced

Parameters = Sequence[Any] | Mapping[str, Any]


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All writes of the block or none; waits up to the busy timeout for another writer. News
    of the connection are told once they stand.
    """
    news = news_of(connection)
    connection.execute("begin immediate")
    try:
        yield connection
        with fenced(connection):
            connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        if news is not None:
            news.rolled_back()
        raise
    if news is not None:
        news.committed()


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Reads of the block see the one published state of the first of them; inside a transaction
    they do anyway.
    """
    if connection.in_transaction:
        yield connection
        return
    connection.execute("begin")
    try:
        yield connection
    finally:
        connection.execute("rollback")


def records(
    connection: sqlite3.Connection, sql: str, parameters: Parameters = ()
) -> list[dict[str, Any]]:
    """The rows of a query, each as a dict by column name."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def quoted(name: str) -> str:
    """An identifier in double quotes, safe to stand in SQL."""
    return '"' + name.replace('"', '""') + '"'


def has_relation(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a table or view of this name stands."""
    return (
        connection.execute(
            "select 1 from sqlite_master where type in ('table', 'view') and name = ?", (name,)
        ).fetchone()
        is not None
    )


def relation_names(connection: sqlite3.Connection) -> list[str]:
    """Tables and views of the file, by name."""
    names = connection.execute(
        "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
    )
    return [row[0] for row in names]


def column_types(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Column name -> declared type in lower case ('' for an expression of a view). The row numbers
    that a view passes on are no column.

    Raises InputRefused when the warehouse holds no such table.
    """
    statement = "select name, lower(type) from pragma_table_info(?, ?) where name <> 'rowid'"
    # what stands in front of a table of the file has no types of its own
    columns = (
        connection.execute(statement, (table, "main")).fetchall()
        or connection.execute(statement, (table, "temp")).fetchall()
    )
    if not columns:
        raise InputRefused(
            "there is no such table", table, "build its layer first, or choose another table"
        )
    return {name: declared for name, declared in columns}
