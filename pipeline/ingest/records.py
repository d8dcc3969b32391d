"""Text lines -> rows of one width with their physical line numbers, and the lines that are no row.

Blocks of lines are read at once by csv.reader; a block in which anything is unusual is read again
line by line, so one bad quote costs one line and never swallows the lines after it.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pipeline.errors import InputRefused
from pipeline.ingest.dialect import Dialect, unfold_escapes
from pipeline.ingest.repair import reread

BLOCK_LINES = 4096
MAX_RECORD_LINES = 2000
BLANKS = " \t\r\n\f\x1a\ufeff\u00a0"
FOOTER = re.compile(
    r"\W*(total|sum|count|rows|records|end|eof|footer|generated|exported|source|note|page)\b|--|#|=",
    re.IGNORECASE,
)


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
    """What a reader counted on its way; grows while it reads."""

    trimmed: int = 0
    repaired: int = 0
    without_content: int = 0
    line_ends: set[str] = field(default_factory=set)
    final_line_end: bool = True
    short_widths: set[int] = field(default_factory=set)


class RecordReader:
    """Rows as wide as `header` from lines that keep their line ends.

    `padded`: larger widths that are fine when the surplus cells are blank.

    Raises InputRefused when the table is cut off or a second header in another order follows.
    """

    def __init__(
        self,
        lines: Iterator[str],
        dialect: Dialect,
        header: Sequence[str],
        first_line: int,
        name: str,
        padded: frozenset[int] = frozenset(),
        noticed: Noticed | None = None,
    ) -> None:
        self._lines = lines
        self._dialect = dialect
        self._options = dialect.options()
        self._header = list(header)
        self._header_set = {cell for cell in header if cell.strip()}
        self._width = len(header)
        self._padded = padded
        self._next_line = first_line
        self._name = name
        self.noticed = noticed or Noticed()

    def batches(self) -> Iterator[Batch]:
        """All rows and rejects in the order of the file; memory: one block."""
        while block := list(islice(self._lines, BLOCK_LINES)):
            start = self._next_line
            batch = self._read_at_once(block, start) or self._read_by_line(block, start)
            self._refuse_second_header(batch)
            yield batch

    def _note_line_ends(self, lines: Sequence[str]) -> None:
        tails = {line[-2:] for line in lines}
        self.noticed.line_ends.update(
            tail if tail == "\r\n" else tail[-1:] for tail in tails if tail[-1:] in "\r\n"
        )
        if any(tail[-1:] not in "\r\n" for tail in tails):
            self.noticed.final_line_end = False

    def _read_at_once(self, block: list[str], start: int) -> Batch | None:
        try:
            rows = list(csv.reader(unfold_escapes(block, self._dialect), **self._options))
        except csv.Error:
            return None
        if len(rows) != len(block):
            return None
        widths = set(map(len, rows))
        if (
            not widths <= {self._width, *self._padded}
            or min(widths) < self._width
            or not all(map(any, rows))
        ):
            return None
        surplus = sum(1 for row in rows if len(row) > self._width) if widths != {self._width} else 0
        if surplus:
            if any(map(any, [row[self._width :] for row in rows])):
                return None
            rows = [row[: self._width] for row in rows]
        if self._header in rows:
            return None
        self.noticed.trimmed += surplus
        self._note_line_ends(block)
        self._next_line = start + len(block)
        return Batch(rows, range(start, self._next_line), [])

    def _read_by_line(self, block: list[str], start: int) -> Batch:
        rows: list[list] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        queue, line_number = deque(block), start
        while queue:
            line = queue.popleft()
            more: list[str] = []
            if line.strip(BLANKS):
                row, more, reason = self._record(line, queue, line_number)
                if row is not None and reason is None:
                    if any(row) or self._width == 1:
                        rows.append(row)
                        numbers.append(line_number)
                    else:
                        self.noticed.without_content += 1
                elif reason:
                    rejects.append(
                        Reject(line_number, "".join([line, *more]).rstrip("\r\n"), reason)
                    )
            self._note_line_ends(more[-1:] or [line])
            line_number += 1 + len(more)
        self._next_line = line_number
        return Batch(rows, numbers, rejects)

    def _record(
        self, line: str, queue: deque[str], number: int
    ) -> tuple[list | None, list[str], str | None]:
        """(cells, further lines that belong to them, None) or (None, further lines, reason); takes
        lines it uses.
        """
        pulled: list[str] = []

        def feed() -> Iterator[str]:
            yield unfold_escapes([line], self._dialect)[0]
            while len(pulled) < MAX_RECORD_LINES:
                following = queue.popleft() if queue else next(self._lines, None)
                if following is None:
                    return
                pulled.append(following)
                yield unfold_escapes([following], self._dialect)[0]

        reader = csv.reader(feed(), **self._options)
        try:
            row = next(reader)
        except csv.Error as error:
            ran_out = "unexpected end" in str(error)
            at_end = ran_out and len(pulled) < MAX_RECORD_LINES
            if at_end and not any(self._reads_alone(each) for each in pulled):
                raise self._cut_off("a quote is never closed", number) from None
            queue.extendleft(reversed(pulled))
            return self._reread(line, ran_out)
        fitted = self._fitted(row)
        if fitted is None and pulled and any(self._reads_alone(each) for each in pulled):
            queue.extendleft(reversed(pulled))
            return self._reread(line, ran_out=True)
        if fitted is None:
            return None, pulled, self._misfit(row, pulled[-1] if pulled else line, number)
        if fitted == self._header and self._width > 0:
            return None, pulled, "repeats the header"
        return fitted, pulled, None

    def _reread(self, line: str, ran_out: bool) -> tuple[list | None, list[str], str | None]:
        row = reread(line, self._dialect, self._width)
        if row is not None:
            self.noticed.repaired += 1
            return row, [], None
        return None, [], "unclosed quote" if ran_out else "quotes that do not match"

    def _fitted(self, row: list[str]) -> list[str] | None:
        """The row at the right width (blank cells at its end cut off where the file has them
        throughout), or None.

        A lone row with a blank cell too many may as well have one too many in its middle: it is no
        row.
        """
        if len(row) == self._width:
            return row
        if (
            len(row) in self._padded
            and len(row) > self._width
            and not any(cell.strip() for cell in row[self._width :])
        ):
            self.noticed.trimmed += 1
            return row[: self._width]
        if self._width > 1 and not any(row):
            return [""] * self._width
        return None

    def _reads_alone(self, line: str) -> bool:
        try:
            row = next(csv.reader(unfold_escapes([line], self._dialect), **self._options), [])
        except csv.Error:
            return False
        return len(row) >= self._width and any(row)

    def _misfit(self, row: list[str], last_line: str, number: int) -> str:
        short = len(row) < self._width
        if (
            short
            and last_line[-1:] not in "\r\n"
            and len(row) not in self.noticed.short_widths
            and not FOOTER.match(row[0])
        ):
            raise self._cut_off(
                f"its last line has {len(row)} of {self._width} cells and no line end", number
            )
        if short:
            self.noticed.short_widths.add(len(row))
        return f"{len(row)} {'cell' if len(row) == 1 else 'cells'}, the header has {self._width}"

    def _cut_off(self, what: str, number: int) -> InputRefused:
        return InputRefused(
            f"is cut off: {what}", f"{self._name}, line {number}", "deliver the whole file again"
        )

    def _refuse_second_header(self, batch: Batch) -> None:
        if self._width < 2 or self._header_set.isdisjoint([row[0] for row in batch.rows]):
            return
        for row, number in zip(batch.rows, batch.numbers, strict=True):
            if self._header_set.issuperset(row):
                raise InputRefused(
                    "holds a second table with its columns in another order",
                    f"{self._name}, line {number}",
                    "deliver one table a file",
                )
