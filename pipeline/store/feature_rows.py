"""Read feature tables: newest rows of a key, the rows as known at a moment, all snapshots."""

from collections.abc import Sequence
from sqlite3 import Connection

import pandas as pd

from pipeline.store.statements import quoted
from pipeline.store.tables import column_types


def latest(connection: Connection, view: str, key: Sequence[str], values: Sequence[str] | None, limit: int) -> pd.DataFrame:
    """Rows of the `_latest` view, of one key when `values` are given."""
    condition, bound = _of_key(connection, view, key, values)
    return pd.read_sql_query(f"select * from {quoted(view)}{condition} limit ?", connection, params=[*bound, limit])


def as_known_at(connection: Connection, table: str, key: Sequence[str], moment: str, time: str, ties: Sequence[str],
                values: Sequence[str] | None, limit: int) -> pd.DataFrame:
    """Per key the newest row with `time` at or before `moment` (ISO UTC); `ties` break equal times, later first.

    A key whose newest row says that it is retired is absent, as it was then.
    """
    known = column_types(connection, table)
    condition, bound = _of_key(connection, table, key, values)
    glue = " and " if condition else " where "
    order = ", ".join(f"{quoted(column)} desc" for column in (time, *ties) if column in known)
    partition = ", ".join(quoted(column) for column in key)
    chosen = ", ".join(quoted(column) for column in known)
    alive = " and coalesce(is_retired, 0) = 0" if "is_retired" in known else ""
    statement = (f"select {chosen} from (select *, row_number() over (partition by {partition} order by {order}) as _newest "
                 f"from {quoted(table)}{condition}{glue}{quoted(time)} <= ?) where _newest = 1{alive} limit ?")
    return pd.read_sql_query(statement, connection, params=[*bound, moment, limit])


def all_versions(connection: Connection, table: str, key: Sequence[str], values: Sequence[str], time: str) -> pd.DataFrame:
    """Every row ever written for one key, oldest first."""
    condition, bound = _of_key(connection, table, key, values)
    return pd.read_sql_query(f"select * from {quoted(table)}{condition} order by {quoted(time)}", connection, params=bound)


def moments(connection: Connection, table: str, time: str) -> list[str]:
    """The distinct moments at which rows of the table became known, oldest first."""
    return [row[0] for row in connection.execute(f"select distinct {quoted(time)} from {quoted(table)} order by 1")]


def _of_key(connection: Connection, table: str, key: Sequence[str], values: Sequence[str] | None) -> tuple[str, list[str]]:
    known = column_types(connection, table)
    missing = [column for column in key if column not in known]
    if missing:
        raise KeyError(f"{table} has no {', '.join(missing)}")
    if values is None:
        return "", []
    return " where " + " and ".join(f"{quoted(column)} = ?" for column in key), list(values)
