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
    column_kinds,
    could_begin_a_row,
    kind,
    unlike,
)
from pipeline.ingest.dialect import commonest_width
from pipeline.ingest.evidence import Alternative, Evidence, certain
from pipeline.ingest.header import is_ruler, locate
from pipeline.ingest.header_lines import (
    GUARD,
    HEADER_LEVELS,
    Row,
    counts_rows,
    guarded_columns,
    is_further_level,
    joined,
    levels_of_known,
    line_choice,
    of_first_row,
    of_known_names,
    trimmed,
)
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.table_start import beneath_notes, body_of, first_full, is_gap

#: A header may have a fourth of its rows' cells too many or too few.
NEAR = 4
#: So many rows, and such a share, that are short alike leave out blank cells at their end.
SHORT_ROWS, SHORT_SHARE = 3, 0.1
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
        first, last = (at, at) if is_decided else levels_of_known(rows, at, is_known)
        return replace(
            _under(rows, first, last, is_decided, is_known=not is_decided),
            evidence=BY_HAND if is_decided else of_known_names(rows[at][1], is_known),
        )
    return _unknown(rows)


def _unknown(rows: Sequence[Row]) -> Layout:
    """The layout of a table whose column names nobody knows."""
    width = table_width(rows)
    start = beneath_notes(rows, first_full(rows, width), width)
    body = body_of(rows, start + 1, width)
    columns = column_kinds(body, width)
    votes = unlike(rows[start][1], columns)
    above = _names_above(rows, start, columns, votes)
    if above is not None:
        return replace(
            _under(rows, above, above),
            evidence=Evidence(
                0.7,
                ("its cells are words, and those of the line beneath it are none",),
                line_choice(rows, start),
            ),
        )
    if votes < 0 and body:
        return _headerless(rows, start, width)
    at = start
    while votes > 0 and at - start < HEADER_LEVELS - 1 and is_further_level(rows, at + 1, columns):
        at += 1
    return replace(_under(rows, start, at), evidence=of_first_row(rows, start, votes, columns))


def _names_above(
    rows: Sequence[Row], start: int, columns: Sequence[Counter], votes: float
) -> int | None:
    """Index of the row right above the first full one when that is the header: it names as many
    columns, about, and the full row is no header itself.
    """
    while start and is_ruler(rows[start - 1][1]):
        start -= 1
    if not start or votes > 0:
        return None
    content = max((at for at, counts in enumerate(columns, start=1) if counts), default=0)
    names = rows[start - 1][1]
    texts = [cell for cell in names if cell.strip()]
    is_near = abs(len(texts) - content) <= max(1, content // NEAR)
    is_as_wide = len(names) == len(columns) > 2 * len(texts) - len(columns)
    is_over_data = votes < 0 and (is_as_wide or 2 * len(texts) >= content)
    if (
        len(texts) < 2
        or is_gap(rows, start)
        or not all(map(_is_name, texts))
        or not (is_over_data or is_near and len(set(texts)) == len(texts))
    ):
        return None
    return start - 1


def _headerless(rows: Sequence[Row], start: int, width: int) -> Layout:
    """A table whose first row looks like those beneath it: its cells stand for names until somebody
    decides.
    """
    return replace(
        _under(rows, start, start),
        names=list(rows[start][1]),
        columns=tuple(column_kinds(body_of(rows, start, width), width)),
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
    columns = tuple(column_kinds(body_of(rows, 0, width), width))
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
    as_wide = [row for _, row in beneath if len(row) == width]
    if width == len(names) + 1 and counts_rows(as_wide) and any(row[-1] for row in as_wide):
        header = names = ["", *names]
    question = None
    padded = {len(header), width} - {len(names)}
    content_width = max(
        (_last_filled(row) for _, row in beneath if len(row) == width), default=width
    )
    is_near = min(abs(each - len(names)) for each in (width, content_width)) <= max(
        1, width // NEAR
    )
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
    if not is_known:
        short = _short_widths(beneath, len(names))
        padded |= short
        if width in short and _share(beneath, width) >= MOST:
            question = _shifted(rows[at][0] + 1, len(names), width)
    body = body_of(rows, at + 1, len(names)) or body_of(rows, at + 1, width)
    guarded = guarded_columns(body, len(names))
    if guarded:
        body = [
            [c.removeprefix(GUARD) if at in guarded else c for at, c in enumerate(row)]
            for row in body
        ]
    return Layout(
        first,
        at,
        names,
        tuple(column_kinds(body, len(names))),
        frozenset(padded),
        guarded,
        question=None if is_decided else question,
    )


def _short_widths(beneath: Sequence[Row], width: int) -> set[int]:
    """Widths of rows that leave out blank cells at their end: several rows have each, what cells
    they have are of their columns' kinds, and the first of them is no header of another table.
    """
    columns = column_kinds(body_of(beneath, 0, width), width)
    least = max(SHORT_ROWS, SHORT_SHARE * len(beneath))
    widths = set()
    for short in range(2, width):
        rows = [row for _, row in beneath if len(row) == short]
        fitting = sum(1 for row in rows if could_begin_a_row(row, columns))
        if rows and fitting >= max(least, MOST * len(rows)) and unlike(rows[0], columns) <= 0:
            widths.add(short)
    return widths


def _shifted(line: int, names: int, width: int) -> Question:
    return Question(
        "header_line",
        f"has {names} names in its header and {width} cells in its rows, so names may stand over "
        "the wrong columns",
        (Choice(line, "the names stand over the first columns"),),
    )


def _is_name(cell: str) -> bool:
    return kind(cell) not in (NUMBER,) and any(letter.isalpha() for letter in cell)


def _has_content_beyond(beneath: Sequence[Row], names: int, width: int) -> bool:
    return any(cell.strip() for _, row in beneath if len(row) == width for cell in row[names:])


def _share(rows: Sequence[Row], width: int) -> float:
    return sum(1 for _, row in rows if len(row) == width) / max(len(rows), 1)


def _last_filled(row: Sequence[str]) -> int:
    return max((at for at, cell in enumerate(row, start=1) if cell.strip()), default=0)
