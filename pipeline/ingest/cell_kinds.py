"""What a cell looks like: a number, a date, a time, a code, a word or text; and what the columns of
a table hold by that.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

EMPTY, NUMBER, DATE, TIME, CODE, WORD, TEXT = (
    "empty",
    "number",
    "date",
    "time",
    "code",
    "word",
    "text",
)
#: Kinds that a name of a column rarely is.
TYPED = frozenset((NUMBER, DATE, TIME, CODE))
A_NUMBER = re.compile(
    r"[+-]?[$€£¥]?\s?[+-]?(?:\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)"
    r"(?:[eE][+-]?\d+)?\s?(?:%|[$€£¥]|[A-Z]{3})?|\([$]?[\d.,]+\)|<\s?\d+|[+-]?inf|nan",
    re.IGNORECASE,
)
MONTHS = "jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
A_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    rf"|\d{{1,2}}[-/ .]?(?:{MONTHS})[a-z]*[-/ .,]*(?:\d{{4}}|\d{{2}})"
    rf"|(?:{MONTHS})[a-z]*[-/ .]+\d{{1,2}}(?:st|nd|rd|th)?[-/ .,]+\d{{2,4}}"
    rf"|(?:{MONTHS})[a-z]*[-/ .]\d{{2,4}}|\d{{4}}[-/]\d{{1,2}}|\d{{4}}[-/ ]?Q[1-4])"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]m)?(?:Z|\s?[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
A_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]m)?", re.IGNORECASE)
A_CODE = re.compile(r"(?=\S*\d)\S{2,}|[A-Z2-7]{16,}=*")
A_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
DIGITS, LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
A_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d{2}(?:[-/]\d{2,4})?")
#: The share of cells with content that makes a kind that of a column.
MOST = 0.8


@lru_cache(maxsize=65536)
def kind(cell: str) -> str:
    """The kind of one cell."""
    cell = cell.strip()
    if not cell:
        return EMPTY
    if len(cell) > 200:
        return TEXT
    if cell.isdigit() or A_NUMBER.fullmatch(cell):
        return NUMBER
    if A_DATE.fullmatch(cell):
        return DATE
    if A_TIME.fullmatch(cell):
        return TIME
    if A_CODE.fullmatch(cell):
        return CODE
    return WORD if A_WORD.fullmatch(cell) else TEXT


def is_typed(cell: str) -> bool:
    """Whether a cell is a number, a date, a time or a code, which no name of a column is."""
    return kind(cell) in TYPED


def column_kinds(rows: Sequence[Sequence[str]], width: int) -> list[Counter]:
    """Counts of kinds in each of the first `width` columns; empty cells are not counted."""
    counts: list[Counter[str]] = [Counter() for _ in range(width)]
    for row in rows:
        for at, cell in enumerate(row[:width]):
            counts[at][kind(cell)] += 1
    for each in counts:
        del each[EMPTY]
    return counts


def dominant(counts: Counter) -> str | None:
    """The kind of nearly every cell of a column, or None."""
    if not counts:
        return None
    best, count = counts.most_common(1)[0]
    return best if count >= MOST * counts.total() else None


def unlike(row: Sequence[str], columns: Sequence[Counter]) -> float:
    """How much a row is unlike the rows of its table, as a header is: above 0 for a header, below
    for a row, 0 where nothing tells.
    """
    votes = 0.0
    for cell, counts in zip(row, columns, strict=False):
        usual, own = dominant(counts), kind(cell)
        if usual not in TYPED or own == EMPTY:
            continue
        if own == usual:
            is_year = own == NUMBER and A_YEAR.fullmatch(cell.strip()) is not None
            votes += 0.0 if is_year else -1.0
        elif own in (WORD, TEXT):
            votes += 1.0
        elif own == CODE and usual != CODE:
            votes += 0.3
        else:
            votes -= 0.5
    return votes


@lru_cache(maxsize=65536)
def outline(cell: str) -> str:
    """The outline of a cell: each run of digits as 9, of letters as a, all else as it is."""
    return LETTERS.sub("a", DIGITS.sub("9", cell.strip()[:200]))


def outlines(rows: Sequence[Sequence[str]], width: int) -> list[set[str]]:
    """The outlines of the cells in each of the first `width` columns."""
    return [
        {outline(row[at]) for row in rows if at < len(row) and row[at].strip()}
        for at in range(width)
    ]


def is_shaped_like(row: Sequence[str], columns: Sequence[set[str]]) -> bool:
    """Whether most cells of a row have an outline that their column has; of a row of another width
    more than one must.
    """
    filled = sum(1 for cell in row if cell.strip())
    alike = sum(
        1
        for cell, known in zip(row, columns, strict=False)
        if cell.strip() and outline(cell) in known
    )
    return 2 * alike > filled and (len(row) == len(columns) or alike > 1)


def could_begin_a_row(cells: Sequence[str], columns: Sequence[Counter]) -> bool:
    """Whether cells could be the first ones of a row that was cut off in the last of them."""
    if len(cells) > len(columns):
        return False
    for at, cell in enumerate(cells):
        kinds, own = set(columns[at]), kind(cell)
        if own == WORD and kinds.isdisjoint((WORD, TEXT)) and not _is_of_one_case(cell):
            return False
        if own == EMPTY or own in kinds or not kinds or own == WORD and CODE in kinds:
            continue
        if at < len(cells) - 1 or not _could_become(own, kinds):
            return False
    return True


def _is_of_one_case(cell: str) -> bool:
    """Whether the letters of a cell are all large or all small, as those of a code are."""
    return cell.isupper() or cell.islower()


def _could_become(own: str, kinds: set[str]) -> bool:
    """Whether the beginning of a cell, cut anywhere, could be that of a cell of these kinds."""
    grows = {
        NUMBER: {DATE, TIME, CODE},
        WORD: {TEXT, CODE},
        CODE: {DATE, TIME, TEXT, WORD},
        TEXT: set(),
    }
    return bool(grows.get(own, set()) & kinds)
