"""Read a line whose quotes inside a quoted cell were not doubled, when exactly one reading has the
right width.
"""

import re
from functools import cache

from pipeline.ingest.dialect import Dialect, prepared

MAX_LINE_CHARACTERS = 20_000
MAX_QUOTES = 200
MAX_WIDTH = 200


def reread(line: str, dialect: Dialect, width: int) -> list[str] | None:
    """The `width` cells of a line with stray quotes inside quoted cells, or None when no reading is
    the best one.

    A quoted cell begins with a quote, ends with a quote before a delimiter or the end of the line,
    and has no border of two quoted cells inside; a cell that begins with a quoted word and goes on
    (`"Bob" Lee`) keeps its quotes. Of the readings with the right width the one with
    the fewest undoubled quotes counts, and a tie is no reading.
    """
    quote, delimiter = dialect.quotechar, dialect.mark
    border = f"{quote}{delimiter}{quote}"
    line = prepared([line], dialect)[0].rstrip("\r\n")
    if quote:
        line = re.sub(rf"{quote}[ \t]+(?={re.escape(delimiter)}|$)", quote, line)
    quotes = line.count(quote) if quote else 0
    if not quotes or quotes > MAX_QUOTES or width > MAX_WIDTH or len(line) > MAX_LINE_CHARACTERS:
        return None
    ends = [
        at
        for at, letter in enumerate(line)
        if letter == quote and (at + 1 == len(line) or line[at + 1] == delimiter)
    ]

    def cell_choices(start: int) -> list[tuple[int, int, str]]:
        """(end of the cell, undoubled quotes, content) for every way to read the cell at
        `start`.
        """
        at = start
        while dialect.skip_space and line[at : at + 1] == " ":
            at += 1
        if line[at : at + 1] != quote:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            return [(end, 0, line[at:end])]
        choices = []
        plain = line[at : end if (end := line.find(delimiter, at)) >= 0 else len(line)]
        if plain.count(quote) % 2 == 0 and not plain.rstrip().endswith(quote):
            choices.append((at + len(plain), plain.count(quote), plain))
        for end in ends:
            if end > at:
                inner = line[at + 1 : end]
                bare = inner.replace(quote * 2, "")
                if border not in bare:
                    choices.append((end + 1, bare.count(quote), inner.replace(quote * 2, quote)))
        return choices

    @cache
    def best(start: int, remaining: int) -> tuple[int, int, tuple[str, ...]] | None:
        """(undoubled quotes, readings with that few, cells) from `start` on, or None."""
        found: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for end, stray, content in cell_choices(start):
            tail: tuple[int, int, tuple[str, ...]] | None = None
            if end == len(line) and remaining == 1:
                tail = (0, 1, ())
            elif end < len(line) and remaining > 1:
                tail = best(end + 1, remaining - 1)
            if tail is not None:
                found.setdefault(stray + tail[0], []).append((tail[1], (content, *tail[2])))
        if not found:
            return None
        least = min(found)
        return least, sum(count for count, _ in found[least]), found[least][0][1]

    result = best(0, width)
    return dialect.cells(list(result[2])) if result and result[1] == 1 else None
