"""Tables that are no text, and text of fixed width, as lines of CSV: one line a row, so that what
reads CSV finds header, notes and totals in them as well.

A line end inside a cell would begin a line of its own and shift the row numbers; it travels under a
sign that no text holds and is put back into the rows.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from pipeline.ingest.batches import Batch, Noticed, PlainRows, Reject
from pipeline.ingest.dialect import Dialect
from pipeline.ingest.limits import Growth

DIALECT = Dialect(",", '"')
#: Signs that stand for line ends inside a cell, and for themselves.
LINE_FEED, CARRIAGE_RETURN = "\ufdd0", "\ufdd1"
UNSAFE = ("\n", "\r", "\0", LINE_FEED, CARRIAGE_RETURN)
_ESCAPES: dict[str | int, str] = {
    "\n": LINE_FEED,
    "\r": CARRIAGE_RETURN,
    "\0": "\\u0000",
    LINE_FEED: "\\ufdd0",
    CARRIAGE_RETURN: "\\ufdd1",
    **{code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)},
}
TO_LINE = str.maketrans(_ESCAPES)
TO_CELL = str.maketrans({LINE_FEED: "\n", CARRIAGE_RETURN: "\r"})


class RowText(io.TextIOBase):
    """Rows as a text of CSV that is read in blocks of whole lines. Memory: one block. Raises
    InputRefused when a small file becomes a large text (cells repeated, texts shared).
    """

    def __init__(self, rows: Iterable[Sequence[str]], noticed: Noticed, growth: Growth) -> None:
        self._rows = iter(rows)
        self._noticed = noticed
        self._growth = growth
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, lineterminator="\n")

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """The next line, whole; empty at the end."""
        return self._taken(1)

    def read(self, size: int | None = -1, /) -> str:
        """Whole lines of at least so many characters in all; empty at the end."""
        return self._taken(size if size is not None and size >= 0 else None)

    def _taken(self, characters: int | None) -> str:
        self._buffer.seek(0)
        self._buffer.truncate()
        while characters is None or self._buffer.tell() < characters:
            row = next(self._rows, None)
            if row is None:
                break
            self._write(row)
        self._growth.add(self._buffer.tell())
        return self._buffer.getvalue()

    def _write(self, row: Sequence[str]) -> None:
        text = "".join(row)
        if not text:
            self._buffer.write("\n")
            return
        if not text.isascii() or any(sign in text for sign in UNSAFE):
            row = [self._on_one_line(cell) for cell in row]
        self._writer.writerow(row)

    def _on_one_line(self, cell: str) -> str:
        line = cell.translate(TO_LINE)
        if len(line) != len(cell):
            self._noticed.escaped += 1
        return line


def as_delivered(text: str) -> str:
    """A text with its line ends put back."""
    return text.translate(TO_CELL)


def with_line_ends(batch: Batch) -> Batch:
    """The batch with line ends put back into its cells and rejected lines."""
    rows = batch.rows
    cells = rows.cells if isinstance(rows, PlainRows) else [cell for row in rows for cell in row]
    text = "".join(cells)
    if not text.isascii() and (LINE_FEED in text or CARRIAGE_RETURN in text):
        rows = [[as_delivered(cell) for cell in row] for row in rows]
    rejects = [Reject(each.line, as_delivered(each.text), each.reason) for each in batch.rejects]
    return Batch(rows, batch.numbers, rejects)
