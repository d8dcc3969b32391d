"""How much rows look like those of one table: of one width, of cells that are numbers, dates, codes
or short words, of columns of one kind.
"""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.ingest.cell_kinds import TEXT, TYPED, column_kinds, dominant, kind
from pipeline.ingest.dialect import Dialect

#: So many rows, and such a share of them, that have one width are no prose.
EVEN_ROWS, EVEN_SHARE = 5, 0.9
AN_EXPRESSION = re.compile(r"[\w.]*\s*(?:\(.*\)|\[.*\]|\{.*\})", re.DOTALL)
A_PHRASE = re.compile(r"[\w'’.&/()-]+(?: [\w'’.&/()-]+){0,5}|https?://\S+|[\w.+-]+@[\w.-]+")


def evenness(widths: Counter, width: int) -> float:
    """How much of the table has one width: its share, with something for a row that is near."""
    share = widths[width] / widths.total()
    near = sum(count for each, count in widths.items() if abs(each - width) == 1 < each)
    return (share + 0.3 * near / widths.total()) ** 1.5 if width > 1 else share


def quotes_at_borders(dialect: Dialect, text: str) -> float:
    """0.4 to 1: whether quotes stand where cells begin and end, as they do with the delimiter that
    they were written for.
    """
    quote, mark = dialect.quotechar, re.escape(dialect.mark)
    if quote != '"':
        return 1.0
    total = text.count(quote) - 2 * text.count(quote * 2)
    if total < 2:
        return 1.0
    borders = len(re.findall(rf"(?:^|{mark})[ \t]*{quote}(?!{quote})", text, re.MULTILINE))
    borders += len(re.findall(rf"(?<!{quote}){quote}[ \t]*(?=[\r\n]|{mark}|$)", text))
    return 0.4 + 0.6 * min(borders / total, 1.0)


def sense(rows: Sequence[Sequence[str]], width: int) -> float:
    """Cells of known kinds and columns of one kind, 0.1 to 1."""
    body = [row for row in rows if len(row) == width]
    cells = [cell for row in body for cell in row]
    typed = sum(1 for cell in cells if _is_known_kind(cell)) / max(len(cells), 1)
    columns = column_kinds(body[1:] or body, width)
    non_empty = [counts for counts in columns if counts]
    even = sum(1 for counts in non_empty if dominant(counts)) / max(len(non_empty), 1)
    while columns and not columns[-1]:
        columns.pop()
    emptiness = sum(1 for counts in columns if not counts) / max(len(columns), 1)
    return (0.1 + 0.6 * typed + 0.3 * even) * (1 - 0.6 * emptiness)


def unlike_prose(rows: Sequence[Sequence[str]], width: int, delimiter: str) -> float:
    """0.1 to 1: lines with numbers, dates and codes in them are no sentences, nor are those with as
    many blanks each.
    """
    body = [row for row in rows if len(row) == width]
    if delimiter == " " and len(body) >= max(EVEN_ROWS, EVEN_SHARE * len(rows)):
        return 1.0
    cells = [cell for row in body for cell in row if cell.strip()]
    typed = sum(1 for cell in cells if kind(cell) in TYPED) / max(len(cells), 1)
    return max(0.1, min(1.0, 2 * typed))


def _is_known_kind(cell: str) -> bool:
    """Whether a cell is a number, date, word or the like, or an expression with its own brackets;
    one that opens a bracket and does not close it was cut in two.
    """
    if not _is_balanced(cell):
        return False
    return (
        kind(cell) != TEXT
        or A_PHRASE.fullmatch(cell.strip()) is not None
        or AN_EXPRESSION.fullmatch(cell.strip()) is not None
    )


def _is_balanced(cell: str) -> bool:
    return all(
        cell.count(opening) == cell.count(closing)
        for opening, closing in (("(", ")"), ("[", "]"), ("{", "}"))
    )
