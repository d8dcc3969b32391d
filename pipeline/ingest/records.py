"""Text lines -> rows of one width with their physical line numbers, and the lines that are no row.

Blocks of lines are read in the cheapest way that is sure to tell everything: a plain block is cut
at its delimiters (`plain_blocks`); of any other, pieces without anything unusual are read by
csv.reader at once; the rest line by line, so one bad quote costs one line and never swallows the
lines after it. All three find the same. Every physical line is counted under what became of it.
"""

import csv
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from pipeline.ingest.batches import Batch, Noticed, Reject, joined
from pipeline.ingest.dialect import Dialect, prepared
from pipeline.ingest.header import KnownNames, is_ruler
from pipeline.ingest.header_lines import GUARD
from pipeline.ingest.line_blocks import LineBlocks, lines_of
from pipeline.ingest.names_again import NamesAgain
from pipeline.ingest.plain_blocks import BLANKS, PlainBlocks, has_blank_lines, longest_name
from pipeline.ingest.repair import reread
from pipeline.ingest.row_width import RowWidth
from pipeline.ingest.side_lines import MARKS, SecondTable, names_units

#: Lines that one unusual line makes slow to read.
PIECE_LINES = 640
MAX_RECORD_LINES = 2000


class RecordReader:
    """Rows as wide as `header` from the lines that come next.

    `columns`: kinds of their cells; `padded`: other widths that are fine when only blank cells at
    the end are too many or too few; `guarded`: columns whose cells begin with an apostrophe that is
    taken off; `known`: names of columns (compact), with which another header may begin.
    """

    def __init__(
        self,
        lines: LineBlocks,
        dialect: Dialect,
        header: Sequence[str],
        first_line: int,
        columns: Sequence[Counter] = (),
        padded: frozenset[int] = frozenset(),
        guarded: frozenset[int] = frozenset(),
        noticed: Noticed | None = None,
        known: KnownNames | None = None,
    ) -> None:
        self._lines = lines
        self._dialect = dialect
        self._options = dialect.options()
        self._header = list(header)
        self._longest_name = longest_name(header)
        self._width = len(header)
        self._may_be_blank = has_blank_lines(dialect, self._width)
        self._columns = columns
        self._padded = padded
        self._guarded = sorted(guarded)
        self._again = NamesAgain(header, columns, dialect.delimiter, known)
        self._plain = PlainBlocks(dialect, header, self._again, guarded)
        self._next_line = first_line
        self._is_first_row = True
        self._after_gap = False
        self._second_table = SecondTable(header, columns, self._again)
        self.noticed = noticed or Noticed()
        self._row_width = RowWidth(self._width, columns, padded, self.noticed)

    def batches(self) -> Iterator[Batch]:
        """All rows and rejects in the order of the file, a batch a block; memory: one block."""
        while block := self._lines.block():
            if batch := self._read_plain(block):
                yield batch
                continue
            lines = lines_of(block)
            self._lines.put_back(lines)
            end = self._next_line
            pieces: list[Batch] = []
            for _, alike in groupby(lines, self._plain.is_usual):
                end += len(list(alike))
                pieces += self._read_until(end)
            yield joined(pieces, self._width)

    def _read_until(self, end: int) -> Iterator[Batch]:
        """The lines before the line `end`, in pieces."""
        while self._next_line < end:
            start = self._next_line
            piece = list(islice(self._lines, min(PIECE_LINES, end - start)))
            batch = (
                self._read_plain("".join(piece))
                or self._read_at_once(piece, start)
                or self._read_by_line(piece, start)
            )
            if self._guarded:
                self._take_guards_off(batch.rows)
            yield batch

    def _read_plain(self, block: str) -> Batch | None:
        is_usual = self._starts_as_usual(block[: block.find("\n") + 1])
        rows = self._plain.rows(block) if is_usual else None
        if rows is None:
            return None
        self._take_all(len(rows), {"\r\n" if block.endswith("\r\n") else "\n"})
        return Batch(rows, range(self._next_line - len(rows), self._next_line), [])

    def _starts_as_usual(self, line: str) -> bool:
        """Whether what a line is does not depend on the lines before it: it is neither part of a
        second table nor the first after a gap, and as first row neither a ruler nor names units.
        """
        if self._second_table.has_begun or self._after_gap:
            return False
        if not self._is_first_row:
            return True
        row = self._alone(line)
        return row is not None and not is_ruler(row) and not names_units(row, self._columns)

    def _take_all(self, rows: int, line_ends: set[str]) -> None:
        """Count so many lines as rows."""
        self._next_line += rows
        self._is_first_row = False
        self.noticed.lines["rows"] += rows
        self.noticed.line_ends.update(line_ends)

    def _take_guards_off(self, rows: Sequence[list]) -> None:
        for row in rows:
            for at in self._guarded:
                if len(row[at]) > 1 and row[at].startswith(GUARD):
                    row[at] = row[at][1:]
                    self.noticed.unguarded += 1

    def _read_at_once(self, block: list[str], start: int) -> Batch | None:
        if not self._starts_as_usual(block[0]):
            return None
        if self._may_be_blank and not all(line.strip(BLANKS) for line in block):
            return None
        try:
            read = csv.reader(prepared(block, self._dialect), **self._options)
            rows = list(map(self._dialect.cells, read))
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
        if self._longest_name and any(self._longest_name in row for row in rows):
            return None
        if any(line.startswith(MARKS) for line in block) or self._again.may_stand_in(
            "".join(block)
        ):
            return None
        self.noticed.trimmed += surplus
        self.noticed.note_line_ends(block)
        self._take_all(len(rows), set())
        return Batch(rows, range(start, self._next_line), [])

    def _read_by_line(self, block: list[str], start: int) -> Batch:
        rows: list[list] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        queue, number = deque(block), start
        while queue:
            line = queue.popleft()
            more: list[str] = []
            if line.strip(BLANKS):
                row, more, reason = self._record(line, queue, number)
                part, reason = self._place(row, reason)
                if part == "rejects":
                    text = "".join([line, *more]).rstrip("\r\n")
                    rejects.append(Reject(number, text, reason or "unreadable"))
                elif part == "rows" and row is not None:
                    rows.append(row)
                    numbers.append(number)
                self._after_gap = part == "blank"
            else:
                part, self._after_gap = "blank", True
            self.noticed.lines[part] += 1 + len(more)
            self.noticed.note_line_ends(more[-1:] or [line])
            number += 1 + len(more)
        self._next_line = number
        return Batch(rows, numbers, rejects)

    def _place(self, row: list | None, reason: str | None) -> tuple[str, str | None]:
        """The part of the file that the lines of a record are, and why it is refused."""
        is_first, self._is_first_row = self._is_first_row, False
        if is_first and row is not None and is_ruler(row):
            return "header", None
        if is_first and row is not None and names_units(row, self._columns):
            reason = "names the units of the columns"
        if reason is None and row is not None and not (any(row) or self._width == 1):
            self.noticed.without_content += 1
            return "blank", None
        if reason is None and row is not None and self._width > 1:
            reason = self._second_table.reason(row, self._after_gap, is_first)
        elif reason == "repeats the header":
            self._second_table.end()
        return ("rows", None) if reason is None and row is not None else ("rejects", reason)

    def _record(
        self, line: str, queue: deque[str], number: int
    ) -> tuple[list | None, list[str], str | None]:
        """(cells, further lines that belong to them, None) or (None, further lines, reason); takes
        lines it uses.
        """
        pulled: list[str] = []

        def feed() -> Iterator[str]:
            yield prepared([line], self._dialect)[0]
            while len(pulled) < MAX_RECORD_LINES:
                following = queue.popleft() if queue else next(self._lines, None)
                if following is None:
                    return
                pulled.append(following)
                yield prepared([following], self._dialect)[0]

        reader = csv.reader(feed(), **self._options)
        try:
            row = self._dialect.cells(next(reader))
        except csv.Error as error:
            ran_out = "unexpected end" in str(error)
            at_end = ran_out and len(pulled) < MAX_RECORD_LINES
            if (
                at_end
                and not any(self._reads_alone(each) for each in pulled)
                and (pulled or reread(line, self._dialect, self._width) is None)
            ):
                self.noticed.cut_off = ("a quote is never closed", number)
                return None, pulled, "unclosed quote"
            queue.extendleft(reversed(pulled))
            return self._reread(line, ran_out)
        fitted = self._row_width.fitted(row)
        if fitted is None and pulled and any(self._reads_alone(each) for each in pulled):
            queue.extendleft(reversed(pulled))
            return self._reread(line, ran_out=True)
        if fitted is None:
            return None, pulled, self._row_width.misfit(row, pulled[-1] if pulled else line, number)
        if self._width > 0 and (
            fitted == self._header
            or self._again.are_the_header(fitted)
            or (line.startswith(MARKS) and self._is_header(line[1:]))
        ):
            return None, pulled, "repeats the header"
        return fitted, pulled, None

    def _reread(self, line: str, ran_out: bool) -> tuple[list | None, list[str], str | None]:
        row = reread(line, self._dialect, self._width)
        if row is not None:
            self.noticed.repaired += 1
            return row, [], None
        return None, [], "unclosed quote" if ran_out else "quotes that do not match"

    def _alone(self, line: str) -> list[str] | None:
        try:
            read = csv.reader(prepared([line], self._dialect), **self._options)
            return self._dialect.cells(next(read, []))
        except csv.Error:
            return None

    def _is_header(self, line: str) -> bool:
        return self._alone(line.lstrip("".join(MARKS))) == self._header

    def _reads_alone(self, line: str) -> bool:
        row = self._alone(line)
        return row is not None and len(row) >= self._width and any(row)
