"""The order of day and month in a file: what its dates show, what was stated, and by whom.

The order that is in force stands with the load; each statement is also kept for good, so that it
can be told who stated what when. Delivered text is never changed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import quoted, records

#: What may be stated, in words.
ORDERS = {"MDY": "month first", "DMY": "day first"}
STATEMENTS = """create table if not exists ops_load_date_orders (
    load_id text not null, date_order text, reason text not null, author text not null,
    stated_at text not null)"""
NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?![\d\-/.])")


@dataclass(frozen=True)
class DateOrderEvidence:
    """What the dates of one column of a file show: cells with content, and those written as two
    numbers and a year that can only be month first, only day first, or either.
    """

    column: str
    dates: int
    month_first: int
    day_first: int
    either: int

    @property
    def suggested(self) -> str | None:
        """The order that some dates prove and none contradicts, where others wait for it."""
        if not self.either or bool(self.month_first) == bool(self.day_first):
            return None
        return "MDY" if self.month_first else "DMY"

    def against(self, order: str) -> int:
        """Dates that the order contradicts."""
        return self.day_first if order == "MDY" else self.month_first

    def is_other_than(self, order: str) -> bool:
        """Whether more dates contradict the order than prove it."""
        return self.against(order) > self.month_first + self.day_first - self.against(order)

    @property
    def sentence(self) -> str:
        """The counts in words."""
        return (
            f"{self.month_first:,} of {self.dates:,} dates can only be month first, "
            f"{self.day_first or 'none'} only day first, {self.either:,} can be either"
        )


def create(connection: Connection) -> None:
    """The table of statements, where it is missing."""
    connection.execute(STATEMENTS)


def tally(column: str, dates: int, cells: Iterable[tuple[str, int]]) -> DateOrderEvidence:
    """The evidence of `cells` (text, how often), of `dates` cells with content."""
    month_first = day_first = either = 0
    for text, count in cells:
        match = NUMBERS.match(text.strip())
        if match is None:
            continue
        first, second = int(match[1]), int(match[3])
        if first <= 12 < second <= 31:
            month_first += count
        elif second <= 12 < first <= 31:
            day_first += count
        elif first != second and 1 <= first <= 12 and 1 <= second <= 12:
            either += count
    return DateOrderEvidence(column, dates, month_first, day_first, either)


def evidence(connection: Connection, raw: str, delivered: str, load_id: str) -> DateOrderEvidence:
    """What the delivered column of a load shows, read from its raw rows."""
    cell = quoted(delivered)
    (dates,) = connection.execute(
        f"select count(nullif(trim({cell}), '')) from {quoted(raw)} where _load_id = ?", (load_id,)
    ).fetchone()
    cells = connection.execute(
        f"select {cell}, count(*) from {quoted(raw)} where _load_id = ? "
        f"and {cell} not glob '[0-9][0-9][0-9][0-9]*' group by 1",
        (load_id,),
    )
    return tally(delivered, dates, cells)


def state(connection: Connection, load_id: str, order: str | None, reason: str, by: str) -> None:
    """Put an order (a key of ORDERS, None: none) in force for a load, and keep the statement; call
    it in a transaction.
    """
    connection.execute("update ops_loads set date_order = ? where load_id = ?", (order, load_id))
    connection.execute(
        "insert into ops_load_date_orders values (?, ?, ?, ?, ?)",
        (load_id, order, reason, by, utc_now()),
    )


def statements(connection: Connection, load_id: str) -> list[dict[str, Any]]:
    """Every statement about a load, oldest first: date_order, reason, author, stated_at."""
    return records(
        connection,
        "select date_order, reason, author, stated_at from ops_load_date_orders "
        "where load_id = ? order by rowid",
        (load_id,),
    )
