"""Rows of another width than the header: those that fit all the same, and why the others do not."""

from collections import Counter
from collections.abc import Sequence

from pipeline.ingest.batches import Noticed
from pipeline.ingest.side_lines import begins_a_row, is_whole


class RowWidth:
    """The width of the header, and what else fits it: `columns` are the kinds of their cells,
    `padded` other widths that are fine when only blank cells at the end are too many or too few.
    """

    def __init__(
        self, width: int, columns: Sequence[Counter], padded: frozenset[int], noticed: Noticed
    ) -> None:
        self._width = width
        self._columns = columns
        self._padded = padded
        self._noticed = noticed

    def fitted(self, row: list[str]) -> list[str] | None:
        """The row at the right width (blank cells at its end cut off or added where the file has
        them so throughout), or None.

        A lone row with a blank cell too many may as well have one too many in its middle: it is no
        row, unless its cells are those of a whole one.
        """
        if len(row) == self._width:
            return row
        if not any(row[self._width :]) and is_whole(row[: self._width], self._columns):
            self._noticed.trimmed += 1
            return row[: self._width]
        if len(row) in self._padded and not any(cell.strip() for cell in row[self._width :]):
            self._noticed.trimmed += 1
            return row[: self._width] + [""] * (self._width - len(row))
        if self._width > 1 and not any(row):
            return [""] * self._width
        return None

    def misfit(self, row: list[str], last_line: str, number: int) -> str:
        """Why a row does not fit; notices where the file ends in the middle of one."""
        short = len(row) < self._width
        if (
            short
            and len(row) not in self._noticed.short_widths
            and begins_a_row(row, last_line, self._columns)
        ):
            self._noticed.cut_off = (
                f"its last line has {len(row)} of {self._width} cells and no line end",
                number,
            )
        if short:
            self._noticed.short_widths.add(len(row))
        return f"{len(row)} {'cell' if len(row) == 1 else 'cells'}, the header has {self._width}"
