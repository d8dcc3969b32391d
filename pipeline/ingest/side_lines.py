"""Lines of a table that are no rows of it: footers, units of its columns, other headers."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from pipeline.ingest.cell_kinds import could_begin_a_row, is_typed, kind, unlike
from pipeline.ingest.names_again import NamesAgain

FOOTER_WORDS = re.compile(
    r"\W*((grand|sub) ?total|total|sum|count|average|rows?|records?|end|eof|footer|generated"
    r"|exported|produced|created|printed|prepared|source|notes?|page|report|thanks?|confidential"
    r"|copyright|disclaimer|summary|trailer|trl|tlr"
    r"|gesamt\w*|summe|ende|anzahl|fu(ss|ß)zeile|totaux|somme|nombre|fin|totaal|einde|totale|fine"
    r"|suma|soma|celkem|razem|koniec|итого|всего|конец|合計|合计|总计|總計|총계|합계|المجموع)\b"
    r"|--|#|=|\*{2}|©"
    r"|.*\b(rows?|records?|lines?)\)? *(were |was )?(affected|selected|returned|exported|fetched)",
    re.IGNORECASE,
)
#: Where another file or page begins within a file: byte order mark, form feed, end of file (DOS).
MARKS = ("\ufeff", "\f", "\x1a")
#: Fewer rows do not tell that a column is never empty.
FEW_ROWS = 3
OTHER_ORDER = "begins a second table with its columns in another order"
DESCRIPTION = "describes the columns"
OTHER_COLUMNS = "begins a second table under other names of columns"
OTHER_TABLE = "belongs to a second table"
UNIT = re.compile(
    r"[\[(].*[\])]|usd|eur|\$|%|years?|days?|number|text|[ymd]{2,4}([-/.][ymd]{2,4}){2}"
    r"|(string|date|datetime\d*|time|timestamp|(big|small|tiny)?int|u?int\d*|integer|numeric|decimal"
    r"|float\d*|double|real|money|bool(ean)?|bit|object|category|uuid|n?(var)?char2?)(\([\d, ]+\))?"
    r"|required|optional|mandatory|nullable|(not )?null",
    re.IGNORECASE,
)


class SecondTable:
    """Whether rows belong to another table than their header, as they come: from a line on that
    names other columns after a gap, known ones, or the same ones in another order.
    """

    def __init__(
        self, header: Sequence[str], columns: Sequence[Counter], again: NamesAgain
    ) -> None:
        self._names = {cell for cell in header if cell.strip()}
        self._columns = columns
        self._again = again
        self.has_begun = False

    def end(self) -> None:
        """The header of the first table stands here again."""
        self.has_begun = False

    def reason(self, row: Sequence[str], after_gap: bool, is_first: bool = False) -> str | None:
        """Why the next row is of another table; None for a row of the first one. What names
        columns right beneath the header describes them.
        """
        if self.has_begun:
            return OTHER_TABLE
        names = {cell for cell in row if cell.strip()}
        if row[0].startswith(MARKS):
            names = {cell.lstrip("".join(MARKS)).strip('"') for cell in names}
        if names == self._names and len(names) > 1 and not any(map(is_typed, names)):
            self.has_begun = True
            return OTHER_ORDER
        if after_gap and names_other_columns(row, self._names, self._columns):
            self.has_begun = True
            return OTHER_TABLE
        is_of_header = self._again.are_of_the_header(row)
        if not is_of_header and not self._again.are_known(row):
            return None
        if is_first:
            return DESCRIPTION
        self.has_begun = True
        return OTHER_ORDER if is_of_header else OTHER_COLUMNS


def names_units(row: Sequence[str], columns: Sequence[Counter]) -> bool:
    """Whether a row holds nothing but units, among columns (kinds of their cells) that hold
    something else.
    """
    filled = [cell.strip() for cell in row if cell.strip()]
    return (
        bool(filled) and all(UNIT.fullmatch(cell) for cell in filled) and unlike(row, columns) > 0
    )


def names_other_columns(
    row: Sequence[str], header: Collection[str], columns: Sequence[Counter]
) -> bool:
    """Whether a row looks like a header of another table: as good as full of names, of which most
    are none of `header`.
    """
    names = {cell for cell in row if cell.strip()}
    return (
        len(names) >= max(2, len(row) - 1)
        and len(names.intersection(header)) <= len(names) / 2
        and all(map(_is_worded, names))
        and unlike(row, columns) > 0
    )


def _is_worded(cell: str) -> bool:
    """Whether a cell is more letters than digits, as the name of a column is."""
    letters, digits = sum(map(str.isalpha, cell)), sum(map(str.isdigit, cell))
    return letters > digits and not is_typed(cell)


def is_whole(row: Sequence[str], columns: Sequence[Counter]) -> bool:
    """Whether a row has all its cells, each of a kind that its column has: its last column is
    empty nowhere, so with a cell too many in the middle something would stand behind it.
    """
    most = max((kinds.total() for kinds in columns), default=0)
    return (
        len(row) == len(columns)
        and columns[-1].total() == most >= FEW_ROWS
        and all(
            kind(cell) in kinds if cell.strip() else kinds.total() < most
            for cell, kinds in zip(row, columns, strict=True)
        )
    )


def begins_a_row(row: Sequence[str], line: str, columns: Sequence[Counter]) -> bool:
    """Whether a line without an end, short of cells, is a row that was cut off and no footer."""
    return (
        line[-1:] not in "\r\n" and not FOOTER_WORDS.match(line) and could_begin_a_row(row, columns)
    )
