"""The lines of a header: how sure they are its lines, their names joined to one line, and the
columns beneath that are guarded.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from pipeline.ingest.cell_kinds import (
    MOST,
    NUMBER,
    TEXT,
    TYPED,
    WORD,
    column_kinds,
    dominant,
    is_typed,
    kind,
    unlike,
)
from pipeline.ingest.dialect import commonest_width
from pipeline.ingest.evidence import Alternative, Evidence
from pipeline.ingest.header import compact, is_ruler
from pipeline.ingest.questions import Choice, Question

GUARD = "'"
#: Fewer cells of one column do not tell an apostrophe that guards them from one of their own.
GUARDED_CELLS = 3
#: Fewer rows do not tell a number of the row from a value.
COUNTED_ROWS = 3

#: More header lines than this no table has.
HEADER_LEVELS = 4
#: So many rows tell what stands beneath a header.
LEVEL_ROWS = 200

Row = tuple[int, list[str]]

#: Signs that end rows elsewhere, and no line here.
ROW_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
#: So many numbers no header has without a row beneath.
LONE_NUMBERS = 2
#: A name that stands in double quotes where rows have other ones.
IN_QUOTES = re.compile(r'\s*"[^"]+"\s*')


def of_known_names(row: Sequence[str], is_known: Callable[[str], bool]) -> Evidence:
    names = [cell for cell in row if cell.strip()]
    hits = sum(1 for cell in names if is_known(cell))
    return Evidence(
        round(hits / len(names), 3), (f"{hits} of its {len(names)} names are of a known source",)
    )


def of_first_row(
    rows: Sequence[Row], start: int, votes: float, columns: Sequence[Counter]
) -> Evidence:
    """The first full row: certain when it is words over typed columns, even odds when the columns
    beneath are words as well.
    """
    typed = sum(1 for counts in columns if dominant(counts) in TYPED)
    why = (
        f"its cells are words over {typed} columns of numbers, dates or codes"
        if votes > 0
        else "no column beneath it is of numbers, dates or codes, so nothing tells"
    )
    return Evidence(
        round(0.5 + 0.5 * min(max(votes / max(typed, 1), 0.0), 1.0), 3),
        ("the first full row of the table", why),
        None if votes > 0 else Alternative("0", 0.5),
    )


def line_choice(rows: Sequence[Row], at: int) -> Alternative:
    return Alternative(str(rows[at][0] + 1), 0.3)


def is_further_level(rows: Sequence[Row], at: int, columns: Sequence[Counter]) -> bool:
    """Whether a row beneath a header line is a second line of names, as nothing beneath it is."""
    if at + 1 >= len(rows):
        return False
    row = rows[at][1]
    typed = [
        cell
        for cell, counts in zip(row, columns, strict=False)
        if dominant(counts) in TYPED and cell.strip()
    ]
    return (
        len(row) == len(columns)
        and not is_ruler(row)
        and len(typed) >= 1
        and all(kind(cell) in (WORD, TEXT) and compact(cell) for cell in typed)
        and unlike(row, columns) > 0
        and not any(kind(cell) in TYPED for cell in row)
    )


def levels_of_known(
    rows: Sequence[Row], at: int, is_known: Callable[[str], bool]
) -> tuple[int, int]:
    """Indexes of the first and the last line of a header around a line of known names. The line
    above is part of it where more names are known with it, the line beneath where as many are, or
    where it may tell apart names that stand there twice.
    """
    first = last = at
    width = len(rows[at][1])
    above = rows[at - 1] if at else (0, [])
    is_right_above = len(above[1]) == width and above[0] + 1 == rows[at][0]
    alone = _known(_names(rows, at, at), is_known)
    if is_right_above and _known(_names(rows, at - 1, at), is_known) > alone:
        first = at - 1
    as_wide = [row for _, row in rows[at + 2 :] if len(row) == width][:LEVEL_ROWS]
    columns = column_kinds(as_wide, width)
    while last - first < HEADER_LEVELS - 1 and last + 1 < len(rows):
        names, longer = _names(rows, first, last), _names(rows, first, last + 1)
        gained = _known(longer, is_known) - _known(names, is_known)
        is_further = is_further_level(rows, last + 1, columns)
        is_told_apart = len(set(names)) == len(names)
        beneath = rows[last + 1][1]
        completes = gained > 0 and len(beneath) == width and not any(map(is_typed, beneath))
        if not completes and (not is_further or (is_told_apart and gained < 0)):
            break
        last += 1
    return first, last


def _names(rows: Sequence[Row], first: int, last: int) -> list[str]:
    return [name for name in joined([row for _, row in rows[first : last + 1]]) if name.strip()]


def _known(names: Sequence[str], is_known: Callable[[str], bool]) -> int:
    return sum(map(is_known, names))


def joined(levels: Sequence[Sequence[str]]) -> list[str]:
    """The names of several header lines as one: `Paid`, `USD` -> `Paid USD`."""
    if len(levels) == 1:
        return list(levels[0])
    width = max(map(len, levels))
    return [
        " ".join(level[at].strip() for level in levels if at < len(level) and level[at].strip())
        for at in range(width)
    ]


def trimmed(header: Sequence[str], beneath: Sequence[Row]) -> list[str]:
    """The header's cells; blank ones that no row has a cell for are left out, as are blank ones at
    its end that no row has content for. Names in quotes that are not those of the rows lose them.
    """
    cells = list(header)
    if all(map(IN_QUOTES.fullmatch, filter(str.strip, cells))):
        cells = [cell.strip().strip('"') for cell in cells]
    names = [cell for cell in cells if cell.strip()]
    if 1 < len(names) < len(cells) and commonest_width(beneath) == len(names):
        return names
    while (
        len(cells) > 1
        and not cells[-1].strip()
        and not any(row[len(cells) - 1 : len(cells)] > [""] for _, row in beneath)
    ):
        cells.pop()
    return cells


def counts_rows(body: Sequence[Sequence[str]]) -> bool:
    """Whether the first cells number the rows from 0 or 1 on, as R and pandas write them: such a
    column has no name, and the names of the header stand over the others.
    """
    first = [row[0].strip() for row in body]
    return len(first) >= COUNTED_ROWS and any(
        first == [str(number) for number in range(start, start + len(first))] for start in (0, 1)
    )


def guarded_columns(body: Sequence[Sequence[str]], width: int) -> frozenset[int]:
    """Columns of which nearly every cell begins with an apostrophe against spreadsheets; none
    unless enough numbers, dates or codes stand behind one, in one column or in several.
    """
    columns: set[int] = set()
    proofs: list[int] = []
    for at in range(width):
        cells = [row[at] for row in body if at < len(row) and row[at]]
        within = [
            cell[1:]
            for cell in cells
            if len(cell) > 1 and cell.startswith(GUARD) and not cell.endswith(GUARD)
        ]
        if within and len(within) >= MOST * len(cells):
            columns.add(at)
            if dominant(Counter(map(kind, within))) in TYPED:
                proofs.append(len(within))
    is_proven = len(proofs) > 1 or sum(proofs) >= GUARDED_CELLS
    return frozenset(columns) if is_proven else frozenset()


def question_about_lone_line(rows: Sequence[Row]) -> Question | None:
    """What is to be asked about a text whose only row holds names and data: its rows may end in a
    sign that ends no line, and a header without rows would lose them all.
    """
    if len(rows) != 1:
        return None
    position, cells = rows[0]
    ends = sorted({f"U+{ord(sign):04X}" for cell in cells for sign in cell if sign in ROW_ENDS})
    if not ends and sum(1 for cell in cells if kind(cell) == NUMBER) < LONE_NUMBERS:
        return None
    told = f"in which {' and '.join(ends)} may end rows" if ends else "which holds names and data"
    return Question(
        "header_line",
        f"is one line, {told}: save it with line ends",
        (Choice(position + 1, "the line is a header, and no rows were delivered"),),
    )
