"""With which row a table begins, where nobody knows its column names."""

from collections.abc import Sequence

from pipeline.ingest.cell_kinds import TYPED, column_kinds, dominant, unlike
from pipeline.ingest.dialect import COMMENT
from pipeline.ingest.header import is_ruler
from pipeline.ingest.header_lines import Row

BODY_ROWS = 200
#: More lines above a table are no notes of its width.
NOTES = 12


def first_full(rows: Sequence[Row], width: int) -> int:
    """Index of the row with which the table begins: the first of its width with half of its cells
    filled, or the first of the wider rows that lead up to it without a gap.
    """
    start = next(
        (
            index
            for index, (_, row) in enumerate(rows)
            if len(row) == width and 2 * _filled(row) >= width
        ),
        0,
    )
    if start == len(rows) - 1 and start and len(rows[0][1]) > 1:
        return 0
    first = start
    while first and width < len(rows[first - 1][1]) and not is_gap(rows, first):
        first -= 1
    return first if start - first > 1 and _filled(rows[first][1]) > 1 else start


def is_gap(rows: Sequence[Row], at: int) -> bool:
    """Whether lines lie between a row and the one above it that belong to neither."""
    position, cells = rows[at - 1]
    return rows[at][0] - position > 1 + sum(cell.count("\n") for cell in cells)


def body_of(rows: Sequence[Row], start: int, width: int) -> list[list[str]]:
    return [row for _, row in rows[start:] if len(row) == width and not is_ruler(row)][:BODY_ROWS]


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def beneath_notes(rows: Sequence[Row], start: int, width: int) -> int:
    """Index of the row with which the table begins when notes of its width stand above it.

    Notes are comments, or lines before a gap beneath which a line stands over its rows that is a
    header in every column.
    """
    at = start
    while at < len(rows) and rows[at][1][0].lstrip().startswith(COMMENT):
        at += 1
    if at == len(rows) or _votes(rows, at, width) <= 0:
        at = start
    gap = at + 1
    while gap < min(at + NOTES, len(rows) - 1) and not is_gap(rows, gap):
        gap += 1
    is_above_notes = (
        gap < len(rows) - 1
        and is_gap(rows, gap)
        and not is_gap(rows, gap + 1)
        and all(_votes(rows, note, width) >= 0 for note in range(at, gap))
        and _is_header(rows, gap, width)
    )
    return gap if is_above_notes else at


def _votes(rows: Sequence[Row], at: int, width: int) -> float:
    """How much a row is unlike those beneath it: above 0 as a header is, below as data."""
    return unlike(rows[at][1], column_kinds(body_of(rows, at + 1, width), width))


def _is_header(rows: Sequence[Row], at: int, width: int) -> bool:
    columns = column_kinds(body_of(rows, at + 1, width), width)
    typed = sum(1 for counts in columns if dominant(counts) in TYPED)
    return len(rows[at][1]) == width and 0 < typed <= unlike(rows[at][1], columns)
