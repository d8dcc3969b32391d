"""What a reader hands over: rows of one width, lines that are no row, and what it counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain


@dataclass(frozen=True)
class Reject:
    """A line that is no row: its physical number, the line as it came, and why (never a cell's
    value).
    """

    line: int
    text: str
    reason: str


class PlainRows(Sequence):
    """Rows of one width, kept as their `cells` one after another, with the `text` that these were
    cut from, if it is one; a row is made when it is asked for.
    """

    def __init__(self, cells: list[str], width: int, text: str | None = None) -> None:
        self.cells = cells
        self.width = width
        self.text = text

    def __len__(self) -> int:
        return len(self.cells) // self.width

    def __getitem__(self, at):
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        start = range(len(self))[at] * self.width
        return self.cells[start : start + self.width]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __iter__(self) -> Iterator[list]:
        starts = range(0, len(self.cells), self.width)
        return (self.cells[start : start + self.width] for start in starts)


@dataclass(frozen=True)
class Batch:
    """Rows of one width with the physical line each began on, and rejects of the same stretch."""

    rows: Sequence[list]
    numbers: Sequence[int]
    rejects: list[Reject]

    def cells(self, start: int, end: int) -> list:
        """The cells of the rows from `start` to before `end`, one after another."""
        if isinstance(self.rows, PlainRows):
            return self.rows.cells[start * self.rows.width : end * self.rows.width]
        return [*chain.from_iterable(self.rows[start:end])]

    def column(self, at: int) -> list[str]:
        """The cells of one column, a missing one as an empty text."""
        if isinstance(self.rows, PlainRows):
            return self.rows.cells[at :: self.rows.width]
        return [row[at] or "" for row in self.rows]

    def may_hold(self, letters: str) -> bool:
        """False when it is sure, at no cost, that no cell holds any of the letters."""
        text = self.rows.text if isinstance(self.rows, PlainRows) else None
        return text is None or any(letter in text for letter in letters)

    def first(self, rows: int) -> "Batch":
        """Its first rows, with the rejects that come before the next one."""
        if rows >= len(self.rows):
            return self
        return Batch(
            self.rows[:rows],
            self.numbers[:rows],
            [each for each in self.rejects if each.line < self.numbers[rows]],
        )


def joined(batches: Sequence[Batch], width: int) -> Batch:
    """One batch of several that follow each other, with rows of so many cells."""
    cells: list[str] = []
    for each in batches:
        rows = each.rows
        cells += rows.cells if isinstance(rows, PlainRows) else chain.from_iterable(rows)
    return Batch(
        PlainRows(cells, width),
        [*chain.from_iterable(each.numbers for each in batches)],
        [*chain.from_iterable(each.rejects for each in batches)],
    )


@dataclass
class Noticed:
    """What a reader counted on its way; grows while it reads.

    `lines`: physical lines (elements of JSON) by the part of the file that they belong to;
    `delivered`: all of them, counted apart; `cut_off`: why the file seems to end early, and where;
    `longest_block`: characters of the longest block of lines; `remarks`: what else is to be told of
    cells, with how many.
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
    longest_block: int = 0
    remarks: Counter = field(default_factory=Counter)

    def note_line_ends(self, lines: Sequence[str]) -> None:
        """Remember how lines end."""
        tails = {line[-2:] for line in lines}
        self.line_ends.update(
            tail if tail == "\r\n" else tail[-1:] for tail in tails if tail[-1:] in "\r\n"
        )
        if any(tail[-1:] not in "\r\n" for tail in tails):
            self.final_line_end = False
