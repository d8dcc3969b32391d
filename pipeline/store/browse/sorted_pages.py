"""Any page of a sorted table without sorting the table: where the page lies is guessed from a
sample, then made certain.

Evenly spaced rows tell between which two keys the page lies. One reading of the table counts the
rows before the first of them and keeps the few between the two, which alone are sorted. The count
proves the page right; where the guess was wrong the whole table is sorted. Equal keys stand in the
order of their row numbers, so every row is on exactly one page.
"""

import json
import math
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

#: So many rows from the first on SQLite keeps apart while it reads the table, without a guess.
NEAR_ROWS = 1_000
#: Evenly spaced rows that are looked at for the guess.
SAMPLED_KEYS = 10_000
#: How far a guess may be off, in standard deviations of a rank in a sample.
DEVIATIONS = 4

Bound = tuple[object, int]


@dataclass(frozen=True)
class Order:
    """The rows of a relation with row numbers that meet a condition, in the order of a key, then of
    their numbers.

    A key that `is_costly` is no column but an expression: it is worked out once a row.
    """

    relation: str
    condition: str
    values: tuple[Any, ...]
    key: str
    descending: bool
    is_costly: bool = False

    @property
    def direction(self) -> str:
        """`asc` or `desc`."""
        return "desc" if self.descending else "asc"

    @property
    def by(self) -> str:
        """The order of a statement that calls key and number `_key` and `_at`."""
        return f"_key {self.direction}, _at {self.direction}"

    def before(self, bound: Bound) -> tuple[str, list[Any]]:
        """The condition that a row stands before a key and number (null is no), and its values;
        SQLite takes empty keys for the lowest.
        """
        key, number = bound
        if key is None:
            return (
                "(_key is not null or _at > ?)" if self.descending else "(_key is null and _at < ?)"
            ), [number]
        if self.descending:
            return "(_key > ? or (_key = ? and _at > ?))", [key, key, number]
        return "(_key is null or _key < ? or (_key = ? and _at < ?))", [key, key, number]


def row_numbers(connection: Connection, order: Order, limit: int, offset: int) -> list[int]:
    """The numbers of the rows `offset` to `offset + limit` of an order."""
    if limit + offset > NEAR_ROWS:
        low, high = _bounds(connection, order, limit, offset)
        rowids = _between(connection, order, low, high, limit, offset) if low or high else None
        if rowids is not None:
            return rowids
    rows = f"select rowid as _at, {order.key} as _key from {order.relation}{order.condition}"
    return _numbers(
        connection,
        f"select _at from ({rows}) order by {order.by} limit ? offset ?",
        [*order.values, limit, offset],
    )


def _bounds(
    connection: Connection, order: Order, limit: int, offset: int
) -> tuple[Bound | None, Bound | None]:
    """Key and number of a row before the page and of one behind it, as a sample has it; None where
    the table ends before that.
    """
    (last,) = connection.execute(f"select max(rowid) from {order.relation}").fetchone()
    last = last or 0
    step = max(1, last // SAMPLED_KEYS)
    sample = connection.execute(
        f"with recursive places(_place) as (select {step} union all select _place + {step} from places where _place + {step} <= {last}) "
        f"select {order.key} as _key, shown.rowid as _at from places cross join {order.relation} as shown on shown.rowid = _place"
        f"{order.condition} order by {order.by}",
        order.values,
    ).fetchall()
    margin = DEVIATIONS * math.sqrt(len(sample)) / 2 + 1
    low, high = math.floor(offset / step - margin), math.ceil((offset + limit) / step + margin)
    return sample[min(low, len(sample) - 1)] if low > 0 and sample else None, sample[
        high
    ] if high < len(sample) else None


def _between(
    connection: Connection,
    order: Order,
    low: Bound | None,
    high: Bound | None,
    limit: int,
    offset: int,
) -> list[int] | None:
    """The page, looked for between two rows; None when it does not lie there."""
    is_earlier, earlier = order.before(low) if low else ("0", [])
    is_inside, inside = order.before(high) if high else ("1", [])
    # a limit keeps SQLite from working out an expression more than once, and costs as much as twice
    # the reading of a text
    once = " limit -1" if order.is_costly else ""
    rows = f"select rowid as _at, {order.key} as _key from {order.relation}{order.condition}{once}"
    skipped, numbers = connection.execute(
        f"select count(*) filter (where {is_earlier}), json_group_array(_at) filter (where {is_earlier} is not true) from ({rows}) "
        f"where {is_inside}",
        [*earlier, *earlier, *order.values, *inside],
    ).fetchone()
    if skipped > offset or high and skipped + len(json.loads(numbers)) < offset + limit:
        return None
    rows = (
        f"select {order.key} as _key, shown.rowid as _at from (select value as _found from json_each(?)) cross join "
        f"{order.relation} as shown on shown.rowid = _found"
    )
    return _numbers(
        connection,
        f"select _at from ({rows}) order by {order.by} limit ? offset ?",
        [numbers, limit, offset - skipped],
    )


def _numbers(connection: Connection, statement: str, values: list[Any]) -> list[int]:
    return [number for (number,) in connection.execute(statement, values)]
