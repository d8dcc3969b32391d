"""A part of a large table for a chart: rows from everywhere, the same ones at every visit.

The table is cut into equal stretches, and of each one row is taken, each time at another place of
the stretch (multiples of the golden ratio fall everywhere alike), so that no rhythm in the order of
the rows is mistaken for the whole. SQLite goes to these rows by their numbers.
"""

from collections.abc import Sequence
from sqlite3 import Connection

from pipeline.store.browse.filters import Filter, name_in, where
from pipeline.store.browse.tables import has_rowid
from pipeline.store.sqlite.statements import quoted

#: Name of the temporary table that holds the sample.
NAME = "looked_at"
ROWS = 50_000
#: A narrow filter leaves few rows of a stretch: then more of them are looked for, but no more than
#: this.
MOST_PLACES = 100_000
#: The golden ratio's fraction, times two to the 32nd.
GOLDEN = 2_654_435_769


def create(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    filters: Sequence[Filter],
    rows: int,
    row_limit: int | None = None,
) -> int:
    """Put about `wanted` (`ROWS`) of the `rows` that meet the filters into the temporary table
    `NAME`; how many they are.

    On a connection that may make temporary tables; of a view without row numbers every so many-th
    row is taken.
    """
    row_limit = row_limit or ROWS
    types, condition, values = where(connection, table, filters)
    select_list = ", ".join(name_in(table, types, column) for column in columns)
    if not has_rowid(connection, table):
        step = max(1, -(-rows // row_limit))
        connection.execute(
            f"create temporary table {NAME} as select {select_list} from (select {select_list}, row_number() over () as _position "
            f"from {quoted(table)}{condition}) where _position % {step} = 0",
            values,
        )
        return _size(connection)
    (last,) = connection.execute(f"select coalesce(max(rowid), 0) from {quoted(table)}").fetchone()
    places = min(MOST_PLACES, last, max(row_limit, row_limit * last // max(rows, 1)))
    connection.execute(
        f"create temporary table {NAME} as with recursive stretches(_n) as (select 0 union all select _n + 1 from stretches "
        f"where _n + 1 < {places}) select {select_list} from stretches cross join {quoted(table)} as shown on shown.rowid = "
        f"1 + cast((_n + (_n * {GOLDEN} & 4294967295) / 4294967296.0) * {last} / {places} as integer){condition}",
        values,
    )
    return _size(connection)


def _size(connection: Connection) -> int:
    return connection.execute(f"select count(*) from temp.{NAME}").fetchone()[0]
