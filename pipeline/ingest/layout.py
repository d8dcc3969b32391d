"""Where the table in a text file is: its header, the lines above it, and what its columns hold.

The header is the line that names known columns; where nobody knows the names, the first line of the
table whose cells are unlike those beneath it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.cell_kinds import (
    MOST,
    NUMBER,
    TEXT,
    WORD,
    column_kinds,
    kind,
    unlike,
)
from pipeline.ingest.dialect import commonest_width
from pipeline.ingest.evidence import Alternative, Evidence, certain
from pipeline.ingest.header import is_ruler, locate
from pipeline.ingest.header_lines import (
    Row,
    guarded_columns,
    is_further_level,
    joined,
    line_choice,
    of_first_row,
    of_known_names,
    trimmed,
)
from pipeline.ingest.questions import Choice, Question

BODY_ROWS = 200
#: More header lines than this no table has.
HEADER_LEVELS = 4
#: A header may have a fourth of its rows' cells too many or too few.
NEAR = 4
BY_HAND = certain("chosen by hand")


@dataclass(frozen=True)
class Layout:
    """The place of a table among the first rows of its file.

    `at`: index of the row that is its header (the last of several); `first`: index of the first
    header row; `names`: one a column; `columns`: kinds of cells beneath; `padded`: other widths
    that its rows have throughout, with blank cells too many or too few at their end; `guarded`:
    columns whose cells begin with an apostrophe against spreadsheets; `is_headerless`: the first
    row is data; `question`: what is unclear about the header; `evidence`: what speaks for it.
    """

    first: int
    at: int
    names: list[str]
    columns: tuple[Counter, ...]
    padded: frozenset[int] = frozenset()
    guarded: frozenset[int] = frozenset()
    is_headerless: bool = False
    question: Question | None = None
    evidence: Evidence = Evidence()


def find_layout(
    rows: Sequence[Row],
    is_known: Callable[[str], bool],
    chosen: int | None = None,
    levels: int | None = None,
) -> Layout:
    """The layout of a table with these first rows (at least one); `chosen` is the index of its
    first header row where somebody decided that, -1 for no header at all, `levels` the number of
    its header rows.
    """
    if chosen == -1:
        return _without_header(rows)
    if levels is not None:
        first = find_layout(rows, is_known).first if chosen is None else chosen
        last = min(first + levels, len(rows)) - 1
        return replace(_under(rows, first, last, is_decided=True), evidence=BY_HAND)
    at = chosen if chosen is not None else locate(rows, is_known)
    if at is not None:
        is_decided = chosen is not None
        return replace(
            _under(rows, at, at, is_decided, is_known=not is_decided),
            evidence=BY_HAND if is_decided else of_known_names(rows[at][1], is_known),
        )
    return _unknown(rows)


def _unknown(rows: Sequence[Row]) -> Layout:
    """The layout of a table whose column names nobody knows."""
    width = table_width(rows)
    start = next(
        (
            index
            for index, (_, row) in enumerate(rows)
            if len(row) == width and 2 * _filled(row) >= width
        ),
        0,
    )
    body = _body(rows, start + 1, width)
    columns = column_kinds(body, width)
    votes = unlike(rows[start][1], columns)
    content = max((at for at, counts in enumerate(columns, start=1) if counts), default=width)
    if start and votes <= 0 and _names_other_width(rows, start - 1, content):
        layout = _under(rows, start - 1, start - 1)
        return replace(
            layout,
            evidence=Evidence(
                0.7,
                ("its cells are words, and no row beneath it is of its width",),
                line_choice(rows, start),
            ),
        )
    if votes < 0 and body:
        return replace(
            _under(rows, start, start),
            names=list(rows[start][1]),
            columns=tuple(column_kinds(_body(rows, start, width), width)),
            is_headerless=True,
            question=Question(
                "header_line",
                "has no header: its first row holds data",
                (
                    Choice(0, "no header; the columns are mapped by hand"),
                    Choice(rows[start][0] + 1),
                ),
            ),
            evidence=Evidence(
                0.3,
                ("the first full row", "it looks like the rows beneath it"),
                Alternative("0", 0.7),
            ),
        )
    at = start
    while votes > 0 and at - start < HEADER_LEVELS - 1 and is_further_level(rows, at + 1, columns):
        at += 1
    return replace(_under(rows, start, at), evidence=of_first_row(rows, start, votes, columns))


def table_width(rows: Sequence[Row]) -> int:
    """The width of the table among the rows: that of most, where a wider one counts more than
    notes of one cell.
    """
    widths = Counter(len(row) for _, row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0
    return max(widths, key=lambda width: widths[width] * (width - 0.9) / width)


def _without_header(rows: Sequence[Row]) -> Layout:
    width = table_width(rows)
    columns = tuple(column_kinds(_body(rows, 0, width), width))
    names = [f"col_{at}" for at in range(width)]
    return Layout(-1, -1, names, columns, is_headerless=True, evidence=BY_HAND)


def _under(
    rows: Sequence[Row], first: int, at: int, is_decided: bool = False, is_known: bool = False
) -> Layout:
    """The layout with the header in rows `first` to `at`; blank cells beyond known names go."""
    beneath = rows[at + 1 :]
    header = joined([row for _, row in rows[first : at + 1]])
    names = trimmed(header, beneath)
    width = commonest_width(beneath) or len(names)
    question = None
    padded = {len(header), width} - {len(names)}
    filled = max((_last_filled(row) for _, row in beneath if len(row) == width), default=width)
    is_near = min(abs(each - len(names)) for each in (width, filled)) <= max(1, width // NEAR)
    if width != len(names) and is_near and _share(beneath, width) >= MOST:
        if width < len(names):
            question = _shifted(rows[at][0] + 1, len(names), width)
        elif _has_content_beyond(beneath, len(names), width):
            question = _shifted(rows[at][0] + 1, len(names), width)
            names = [*names, *[""] * (width - len(names))]
        elif not is_known:
            names = [*names, *[""] * (width - len(names))]
        padded = {len(header), width} - {len(names)}
    elif width < len(names):
        padded.discard(width)
    body = _body(rows, at + 1, len(names)) or _body(rows, at + 1, width)
    guarded = guarded_columns(body, len(names))
    if guarded:
        body = [[c[1:] if at in guarded else c for at, c in enumerate(row)] for row in body]
    return Layout(
        first,
        at,
        names,
        tuple(column_kinds(body, len(names))),
        frozenset(padded),
        guarded,
        question=None if is_decided else question,
    )


def _shifted(line: int, names: int, width: int) -> Question:
    return Question(
        "header_line",
        f"has {names} names in its header and {width} cells in its rows, so names may stand over "
        "the wrong columns",
        (Choice(line, "the names stand over the first columns"),),
    )


def _names_other_width(rows: Sequence[Row], at: int, width: int) -> bool:
    """Whether a row right above the table names its columns, with a cell too many or too few."""
    position, row = rows[at]
    filled = [cell for cell in row if cell.strip()]
    return (
        len(filled) >= 2
        and abs(len(filled) - width) <= max(1, width // NEAR)
        and len(set(filled)) == len(filled)
        and all(kind(cell) in (WORD, TEXT) or _is_name(cell) for cell in filled)
        and position < rows[at + 1][0]
    )


def _is_name(cell: str) -> bool:
    return kind(cell) not in (NUMBER,) and any(letter.isalpha() for letter in cell)


def _body(rows: Sequence[Row], start: int, width: int) -> list[list[str]]:
    return [row for _, row in rows[start:] if len(row) == width and not is_ruler(row)][:BODY_ROWS]


def _has_content_beyond(beneath: Sequence[Row], names: int, width: int) -> bool:
    return any(cell.strip() for _, row in beneath if len(row) == width for cell in row[names:])


def _share(rows: Sequence[Row], width: int) -> float:
    return sum(1 for _, row in rows if len(row) == width) / max(len(rows), 1)


def _last_filled(row: Sequence[str]) -> int:
    return max((at for at, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())
