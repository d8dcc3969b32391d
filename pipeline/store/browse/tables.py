"""Read any table of the warehouse in pages: filter, sort, count and profile in SQL, never in
memory.

Identifiers are checked against the schema before they reach a statement; values are always bound.
"""

import json
from collections.abc import Iterable, Sequence
from sqlite3 import Connection

import pandas as pd

from pipeline.store.browse.filters import Filter, checked_column, where_clause
from pipeline.store.browse.sorted_pages import Order, row_numbers
from pipeline.store.sqlite.statements import column_types, one_state, quoted

# No screen shows more rows at once; an export streams instead.
MAX_PAGE_ROWS = 5_000
# So far down a sorted view screens page, for its rows have no numbers: SQLite keeps the best ones
# while it reads all of them.
SORTED_REACH = 10_000


def row_count(connection: Connection, table: str, filters: Sequence[Filter] = ()) -> int:
    """Rows of `table` that meet every filter."""
    columns = column_types(connection, table)
    condition, values = where_clause(table, columns, filters)
    return connection.execute(
        f"select count(*) from {quoted(table)}{condition}", values
    ).fetchone()[0]


def table_page(
    connection: Connection,
    table: str,
    filters: Sequence[Filter] = (),
    sort: str | None = None,
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """At most `limit` rows of `table`, filtered and sorted by the database; the order of equal rows
    is the same on every page.
    """
    types = column_types(connection, table)
    condition, values = where_clause(table, types, filters)
    select_list = ", ".join(
        quoted(checked_column(table, types, column)) for column in columns or types
    )
    window = [min(limit, MAX_PAGE_ROWS), max(offset, 0)]
    if sort and has_rowid(connection, table):
        with one_state(connection):
            return rows_at(
                connection,
                table,
                numbers_of(connection, table, filters, sort, descending, *window),
                columns,
            )
    ordered = (
        f" order by {quoted(checked_column(table, types, sort))} {'desc' if descending else 'asc'}"
        if sort
        else ""
    )
    statement = f"select {select_list} from {quoted(table)}{condition}{ordered} limit ? offset ?"
    return pd.read_sql_query(statement, connection, params=[*values, *window])


def numbers_of(
    connection: Connection,
    table: str,
    filters: Sequence[Filter],
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[int]:
    """The row numbers of one page of a table that has them, in its order."""
    types = column_types(connection, table)
    condition, values = where_clause(table, types, filters)
    key = quoted(checked_column(table, types, sort))
    order = Order(
        quoted(table), condition, tuple(values), key, descending, is_costly(connection, table, sort)
    )
    return row_numbers(connection, order, limit, offset)


def is_costly(connection: Connection, table: str, column: str) -> bool:
    """Whether a column is worked out for each row: cells that may be hidden are an expression of a
    temporary view, without a type.
    """
    is_view = connection.execute(
        "select type = '' from pragma_table_info(?, 'temp') where name = ?", (table, column)
    ).fetchone()
    return bool(is_view and is_view[0])


def rows_at(
    connection: Connection, table: str, numbers: Sequence[int], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The rows of these numbers, in this order; those that are gone are left out."""
    types = column_types(connection, table)
    select_list = ", ".join(
        quoted(checked_column(table, types, column)) for column in columns or types
    )
    statement = (
        f"select {select_list} from (select key as _place, value as _found from json_each(?)) cross join {quoted(table)} as shown "
        "on shown.rowid = _found order by _place"
    )
    return pd.read_sql_query(statement, connection, params=[json.dumps(list(numbers))])


def has_rowid(connection: Connection, table: str) -> bool:
    """Whether rows of this relation have a number: those of a table have, those of a view only
    where it passes them on.

    A temporary relation stands before a table of the file, as it does for every statement.
    """
    answer = connection.execute(
        "select type = 'table' and wr = 0 or exists "
        "(select 1 from pragma_table_info(?, listed.schema) where name = 'rowid') "
        "from pragma_table_list(?) as listed order by listed.schema = 'temp' desc",
        (table, table),
    )
    return bool(answer.fetchone()[0])


def is_covered(connection: Connection, table: str, columns: Sequence[str]) -> bool:
    """Whether an index over all rows begins with the first of the columns and holds the others: no
    row is looked up, none sorted.
    """
    indexes = connection.execute(
        "select name from pragma_index_list(?, 'main') where partial = 0", (table,)
    ).fetchall()
    for (name,) in indexes:
        held = [
            column
            for (column,) in connection.execute(
                "select name from pragma_index_info(?, 'main') order by seqno", (name,)
            )
        ]
        if held[0] == columns[0] and set(columns) <= set(held):
            return True
    return False


def matching(
    connection: Connection, table: str, column: str, values: Iterable[str], columns: Sequence[str]
) -> pd.DataFrame:
    """A few columns of the rows of `table` whose `column` is one of `values`."""
    types = column_types(connection, table)
    select_list = ", ".join(quoted(checked_column(table, types, name)) for name in columns)
    key_column = quoted(checked_column(table, types, column))
    statement = f"select {select_list} from {quoted(table)} where {key_column} in (select value from json_each(?))"
    return pd.read_sql_query(statement, connection, params=[json.dumps(list(values))])
