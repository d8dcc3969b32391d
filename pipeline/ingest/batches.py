"""What a reader hands over: rows of one width, lines that are no row, and what it counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reject:
    """A line that is no row: its physical number, the line as it came, and why (never a cell's
    value).
    """

    line: int
    text: str
    reason: str


class PlainRows(Sequence):
    """Rows of one width, kept as their `cells` one after another; a row is made when it is asked
    for.
    """

    def __init__(self, cells: list, width: int) -> None:
        self.cells = cells
        self.width = width

    def __len__(self) -> int:
        return len(self.cells) // self.width

    def __getitem__(self, at):
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        start = range(len(self))[at] * self.width
        return self.cells[start : start + self.width]

    def __iter__(self) -> Iterator[list]:
        starts = range(0, len(self.cells), self.width)
        return (self.cells[start : start + self.width] for start in starts)


@dataclass(frozen=True)
class Batch:
    """Rows of one width with the physical line each began on, and rejects of the same stretch."""

    rows: Sequence[list]
    numbers: Sequence[int]
    rejects: list[Reject]

    def column(self, at: int) -> list:
        """The cells of one column."""
        if isinstance(self.rows, PlainRows):
            return self.rows.cells[at :: self.rows.width]
        return [row[at] for row in self.rows]

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

    def note_line_ends(self, lines: Sequence[str]) -> None:
        """Remember how lines end."""
        tails = {line[-2:] for line in lines}
        self.line_ends.update(
            tail if tail == "\r\n" else tail[-1:] for tail in tails if tail[-1:] in "\r\n"
        )
        if any(tail[-1:] not in "\r\n" for tail in tails):
            self.final_line_end = False
