"""Blocks of lines that need no reader: cut at every delimiter, they are rows.

A file of a million rows consists of such blocks but for a few. What is here proves that reading a
block line by line (`records`) would find a row on each line and nothing else to tell; it looks at
the block as a whole, so that no line costs anything by itself.
"""

from collections.abc import Collection, Sequence

from pipeline.ingest.batches import PlainRows
from pipeline.ingest.dialect import Dialect
from pipeline.ingest.header_lines import GUARD
from pipeline.ingest.names_again import NamesAgain

BLANKS = " \t\r\n\f\x1a\ufeff\u00a0"


class PlainBlocks:
    """Knows the blocks of a table that are plain, and their rows.

    `again` finds lines of names; `guarded` columns hold cells with a guard that the reader takes
    off.
    """

    def __init__(
        self,
        dialect: Dialect,
        header: Sequence[str],
        again: NamesAgain,
        guarded: Collection[int] = (),
    ) -> None:
        self._width = len(header)
        self._delimiter = dialect.delimiter
        self._quote = dialect.quotechar or ""
        self._is_possible = dialect.is_plain and not dialect.skip_space and self._width > 0
        #: Letters that mean something else in a cell than what they are.
        self._special = "\0" + (GUARD if guarded else "")
        #: A line that repeats the header as it is written, in whatever order, holds each name.
        self._name = longest_name(header)
        self._again = again
        self._may_be_blank = has_blank_lines(dialect, self._width)

    def rows(self, block: str) -> PlainRows | None:
        """The rows of the block, or None when it is not proven that each line is a row of the
        header's width, with content, of the same table.
        """
        if not self._is_possible or not block.endswith("\n"):
            return None
        if "\r" in block:
            ends = block.count("\r\n")
            if ends != block.count("\r") or ends != block.count("\n"):
                return None
            block = block.replace("\r\n", "\n")
        if any(mark in block for mark in self._special) or self._may_name_columns(block):
            return None
        if self._may_be_blank and not all(line.strip(BLANKS) for line in block[:-1].split("\n")):
            return None
        if self._quote and self._quote in block:
            return self._cut_quoted(block)
        return self._cut(block[:-1], "\n", self._delimiter)

    def is_usual(self, line: str) -> bool:
        """Whether a line looks as if it were a row; a guess, which tells where to cut a block."""
        delimiters = line.count(self._delimiter)
        if self._quote and self._quote in line:
            return delimiters >= self._width - 1 and line.count(self._quote) % 2 == 0
        return delimiters == self._width - 1

    def _may_name_columns(self, block: str) -> bool:
        """Whether the block holds a name of the header: one letter of it is looked for far quicker
        than the whole.
        """
        return (
            self._name != ""
            and all(letter in block for letter in set(self._name))
            and self._name in block
        )

    def _cut_quoted(self, block: str) -> PlainRows | None:
        """The rows when each of them stands in quotes. Then every quote of the block is one of the
        two around a cell: a quote inside would be one too many.
        """
        quote = self._quote
        cells = block.count("\n") * self._width
        if not block.startswith(quote) or block.count(quote) != 2 * cells:
            return None
        if not block.endswith(f"{quote}\n"):
            return None
        between = f"{quote}{self._delimiter}{quote}"
        return self._cut(block[1:-2], f"{quote}\n{quote}", between)

    def _cut(self, block: str, line_end: str, between: str) -> PlainRows | None:
        """The rows when each line has as many as the header, not all of them empty. With a line
        end as a cell of its own between lines, every so many-th cell is one.
        """
        cells = block.replace(line_end, f"{between}\n{between}").split(between)
        line_ends, ends = block.count("\n"), slice(self._width, None, self._width + 1)
        if len(cells) != line_ends * (self._width + 1) + self._width:
            return None
        if cells[ends].count("\n") != line_ends:
            return None
        del cells[ends]
        if self._again.may_stand_among(cells, block):
            return None
        rows = PlainRows(cells, self._width, block)
        return None if "" in cells[:: self._width] and not all(map(any, rows)) else rows


def longest_name(header: Sequence[str]) -> str:
    """The name in a header that other cells are least likely to hold; empty when all are blank."""
    return max((name for name in header if name.strip()), key=len, default="")


def has_blank_lines(dialect: Dialect, width: int) -> bool:
    """Whether a line of nothing but blanks could be taken for a row."""
    return width == 1 or dialect.delimiter in BLANKS
