"""Blocks of lines that need no reader: cut at every delimiter, they are rows.

A file of a million rows consists of such blocks but for a few. What is here proves that reading a
block line by line (`records`) would find a row on each line and nothing else to tell; it looks at
the block as a whole, so that no line costs anything by itself.
"""

from collections.abc import Collection, Sequence

from pipeline.ingest.dialect import Dialect
from pipeline.ingest.header_lines import GUARD

BLANKS = " \t\r\n\f\x1a\ufeff\u00a0"


class PlainBlocks:
    """Knows the blocks of a table that are plain, and their cells.

    `guarded` columns hold cells with a guard that the reader takes off.
    """

    def __init__(
        self, dialect: Dialect, header: Sequence[str], guarded: Collection[int] = ()
    ) -> None:
        self._width = len(header)
        self._delimiter = dialect.delimiter
        self._is_possible = dialect.is_plain and self._width > 0
        #: A line without any of these means what it says.
        self._special = [dialect.quotechar, "\0", GUARD if guarded else None]
        if dialect.skip_space:
            self._special += [f"{dialect.delimiter} ", "\n "]
        #: A line that repeats the header, in whatever order, holds each of its names.
        self._special.append(longest_name(header))
        self._empty_line = f"\n{self._delimiter * (self._width - 1)}\n"
        self._may_be_blank = has_blank_lines(dialect, self._width)

    def cells(self, block: str) -> list[str] | None:
        """The cells of the block, row after row, or None when it is not proven that each line is a
        row of the header's width, with content, of the same table.
        """
        if not self._is_possible or not block.endswith("\n"):
            return None
        if "\r" in block:
            ends = block.count("\r\n")
            if ends != block.count("\r") or ends != block.count("\n"):
                return None
            block = block.replace("\r\n", "\n")
        lines = f"\n{block}"
        if any(mark and mark in lines for mark in self._special) or self._empty_line in lines:
            return None
        if self._may_be_blank and not all(line.strip(BLANKS) for line in block[:-1].split("\n")):
            return None
        return self._cut(block)

    def _cut(self, block: str) -> list[str] | None:
        """The cells when each line has as many as the header: with a line end as a cell of its own
        after each line, every so many-th cell is one.
        """
        mark, lines = self._delimiter, block.count("\n")
        cells = block.replace("\n", f"{mark}\n{mark}").split(mark)
        cells.pop()
        ends = slice(self._width, None, self._width + 1)
        if len(cells) != lines * (self._width + 1) or cells[ends].count("\n") != lines:
            return None
        del cells[ends]
        return cells


def longest_name(header: Sequence[str]) -> str:
    """The name in a header that other cells are least likely to hold; empty when all are blank."""
    return max((name for name in header if name.strip()), key=len, default="")


def has_blank_lines(dialect: Dialect, width: int) -> bool:
    """Whether a line of nothing but blanks could be taken for a row."""
    return width == 1 or dialect.delimiter in BLANKS
