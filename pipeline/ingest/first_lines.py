"""The first lines of a file, from which is told how it is read."""

from collections.abc import Iterator, Sequence
from itertools import islice

from pipeline.errors import InputRefused
from pipeline.ingest.reading import Reading

SAMPLE_LINES = 500
SAMPLE_CHARACTERS = 512 * 1024


def most_cells(lines: Sequence[str]) -> int:
    """The cells of the first line with content, by the sign that would cut it into the most."""
    first = next((line for line in lines if line.strip()), "")
    return max(map(first.count, ",;\t|")) + 1


def chosen_row(rows: Sequence[tuple[int, list[str]]], reading: Reading, name: str) -> int | None:
    """Index of the row that begins on the chosen line, -1 for no header, None when nobody chose;
    raises InputRefused when none of the first rows begins there.
    """
    line = reading.header_line
    if line is None or line == 0:
        return None if line is None else -1
    found = next((at for at, (position, _) in enumerate(rows) if position + 1 == line), None)
    if found is None:
        raise InputRefused(
            "has no row that begins there",
            f"{name}, line {line}",
            f"choose one of the first {SAMPLE_LINES} lines",
        )
    return found


def first_lines(lines: Iterator[str]) -> list[str]:
    """The lines that tell how a file is read: at most SAMPLE_LINES, and some half a megabyte; of a
    longer line nothing, unless it is the first.
    """
    taken: list[str] = []
    size = 0
    for line in islice(lines, SAMPLE_LINES):
        size += len(line)
        if taken and len(line) >= SAMPLE_CHARACTERS and line[-1] not in "\r\n":
            break
        taken.append(line)
        if size > SAMPLE_CHARACTERS:
            break
    return taken
