"""What the delivered cells of a load look like, column by column: how many are filled, and with
what kind of text. Counts only, no value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import quoted, records
from pipeline.store.warehouse import raw_tables

#: Share of the filled cells from which on a column is of one kind.
MOST = 0.95
DATE = (
    "{0} glob '[12][0-9][0-9][0-9]-[01][0-9]*' or {0} glob '[0-9]*/[0-9]*/[0-9]*' "
    "or {0} glob '[0-9]*.[0-9]*.[0-9]*'"
)
NUMBER = "{0} glob '*[0-9]*' and not {0} glob '*[^-+0-9.,]*'"


@dataclass(frozen=True)
class ColumnProfile:
    """Rows of a load, cells of one column that are filled, and how many of them look like dates and
    like numbers (no date).
    """

    rows: int
    filled: int
    dates: int
    numbers: int

    @property
    def fill(self) -> float | None:
        """Share of filled cells, None of a load without rows."""
        return self.filled / self.rows if self.rows else None

    @property
    def kind(self) -> str | None:
        """date, number or text; None while nothing is filled."""
        if not self.filled:
            return None
        for kind, count in (("date", self.dates), ("number", self.numbers)):
            if count >= MOST * self.filled:
                return kind
        return "text"


def profile(
    connection: Connection, raw: str, columns: Sequence[str], rows: tuple[int, int]
) -> dict[str, ColumnProfile]:
    """The profile of each column of the rows from one number to another, both included."""
    if not columns:
        return {}
    parts = []
    for column in columns:
        cell = f"trim({quoted(column)})"
        date = f"({DATE.format(cell)})"
        parts += [
            f"count(nullif({cell}, ''))",
            f"total({date})",
            f"total({NUMBER.format(cell)} and not {date})",
        ]
    found = connection.execute(
        f"select count(*), {', '.join(parts)} from {quoted(raw_tables.table_of(raw))} "
        "where rowid between ? and ?",
        rows,
    ).fetchone()
    counts = [int(count) for count in found]
    return {
        column: ColumnProfile(counts[0], *counts[1 + 3 * at : 4 + 3 * at])
        for at, column in enumerate(columns)
    }


def load_before(connection: Connection, load_id: str) -> dict[str, Any] | None:
    """The newest load in force of the same source that came before and has rows, None for none."""
    loads = records(
        connection,
        "select * from ops_loads where status = 'loaded' and accepted > 0 and header is not null "
        "and entity = (select entity from ops_loads where load_id = ?1) "
        "and load_seq < (select load_seq from ops_loads where load_id = ?1) "
        "order by load_seq desc limit 1",
        (load_id,),
    )
    return loads[0] if loads else None
