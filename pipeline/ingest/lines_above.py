"""The lines of a text down to the header of its table: notes, blank ones, and rows up there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.ingest.batches import Reject
from pipeline.ingest.cell_kinds import is_shaped_like, outlines, unlike
from pipeline.ingest.dialect import separator_line
from pipeline.ingest.header_lines import Row
from pipeline.ingest.layout import Layout
from pipeline.ingest.plain_blocks import BLANKS

ABOVE = "stands above the header, shaped like a row"


@dataclass(frozen=True)
class LinesAbove:
    """The last physical line of a header, the lines above it that look like rows, how many are
    notes, and all lines down to it by their part.
    """

    header_line: int
    rejects: tuple[Reject, ...]
    notes: int
    parts: Counter


def lines_above(layout: Layout, lines: Sequence[str], rows: Sequence[Row]) -> LinesAbove:
    """What the lines down to the header of a layout are; `rows` are those of `lines`."""
    start = rows[layout.first][0]
    last, cells = rows[layout.at]
    header_line = last + 1 + sum(cell.count("\n") or cell.count("\r") for cell in cells)
    rejects = _rows_above(layout, lines, rows)
    taken = {each.line - 1 + at for each in rejects for at in range(each.text.count("\n") + 1)}
    parts: Counter[str] = Counter(header=header_line - start)
    notes = 0
    for position, line in enumerate(lines[:start]):
        if position in taken:
            parts["rejects"] += 1
        elif line.strip(BLANKS):
            parts["preamble"] += 1
            notes += separator_line(line) is None
        else:
            parts["blank"] += 1
    return LinesAbove(header_line, rejects, notes, parts)


def _rows_above(layout: Layout, lines: Sequence[str], rows: Sequence[Row]) -> tuple[Reject, ...]:
    width = len(layout.names)
    shapes = outlines([row for _, row in rows[layout.at + 1 :] if len(row) == width], width)
    above = []
    for at, (position, row) in enumerate(rows[: layout.first]):
        votes = unlike(row, layout.columns)
        filled = sum(1 for cell in row if cell.strip())
        fits = len(row) == width and 2 * filled > width
        if is_shaped_like(row, shapes) or (fits and (votes < 0 or (width > 2 and votes == 0))):
            text = "".join(lines[position : rows[at + 1][0]]).rstrip("\r\n" + BLANKS)
            above.append(Reject(position + 1, text, ABOVE))
    return tuple(above)
