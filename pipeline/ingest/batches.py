"""What a reader hands over: rows of one width, lines that are no row, and what it counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reject:
    """A line that is no row: its physical number, the line as it came, and why (never a cell's
    value).
    """

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """Rows of one width with the physical line each began on, and rejects of the same stretch."""

    rows: list[list]
    numbers: Sequence[int]
    rejects: list[Reject]

    def first(self, rows: int) -> "Batch":
        """Its first rows, with the rejects that come before the next one."""
        if rows >= len(self.rows):
            return self
        return Batch(
            self.rows[:rows],
            self.numbers[:rows],
            [each for each in self.rejects if each.line < self.numbers[rows]],
        )


@dataclass
class Noticed:
    """What a reader counted on its way; grows while it reads.

    `lines`: physical lines (elements of JSON) by the part of the file that they belong to;
    `delivered`: all of them, counted apart; `cut_off`: why the file seems to end early, and where.
    """

    trimmed: int = 0
    repaired: int = 0
    without_content: int = 0
    unguarded: int = 0
    escaped: int = 0
    line_ends: set[str] = field(default_factory=set)
    final_line_end: bool = True
    short_widths: set[int] = field(default_factory=set)
    lines: Counter = field(default_factory=Counter)
    delivered: int = 0
    cut_off: tuple[str, int] | None = None
