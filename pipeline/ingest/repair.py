"""Read a line whose quotes inside a quoted cell were not doubled, when exactly one reading has the right width."""

from functools import lru_cache

from pipeline.ingest.dialect import Dialect

MAX_LINE_CHARACTERS = 20_000
MAX_QUOTES = 200
MAX_WIDTH = 200


def reread(line: str, dialect: Dialect, width: int) -> list[str] | None:
    """The `width` cells of a line with stray quotes inside quoted cells, or None when no reading is the best one.

    A quoted cell begins with a quote and ends with a quote before a delimiter or the end of the line; of the
    readings with the right width the one with the fewest undoubled quotes counts, and a tie is no reading.
    """
    quote, delimiter = dialect.quotechar, dialect.delimiter
    line = line.rstrip("\r\n")
    quotes = line.count(quote) if quote else 0
    if not quotes or quotes > MAX_QUOTES or width > MAX_WIDTH or len(line) > MAX_LINE_CHARACTERS:
        return None
    ends = [at for at, letter in enumerate(line)
            if letter == quote and (at + 1 == len(line) or line[at + 1] == delimiter)]

    def cell_choices(start: int) -> list[tuple[int, int, str]]:
        """(end of the cell, undoubled quotes, content) for every way to read the cell at `start`."""
        at = start
        while dialect.skip_space and line[at:at + 1] == " ":
            at += 1
        if line[at:at + 1] != quote:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            return [(end, 0, line[at:end])]
        choices = []
        for end in ends:
            if end > at:
                inner = line[at + 1:end]
                choices.append((end + 1, inner.replace(quote * 2, "").count(quote), inner.replace(quote * 2, quote)))
        return choices

    @lru_cache(maxsize=None)
    def best(start: int, remaining: int) -> tuple[int, int, tuple[str, ...]] | None:
        """(undoubled quotes, readings with that few, cells) from `start` on, or None."""
        found: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for end, stray, content in cell_choices(start):
            if end == len(line):
                tail = (0, 1, ()) if remaining == 1 else None
            else:
                tail = best(end + 1, remaining - 1) if remaining > 1 else None
            if tail is not None:
                found.setdefault(stray + tail[0], []).append((tail[1], (content, *tail[2])))
        if not found:
            return None
        least = min(found)
        return least, sum(count for count, _ in found[least]), found[least][0][1]

    result = best(0, width)
    return list(result[2]) if result and result[1] == 1 else None
