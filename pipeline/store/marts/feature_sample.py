"""Features of evenly spaced entities as known at a moment: what a chart of a million entities
needs, in milliseconds.
"""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

import pandas as pd

from pipeline.store.sqlite.statements import column_types, quoted

#: More entities than this are sampled.
MOST = 10_000


def known_at(
    connection: Connection,
    table: str,
    key: Sequence[str],
    columns: Sequence[str],
    moment: str,
    time: str,
    ties: Sequence[str],
    most: int = MOST,
) -> pd.DataFrame:
    """Key and `columns` of at most about `most` entities as known at `moment` (ISO UTC); retired
    ones are absent.

    Entities are taken at even steps through the first versions of all, so at any moment the same
    ones are compared.
    """
    return _newest(
        connection,
        table,
        key,
        columns,
        moment,
        time,
        ties,
        _spaced(connection, table, key, most),
        (),
    )


def keys_known_at(
    connection: Connection, table: str, key: Sequence[str], moment: str, time: str
) -> int:
    """Entities that had been seen by a moment, retired ones included."""
    names = ", ".join(quoted(column) for column in key)
    return connection.execute(
        f"select count(*) from (select distinct {names} from {quoted(table)} where {quoted(time)} <= ?)",
        (moment,),
    ).fetchone()[0]


def page_known_at(
    connection: Connection,
    table: str,
    key: Sequence[str],
    columns: Sequence[str],
    moment: str,
    time: str,
    ties: Sequence[str],
    limit: int,
    offset: int,
) -> pd.DataFrame:
    """Key and `columns` of the entities at `offset` to `offset + limit` in the order of the key, as
    known at a moment.
    """
    names = ", ".join(quoted(column) for column in key)
    entities = f"select distinct {names} from {quoted(table)} where {quoted(time)} <= ? order by {names} limit ? offset ?"
    return _newest(
        connection, table, key, columns, moment, time, ties, entities, (moment, limit, offset)
    )


def size(connection: Connection, table: str) -> int:
    """Versions written so far, an upper bound of the entities; nothing is ever deleted, so it is
    the number of the last row.
    """
    return connection.execute(f"select coalesce(max(rowid), 0) from {quoted(table)}").fetchone()[0]


def _spaced(connection: Connection, table: str, key: Sequence[str], most: int) -> str:
    names = ", ".join(f"first.{quoted(column)} as {quoted(column)}" for column in key)
    versions = size(connection, table)
    if versions <= most:
        return f"select {names} from {quoted(table)} as first where row_version = 1"
    return (
        f"with recursive places(place) as (select 1 union all select place + {-(-versions // most)} from places "
        f"where place <= {versions}) select {names} from places cross join {quoted(table)} as first on first.rowid = place "
        "where row_version = 1"
    )


def _newest(
    connection: Connection,
    table: str,
    key: Sequence[str],
    columns: Sequence[str],
    moment: str,
    time: str,
    ties: Sequence[str],
    entities: str,
    bound: tuple[Any, ...],
) -> pd.DataFrame:
    """The newest version at a moment of each of the `entities` (a statement that gives keys), by
    the index of the keys.
    """
    types = column_types(connection, table)
    same = " and ".join(f"versions.{quoted(column)} = entities.{quoted(column)}" for column in key)
    order = ", ".join(
        f"versions.{quoted(column)} desc" for column in (time, *ties) if column in types
    )
    select_list = ", ".join(f"features.{quoted(column)}" for column in (*key, *columns))
    return pd.read_sql_query(
        f"select {select_list} from ({entities}) as entities cross join {quoted(table)} as features on features.rowid = ("
        f"select versions.rowid from {quoted(table)} as versions where {same} and versions.{quoted(time)} <= ? "
        f"order by {order} limit 1) where features.is_retired = 0",
        connection,
        params=(*bound, moment),
    )
