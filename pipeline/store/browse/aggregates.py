"""Aggregates, groups and even samples of a filtered table, computed by the database."""

from collections.abc import Sequence
from sqlite3 import Connection

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.store.browse.filters import Filter, checked_column, name_in, where_clause
from pipeline.store.browse.tables import has_rowid, is_covered
from pipeline.store.sqlite.statements import column_types, quoted

# A histogram or a scatter is drawn from at most this many rows, taken evenly from the table.
MAX_SAMPLE_ROWS = 20_000
#: Columns of a table of groups beside those that it is grouped by.
GROUP_ROWS, GROUP_VALUE = "rows_of_the_group", "value_of_the_group"


#: The number of rows, beside the aggregates of a column.
ROWS = "rows"
AGGREGATES = {
    "sum": "sum({column})",
    "mean": "avg({column})",
    "minimum": "min({column})",
    "maximum": "max({column})",
    "distinct values": "count(distinct {column})",
}


def aggregates(
    connection: Connection, table: str, column: str, filters: Sequence[Filter] = ()
) -> dict[str, float | None]:
    """Sum, mean, minimum, maximum and distinct values of one column over the filtered rows."""
    types = column_types(connection, table)
    condition, values = where_clause(table, types, filters)
    name = quoted(checked_column(table, types, column))
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
    condition, values = where_clause(table, types, filters)
    needed = (by,) if how == ROWS or measure is None else (by, measure)
    walks = not filters and is_covered(connection, table, needed)
    (group,) = _groups(table, types, (by,), walks)
    expression = aggregate(table, types, measure, how)
    statement = (
        f"select {group}, {expression} as value from {quoted(table)}{condition} "
        f"group by 1 order by 2 desc, 1 limit ?"
    )
    return pd.read_sql_query(statement, connection, params=[*values, limit])


def group_table(
    connection: Connection,
    table: str,
    by: Sequence[str],
    measure: str | None = None,
    how: str = "rows",
    filters: Sequence[Filter] = (),
    limit: int = 500,
) -> pd.DataFrame:
    """One row a combination of values of `by`, largest first: these columns, `GROUP_ROWS` and, with
    a measure, its aggregate as `GROUP_VALUE`.
    """
    types = column_types(connection, table)
    condition, values = where_clause(table, types, filters)
    needed = tuple(by) if how == ROWS or measure is None else (*by, measure)
    walks = not filters and is_covered(connection, table, needed)
    columns = ", ".join(_groups(table, types, by, walks))
    places = ", ".join(str(place + 1) for place in range(len(by)))
    expression = aggregate(table, types, measure, how)
    value = f", {expression} as {GROUP_VALUE}" if len(needed) > len(by) else ""
    statement = (
        f"select {columns}, count(*) as {GROUP_ROWS}{value} from {quoted(table)}{condition} "
        f"group by {places} order by count(*) desc, {places} limit ?"
    )
    return pd.read_sql_query(statement, connection, params=[*values, limit])


def _groups(table: str, types: dict[str, str], by: Sequence[str], walks_index: bool) -> list[str]:
    """The columns of a group as they are selected. A plus keeps SQLite from walking an index of the
    group and looking up every row, which is slower than one scan and a sort.
    """
    sign = "" if walks_index else "+"
    return [f"{sign}{name_in(table, types, name)} as {quoted(name)}" for name in by]


def aggregate(table: str, types: dict[str, str], measure: str | None, how: str) -> str:
    """The SQL of the number of rows, or of an aggregate of a column; raises InputRefused for what
    is neither.
    """
    if how == ROWS or measure is None:
        return "count(*)"
    if how not in AGGREGATES:
        raise InputRefused(
            f"{how!r} is no aggregate", table, f"choose one of {ROWS}, {', '.join(AGGREGATES)}"
        )
    return AGGREGATES[how].format(column=name_in(table, types, measure))


def sampled(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    filters: Sequence[Filter] = (),
    limit: int = MAX_SAMPLE_ROWS,
) -> pd.DataFrame:
    """At most `limit` rows of a few columns, taken at even steps through the filtered table."""
    types = column_types(connection, table)
    condition, values = where_clause(table, types, filters)
    select_list = ", ".join(quoted(checked_column(table, types, column)) for column in columns)
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
