"""Read feature tables: newest rows of a key, the rows as known at a moment or at many, all
snapshots.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from sqlite3 import Connection
from typing import Any

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.store.sqlite.statements import column_types, quoted

PIECE_ROWS = 50_000


def latest(
    connection: Connection,
    view: str,
    key: Sequence[str],
    values: Sequence[str | None] | None,
    limit: int,
) -> pd.DataFrame:
    """Rows of the `_latest` view, of one key when `values` are given."""
    condition, bound = _of_key(connection, view, key, values)
    return pd.read_sql_query(
        f"select * from {quoted(view)}{condition} limit ?", connection, params=[*bound, limit]
    )


def pieces_latest(
    connection: Connection, view: str, rows: int = PIECE_ROWS
) -> Iterator[pd.DataFrame]:
    """Every row of the `_latest` view as frames of at most `rows`; an empty answer is one empty
    frame.
    """
    yield from pd.read_sql_query(f"select * from {quoted(view)}", connection, chunksize=rows)


def as_known_at(
    connection: Connection,
    table: str,
    key: Sequence[str],
    moment: str,
    time: str,
    ties: Sequence[str],
    values: Sequence[str | None] | None,
    limit: int,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Per key the newest row with `time` at or before `moment` (ISO UTC); `ties` break equal times,
    later first.

    A key whose newest row says that it is retired is absent, as it was then. `columns` are all
    unless some are named.
    """
    statement, bound = _known_at(connection, table, key, moment, time, ties, values, limit, columns)
    return pd.read_sql_query(statement, connection, params=bound)


def pieces_known_at(
    connection: Connection,
    table: str,
    key: Sequence[str],
    moment: str,
    time: str,
    ties: Sequence[str],
    rows: int = PIECE_ROWS,
) -> Iterator[pd.DataFrame]:
    """The same for every key, as frames of at most `rows`; an empty answer is one empty frame."""
    statement, bound = _known_at(connection, table, key, moment, time, ties, None, -1, None)
    yield from pd.read_sql_query(statement, connection, params=bound, chunksize=rows)


def _known_at(
    connection: Connection,
    table: str,
    key: Sequence[str],
    moment: str,
    time: str,
    ties: Sequence[str],
    values: Sequence[str | None] | None,
    limit: int,
    columns: Sequence[str] | None,
) -> tuple[str, list[Any]]:
    types = column_types(connection, table)
    condition, bound = _of_key(connection, table, key, values)
    glue = " and " if condition else " where "
    order = ", ".join(f"{quoted(column)} desc" for column in (time, *ties) if column in types)
    partition = ", ".join(quoted(column) for column in key)
    select_list = ", ".join(quoted(column) for column in columns or types)
    alive = " and coalesce(is_retired, 0) = 0" if "is_retired" in types else ""
    return (
        f"select {select_list} from (select *, row_number() over (partition by {partition} order by {order}) as _newest "
        f"from {quoted(table)}{condition}{glue}{quoted(time)} <= ?) where _newest = 1{alive} limit ?"
    ), [*bound, moment, limit]


def point_in_time(
    connection: Connection,
    table: str,
    key: Sequence[str],
    values: Sequence[Sequence[str | None]],
    asked_at: Sequence[str],
    features: Sequence[str],
    time: str,
    ties: Sequence[str],
) -> pd.DataFrame:
    """One row per asked row, in its order: `features` of the newest row of its key with `time` at
    or before its moment.

    `values` holds a list a part of the key, `asked_at` the moments (ISO UTC). A retired key has
    empty features. The connection must be able to make temporary tables (`open_scratch`).
    """
    types = column_types(connection, table)
    missing = [column for column in (*key, *features) if column not in types]
    if missing:
        raise InputRefused(
            f"the table that stands has no {', '.join(missing)}",
            table,
            "build the feature store: icon-health build",
        )
    parts = [f"part_{number}" for number in range(len(key))]
    connection.execute("drop table if exists temp.asked")
    typed = ", ".join(f"{part} text" for part in parts)
    connection.execute(
        f"create temp table asked (asked_row integer primary key, asked_at text, {typed})"
    )
    connection.executemany(
        f"insert into asked values (?, ?{', ?' * len(parts)})",
        zip(range(len(asked_at)), asked_at, *values, strict=True),
    )
    same = " and ".join(
        f"known.{quoted(column)} = asked.{part}" for column, part in zip(key, parts, strict=True)
    )
    order = ", ".join(f"known.{quoted(column)} desc" for column in (time, *ties) if column in types)
    select_list = ", ".join(f"features.{quoted(column)}" for column in features)
    return pd.read_sql_query(
        f"select {select_list} from asked left join {quoted(table)} as features on features.rowid = ("
        f"select known.rowid from {quoted(table)} as known where {same} and known.{quoted(time)} <= asked.asked_at "
        f"order by {order} limit 1) order by asked.asked_row",
        connection,
    )


def unknown_keys(
    connection: Connection, table: str, key: Sequence[str], values: Sequence[Sequence[str | None]]
) -> int:
    """How many of the keys, given as a list a part, are in no row of the table at any moment."""
    same = " and ".join(f"{quoted(column)} = ?" for column in key)
    statement = f"select 1 from {quoted(table)} where {same} limit 1"
    asked = Counter(zip(*values, strict=True))
    return sum(
        count for row, count in asked.items() if not connection.execute(statement, row).fetchone()
    )


def all_versions(
    connection: Connection, table: str, key: Sequence[str], values: Sequence[str | None], time: str
) -> pd.DataFrame:
    """Every row ever written for one key, oldest first."""
    condition, bound = _of_key(connection, table, key, values)
    return pd.read_sql_query(
        f"select * from {quoted(table)}{condition} order by {quoted(time)}",
        connection,
        params=bound,
    )


def every_version(
    connection: Connection, table: str, columns: Sequence[str], time: str
) -> pd.DataFrame:
    """`columns` of every row of the table, oldest first; raises InputRefused when the table that
    stands lacks one of them.
    """
    types = column_types(connection, table)
    missing = [column for column in columns if column not in types]
    if missing:
        raise InputRefused(
            f"the table that stands has no {', '.join(missing)}",
            table,
            "build the feature store: icon-health build",
        )
    return pd.read_sql_query(
        f"select {', '.join(map(quoted, columns))} from {quoted(table)} order by {quoted(time)}, rowid",
        connection,
    )


def moments(connection: Connection, table: str, time: str) -> list[str]:
    """The distinct moments at which rows of the table became known, oldest first."""
    name, relation = quoted(time), quoted(table)
    # steps from moment to moment through their index: there are few of them in a million rows
    return [
        row[0]
        for row in connection.execute(
            f"with recursive found(moment) as (select min({name}) from {relation} union all "
            f"select (select min({name}) from {relation} where {name} > moment) from found where moment is not null) "
            "select moment from found where moment is not null"
        )
    ]


def _of_key(
    connection: Connection, table: str, key: Sequence[str], values: Sequence[str | None] | None
) -> tuple[str, list[str | None]]:
    types = column_types(connection, table)
    missing = [column for column in key if column not in types]
    if missing:
        raise KeyError(f"{table} has no {', '.join(missing)}")
    if values is None:
        return "", []
    return " where " + " and ".join(f"{quoted(column)} = ?" for column in key), list(values)
