"""A text in blocks of whole lines, which are cut into lines only when somebody asks for one."""

import io
from collections import deque
from collections.abc import Iterable, Iterator

from pipeline.ingest.batches import Noticed

BLOCK_CHARACTERS = 256 * 1024


class LineBlocks(Iterator[str]):
    """Physical lines with their line ends (LF, CRLF or CR, as they come), one by one or by blocks.

    `text` is open without translation of line ends. Zero characters are dropped where the encoding
    says so. Lines are counted in `noticed.delivered` as they are read. Memory: one block, and the
    rest of its last line.
    """

    def __init__(
        self,
        text: io.TextIOBase,
        drops_nulls: bool,
        noticed: Noticed,
        characters: int | None = None,
    ) -> None:
        self._text = text
        self._drops_nulls = drops_nulls
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
        if self._drops_nulls and "\0" in block:
            block = "".join(line.replace("\0", "") or "\n" for line in lines_of(block))
        self._noticed.delivered += count_lines(block)
        return block


def lines_of(block: str) -> list[str]:
    """Physical lines with their line ends."""
    return list(io.StringIO(block, newline=""))


def count_lines(block: str) -> int:
    """Physical lines of a block, a last one without line end included."""
    ends = block.count("\n")
    if "\r" in block:
        ends += block.count("\r") - block.count("\r\n")
    return ends + (block != "" and block[-1] not in "\r\n")
