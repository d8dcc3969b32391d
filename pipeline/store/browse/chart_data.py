"""Numbers for a look at a table, added up by the database: totals of a filter, bins, groups in
order, spreads by group.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

import pandas as pd

from pipeline.store.browse.aggregates import ROWS, aggregate
from pipeline.store.browse.filters import Filter, name_in, where
from pipeline.store.browse.tables import is_costly
from pipeline.store.sqlite.statements import quoted

#: What is asked of a column is answered from at most so many rows of a table.
PROFILED_ROWS = 20_000
#: A line has at most so many points of single values; of more values of a number bins are made.
LINE_VALUES, LINE_BINS = 500, 60


@dataclass(frozen=True)
class Bins:
    """Bins of equal width with round limits, the first of which holds `start`."""

    start: float
    step: float

    @classmethod
    def of(cls, lowest: float, highest: float, bins: int) -> "Bins":
        """About so many bins from the lowest to the highest value."""
        step = round_step(
            (highest - lowest) / bins, whole=isinstance(lowest, int) and isinstance(highest, int)
        )
        return cls(math.floor(lowest / step) * step, step)

    def place(self, name: str) -> str:
        """The SQL of the number of the bin that a value is in."""
        return f"cast(({name} - {self.start!r}) / {float(self.step)!r} as integer)"

    def limits(self, places: Iterable[int]) -> pd.DataFrame:
        """Columns low and high (not included) of bins by their number."""
        return pd.DataFrame(
            [
                (
                    _round(self.start + place * self.step),
                    _round(self.start + (place + 1) * self.step),
                )
                for place in places
            ],
            columns=["low", "high"],
        )


def totals(
    connection: Connection, table: str, column: str, filters: Sequence[Filter] = ()
) -> dict[str, Any]:
    """rows, filled, sum, mean, minimum and maximum of a column over the filtered rows, in one
    pass.
    """
    types, condition, values = where(connection, table, filters)
    name = name_in(table, types, column)
    # the limit keeps SQLite from working out a cell that may be emptied once for each of the
    # numbers
    once = " limit -1" if is_costly(connection, table, column) else ""
    rows, filled, added, lowest, highest = connection.execute(
        f"select count(*), count(value), sum(value), min(value), max(value) from (select {name} as value from {quoted(table)}{condition}"
        f"{once})",
        values,
    ).fetchone()
    return {
        ROWS: rows,
        "filled": filled,
        "sum": added,
        "mean": added / filled if filled else None,
        "minimum": lowest,
        "maximum": highest,
    }


def histogram(
    connection: Connection, table: str, column: str, filters: Sequence[Filter] = (), bins: int = 30
) -> pd.DataFrame:
    """Columns low, high (not included) and rows of about `bins` bins with round limits, empty ones
    left out.
    """
    types, condition, values = where(connection, table, filters)
    name = name_in(table, types, column)
    lowest, highest = connection.execute(
        f"select min({name}), max({name}) from {quoted(table)}{condition}", values
    ).fetchone()
    if not isinstance(lowest, int | float) or not isinstance(highest, int | float):
        return pd.DataFrame(columns=["low", "high", ROWS])
    made = Bins.of(lowest, highest, bins)
    filled = f"{condition} and {name} is not null" if condition else f" where {name} is not null"
    counts = pd.read_sql_query(
        f"select {made.place(name)} as place, count(*) as {ROWS} from {quoted(table)}{filled} group by 1 order by 1",
        connection,
        params=values,
    )
    return made.limits(counts["place"]).assign(**{ROWS: counts[ROWS]})


def in_order(
    connection: Connection,
    table: str,
    by: str,
    measure: str | None,
    how: str,
    filters: Sequence[Filter] = (),
    limit: int = LINE_VALUES,
) -> pd.DataFrame:
    """One row a value of `by`, smallest value first: columns `by` and `value`; rows without a value
    of `by` are left out.

    Of a number with more than `limit` values bins with round limits are made: also `low` and `high`
    (not included), `by` is the middle. Of a text the first `limit` values are kept.
    """
    types, condition, values = where(connection, table, (*filters, Filter(by, "is not empty")))
    name, expression, source = (
        name_in(table, types, by),
        aggregate(table, types, measure, how),
        f"{quoted(table)}{condition}",
    )
    distinct, lowest, highest = connection.execute(
        f"select count(*), min(_by), max(_by) from (select distinct {name} as _by from {source} "
        f"limit {limit + 1})",
        values,
    ).fetchone()
    if distinct > limit and all(isinstance(bound, int | float) for bound in (lowest, highest)):
        lowest, highest = connection.execute(
            f"select min({name}), max({name}) from {source}", values
        ).fetchone()
        if all(isinstance(bound, int | float) for bound in (lowest, highest)):
            bins = Bins.of(lowest, highest, LINE_BINS)
            counts = pd.read_sql_query(
                f"select {bins.place(name)} as place, {expression} as value from {source} group by 1 order by 1",
                connection,
                params=values,
            )
            limits = bins.limits(counts["place"])
            return limits.assign(
                **{by: (limits["low"] + limits["high"]) / 2, "value": counts["value"]}
            )[[by, "value", "low", "high"]]
    return pd.read_sql_query(
        f'select {name} as "{by}", {expression} as value from {source} group by 1 order by 1 limit ?',
        connection,
        params=[*values, limit],
    )


def profile(
    connection: Connection, table: str, columns: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Column -> filled rows and distinct values among the first rows (PROFILED_ROWS)."""
    types, _, _ = where(connection, table)
    names = [name_in(table, types, column) for column in columns]
    if not names:
        return {}
    counts = ", ".join(f"count({name}), count(distinct {name})" for name in names)
    row = connection.execute(
        f"select {counts} from (select {', '.join(names)} from {quoted(table)} limit {PROFILED_ROWS})"
    ).fetchone()
    return {column: (row[2 * place], row[2 * place + 1]) for place, column in enumerate(columns)}


def round_step(width: float, whole: bool) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `width`; a whole number if
    `whole`.
    """
    if width <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(width))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= width * (1 - 1e-12))
    return max(1, math.ceil(step)) if whole else step


def _round(value: float) -> float:
    return round(value, 10) if isinstance(value, float) else value
