"""Numbers for a look at a table, added up by the database: totals of a filter, bins, groups in order, spreads by group."""

import math
from collections.abc import Sequence
from sqlite3 import Connection

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.store.statements import quoted
from pipeline.store.tables import AGGREGATES, Filter, name_in, where

#: What is asked of a column is answered from at most so many rows of a table.
PROFILED_ROWS = 20_000
ROWS = "rows"


def totals(connection: Connection, table: str, column: str, filters: Sequence[Filter] = ()) -> dict[str, float | None]:
    """rows, filled, sum, mean, minimum and maximum of a column over the filtered rows, in one pass."""
    known, condition, values = where(connection, table, filters)
    name = name_in(table, known, column)
    # the limit keeps SQLite from working out a cell that may be emptied once for each of the numbers
    rows, filled, added, lowest, highest = connection.execute(
        f"select count(*), count(value), sum(value), min(value), max(value) from (select {name} as value from {quoted(table)}{condition} "
        "limit -1)", values).fetchone()
    return {ROWS: rows, "filled": filled, "sum": added, "mean": added / filled if filled else None, "minimum": lowest, "maximum": highest}


def histogram(connection: Connection, table: str, column: str, filters: Sequence[Filter] = (), bins: int = 30) -> pd.DataFrame:
    """Columns low, high (not included) and rows of about `bins` bins with round limits, empty ones left out."""
    known, condition, values = where(connection, table, filters)
    name = name_in(table, known, column)
    lowest, highest = connection.execute(f"select min({name}), max({name}) from {quoted(table)}{condition}", values).fetchone()
    if not isinstance(lowest, int | float) or not isinstance(highest, int | float):
        return pd.DataFrame(columns=["low", "high", ROWS])
    step = round_step((highest - lowest) / bins, whole=isinstance(lowest, int) and isinstance(highest, int))
    start = math.floor(lowest / step) * step
    filled = f"{condition} and {name} is not null" if condition else f" where {name} is not null"
    found = pd.read_sql_query(f"select cast(({name} - ?) / ? as integer) as place, count(*) as {ROWS} from {quoted(table)}{filled} "
                              "group by 1 order by 1", connection, params=[start, float(step), *values])
    found["low"] = [_round(start + place * step) for place in found["place"]]
    found["high"] = [_round(start + (place + 1) * step) for place in found["place"]]
    return found[["low", "high", ROWS]]


def in_order(connection: Connection, table: str, by: str, measure: str | None, how: str, filters: Sequence[Filter] = (),
             limit: int = 500) -> pd.DataFrame:
    """One row a value of `by`, smallest value first: columns `by` and `value`; rows without a value of `by` are left out."""
    known, condition, values = where(connection, table, (*filters, Filter(by, "is not empty")))
    expression = aggregate(table, known, measure, how)
    return pd.read_sql_query(f'select {name_in(table, known, by)} as "{by}", {expression} as value from {quoted(table)}{condition} '
                             "group by 1 order by 1 limit ?", connection, params=[*values, limit])


def aggregate(table: str, known: dict[str, str], measure: str | None, how: str) -> str:
    """The SQL of `rows`, or of an aggregate of a column; refuses what is neither."""
    if how == ROWS or measure is None:
        return "count(*)"
    if how not in AGGREGATES:
        raise InputRefused(f"{how!r} is no aggregate", table, f"choose one of {ROWS}, {', '.join(AGGREGATES)}")
    return AGGREGATES[how].format(column=name_in(table, known, measure))


def profile(connection: Connection, table: str, columns: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Column -> filled rows and distinct values among the first rows (PROFILED_ROWS)."""
    known, _, _ = where(connection, table)
    names = [name_in(table, known, column) for column in columns]
    if not names:
        return {}
    counts = ", ".join(f"count({name}), count(distinct {name})" for name in names)
    row = connection.execute(f"select {counts} from (select {', '.join(names)} from {quoted(table)} limit {PROFILED_ROWS})").fetchone()
    return {column: (row[2 * place], row[2 * place + 1]) for place, column in enumerate(columns)}


def round_step(width: float, whole: bool) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `width`; a whole number if `whole`."""
    if width <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(width))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= width * (1 - 1e-12))
    return max(1, math.ceil(step)) if whole else step


def _round(value: float) -> float:
    return round(value, 10) if isinstance(value, float) else value
