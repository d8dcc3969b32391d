"""Read any table of the warehouse in pages: filter, sort, count and profile in SQL, never in
memory.

Identifiers are checked against the schema before they reach a statement; values are always bound.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.store.browse.sorted_pages import Order, row_numbers
from pipeline.store.sqlite.statements import column_types, one_state, quoted

# No screen shows more rows at once; an export streams instead.
MAX_PAGE_ROWS = 5_000
# So far down a sorted view screens page, for its rows have no numbers: SQLite keeps the best ones
# while it reads all of them.
SORTED_REACH = 10_000
# A histogram or a scatter is drawn from at most this many rows, taken evenly from the table.
MAX_SAMPLE_ROWS = 20_000

# SQLite looks for no longer pattern than 50,000 bytes.
LONGEST_VALUE = 10_000

OPERATORS = {
    "is": "{column} = ?",
    "is not": "{column} is not ?",
    "contains": r"{column} like '%' || replace(replace(replace(?, '\', '\\'), '%', '\%'), '_', '\_') || '%' escape '\'",
    "starts with": "lower(substr({column}, 1, length(?))) = lower(?)",
    "at least": "{column} >= ?",
    "at most": "{column} <= ?",
    "less than": "{column} < ?",
    "is empty": "({column} is null or {column} = '')",
    "is not empty": "({column} is not null and {column} <> '')",
}
NUMBERS = ("int", "real", "num", "float", "double", "dec")
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
AGGREGATES = {
    "sum": "sum({column})",
    "mean": "avg({column})",
    "minimum": "min({column})",
    "maximum": "max({column})",
    "distinct values": "count(distinct {column})",
}


@dataclass(frozen=True)
class Filter:
    """One condition on one column; `value` is ignored by `is empty` and `is not empty`."""

    column: str
    operator: str
    value: str | float | int = ""


def row_count(connection: Connection, table: str, filters: Sequence[Filter] = ()) -> int:
    """Rows of `table` that meet every filter."""
    columns = column_types(connection, table)
    condition, values = _condition(table, columns, filters)
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
    condition, values = _condition(table, types, filters)
    select_list = ", ".join(quoted(_checked(table, types, column)) for column in columns or types)
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
        f" order by {quoted(_checked(table, types, sort))} {'desc' if descending else 'asc'}"
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
    condition, values = _condition(table, types, filters)
    key = quoted(_checked(table, types, sort))
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
    select_list = ", ".join(quoted(_checked(table, types, column)) for column in columns or types)
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
    select_list = ", ".join(quoted(_checked(table, types, name)) for name in columns)
    key_column = quoted(_checked(table, types, column))
    statement = f"select {select_list} from {quoted(table)} where {key_column} in (select value from json_each(?))"
    return pd.read_sql_query(statement, connection, params=[json.dumps(list(values))])


def aggregates(
    connection: Connection, table: str, column: str, filters: Sequence[Filter] = ()
) -> dict[str, float | None]:
    """Sum, mean, minimum, maximum and distinct values of one column over the filtered rows."""
    types = column_types(connection, table)
    condition, values = _condition(table, types, filters)
    name = quoted(_checked(table, types, column))
    select_list = ", ".join(form.format(column=name) for form in AGGREGATES.values())
    row = connection.execute(
        f"select {select_list} from {quoted(table)}{condition}", values
    ).fetchone()
    return dict(zip(AGGREGATES, row, strict=True))


def grouped(
    connection: Connection,
    table: str,
    by: str,
    measure: str | None = None,
    how: str = "rows",
    filters: Sequence[Filter] = (),
    limit: int = 50,
) -> pd.DataFrame:
    """One row a value of `by`, largest first: columns `by` and `value` (rows, or an aggregate of
    `measure`).
    """
    types = column_types(connection, table)
    condition, values = _condition(table, types, filters)
    needed = (by,) if how == "rows" or measure is None else (by, measure)
    # A plus keeps SQLite from walking an index of the group and looking up every row, which is
    # slower than one scan and a sort.
    group = ("" if not filters and is_covered(connection, table, needed) else "+") + quoted(
        _checked(table, types, by)
    )
    if how == "rows" or measure is None:
        expression = "count(*)"
    elif how in AGGREGATES:
        expression = AGGREGATES[how].format(column=quoted(_checked(table, types, measure)))
    else:
        raise InputRefused(
            f"{how!r} is no aggregate", table, f"choose one of rows, {', '.join(AGGREGATES)}"
        )
    statement = (
        f'select {group} as "{by}", {expression} as value from {quoted(table)}{condition} '
        f"group by 1 order by 2 desc, 1 limit ?"
    )
    return pd.read_sql_query(statement, connection, params=[*values, limit])


def sampled(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    filters: Sequence[Filter] = (),
    limit: int = MAX_SAMPLE_ROWS,
) -> pd.DataFrame:
    """At most `limit` rows of a few columns, taken at even steps through the filtered table."""
    types = column_types(connection, table)
    condition, values = _condition(table, types, filters)
    select_list = ", ".join(quoted(_checked(table, types, column)) for column in columns)
    total = connection.execute(
        f"select count(*) from {quoted(table)}{condition}", values
    ).fetchone()[0]
    step = max(1, -(-total // limit))
    if step > 1 and not filters and has_rowid(connection, table):
        (last,) = connection.execute(f"select max(rowid) from {quoted(table)}").fetchone()
        if (
            last < 2 * total
        ):  # few numbers are missing: step from row to row instead of reading all of them
            step = -(-last // limit)
            return pd.read_sql_query(
                "with recursive places(place) as (select ?1 union all select place + ?1 from places where place + ?1 <= ?2) "
                f"select {select_list} from places cross join {quoted(table)} as shown on shown.rowid = place",
                connection,
                params=[step, last],
            )
    statement = (
        f"select {select_list} from (select {select_list}, row_number() over () as _position "
        f"from {quoted(table)}{condition}) where _position % ? = 0"
    )
    return pd.read_sql_query(statement, connection, params=[*values, step])


def where(
    connection: Connection, table: str, filters: Sequence[Filter] = ()
) -> tuple[dict[str, str], str, list[Any]]:
    """Columns of `table` with their types, the where clause of the filters ('' without any) and the
    values to bind.
    """
    types = column_types(connection, table)
    return types, *_condition(table, types, filters)


def name_in(table: str, types: dict[str, str], column: str) -> str:
    """A column as it stands in a statement; raises InputRefused when the table has none of that
    name.
    """
    return quoted(_checked(table, types, column))


def _condition(
    table: str, columns: dict[str, str], filters: Sequence[Filter]
) -> tuple[str, list[Any]]:
    """The where clause (with a leading blank, or '') and the values to bind."""
    parts, values = [], []
    for condition in filters:
        if condition.operator not in OPERATORS:
            raise InputRefused(
                f"{condition.operator!r} is no comparison",
                table,
                f"choose one of {', '.join(OPERATORS)}",
            )
        if len(str(condition.value)) > LONGEST_VALUE:
            raise InputRefused(
                f"a value of a filter has at most {LONGEST_VALUE:,} characters",
                table,
                "look for a part of it",
            )
        form = OPERATORS[condition.operator].format(
            column=quoted(_checked(table, columns, condition.column))
        )
        parts.append(form)
        values.extend([_comparable(condition, columns)] * form.count("?"))
    return (f" where {' and '.join(parts)}" if parts else ""), values


def _comparable(condition: Filter, columns: dict[str, str]) -> str | float | int:
    """The value to bind: a number where the column is one, or SQLite would make it one row by row,
    and for an order on a view's expression, which has no type of its own to convert by.
    """
    is_order = condition.operator in ("at least", "at most", "less than")
    if not isinstance(condition.value, str) or not (
        columns[condition.column].startswith(NUMBERS)
        or columns[condition.column] == ""
        and is_order
    ):
        return condition.value
    if (
        not is_order
        and condition.operator not in ("is", "is not")
        or not NUMBER.fullmatch(condition.value)
    ):
        return condition.value
    number = float(condition.value)
    return (
        int(condition.value)
        if condition.value.strip().lstrip("+-").isdigit() and abs(number) < 2**53
        else number
    )


def _checked(table: str, columns: dict[str, str], column: str) -> str:
    if column not in columns:
        raise InputRefused(
            f"there is no column {column!r}", table, f"choose one of {', '.join(columns)}"
        )
    return column
