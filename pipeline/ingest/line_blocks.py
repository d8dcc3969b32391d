"""A text in blocks of whole lines, which are cut into lines only when somebody asks for one."""

import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.ingest.batches import Batch, Noticed
from pipeline.ingest.codecs_of_ours import KEPT, NOT_STORABLE, escaped
from pipeline.ingest.plain_blocks import BLANKS

BLOCK_CHARACTERS = 256 * 1024


class LineBlocks(Iterator[str]):
    """Physical lines with their line ends (LF, CRLF or CR, as they come), one by one or by blocks.

    `text` is open without translation of line ends. What cannot be stored is escaped where the
    encoding says that there may be any. Lines are counted in `noticed.delivered` as they are read.
    Memory: one block, and the rest of its last line.
    """

    def __init__(
        self,
        text: io.TextIOBase,
        escapes: bool,
        noticed: Noticed,
        characters: int | None = None,
    ) -> None:
        self._text = text
        self._escapes = escapes
        self._noticed = noticed
        self._characters = characters or BLOCK_CHARACTERS
        self._waiting: deque[str] = deque()

    def __next__(self) -> str:
        if not self._waiting:
            self._waiting.extend(lines_of(self._read()))
        if not self._waiting:
            raise StopIteration
        return self._waiting.popleft()

    def block(self) -> str:
        """The lines that wait to be read, or else the next block; empty at the end."""
        if not self._waiting:
            return self._read()
        rest = "".join(self._waiting)
        self._waiting.clear()
        return rest

    def put_back(self, lines: Iterable[str]) -> None:
        """Lines that were taken and are to come again, before all others."""
        self._waiting.extendleft(reversed(list(lines)))

    def _read(self) -> str:
        block = self._text.read(self._characters)
        if block and not block.endswith("\n"):
            block += self._text.readline()
        if self._escapes and NOT_STORABLE.search(block):
            block = "".join(storable(line, self._noticed) for line in lines_of(block))
        self._noticed.delivered += count_lines(block)
        self._noticed.longest_block = max(self._noticed.longest_block, len(block))
        return block


def storable(line: str, noticed: Noticed | None, is_json: bool = False) -> str:
    """A line without zero characters and undecodable bytes: they are escaped, and the line is
    counted in `noticed.escaped`; a line of nothing but zeros is blank.
    """
    if not NOT_STORABLE.search(line):
        return line
    if not line.strip("\0" + BLANKS):
        return line.replace("\0", " ")
    # the zeros of JSON are counted where its values are stored
    if noticed is not None and (KEPT if is_json else NOT_STORABLE).search(line):
        noticed.escaped += 1
    return escaped(line, is_json)


def with_escapes(batch: Batch, noticed: Noticed) -> Batch:
    """The batch with its cells and rejected lines made `storable`."""
    rows = [[storable(cell, noticed) for cell in row] for row in batch.rows]
    rejects = [replace(each, text=storable(each.text, noticed)) for each in batch.rejects]
    return Batch(rows, batch.numbers, rejects)


def lines_of(block: str) -> list[str]:
    """Physical lines with their line ends."""
    return list(io.StringIO(block, newline=""))


def count_lines(block: str) -> int:
    """Physical lines of a block, a last one without line end included."""
    ends = block.count("\n")
    if "\r" in block:
        ends += block.count("\r") - block.count("\r\n")
    return ends + (block != "" and block[-1] not in "\r\n")
