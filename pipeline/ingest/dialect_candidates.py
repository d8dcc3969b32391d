"""Which delimiter, quotes and escapes a text table uses: every candidate reads the first lines, is
scored, and the best is taken if it is better than the next by a margin.

The score follows the idea of the consistency measure (van den Burg, Nazábal, Sutton: Wrangling
messy CSV files by detecting row and type patterns, 2019): rows of one width, cells of known types.
Here columns of one kind count as well, and known names of columns go before everything.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.cell_kinds import TEXT, column_kinds, dominant, kind
from pipeline.ingest.dialect import (
    Dialect,
    commonest_width,
    prepared,
    read_sample,
    separator_line,
)
from pipeline.ingest.evidence import Alternative, Evidence, certain, confidence_of

DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01", "\x14", "¦", ":", "#", " ", "||")
#: Signs that seldom stand between cells: tried only when nearly every line has them.
RARE = re.compile(r"[^\w\s,;|^~:#\"'./\\()\[\]{}<>@&+*=%$€£!?`´’‘“”°-]")
QUOTES = ('"', "'")
HEADER_LINES = 60
SCORED_ROWS = 200
#: A delimiter that people type in prose or times has to look better than one that only tables use.
HANDICAP = {":": 0.4, "#": 0.75, " ": 0.5, "~": 0.9, "¦": 0.9, "^": 0.95}
#: A candidate that scores this share of the best is a second opinion; more is too close to call.
CLOSE = 0.93


@dataclass(frozen=True)
class DialectCandidate:
    """One dialect, the known column names that it shows, how consistent the table is that it makes
    (0 to 1), and how wide that is.
    """

    dialect: Dialect
    known: float
    score: float
    width: int

    @property
    def rank(self) -> tuple[float, float]:
        """Known names first, then consistency."""
        return (self.known, self.score)


def candidates(
    lines: Sequence[str], is_known: Callable[[str], bool] = lambda name: False
) -> list[DialectCandidate]:
    """The dialects that the first lines of a table (with line ends) may be in, best first;
    `is_known` recognises column names. Never empty.
    """
    lines = [line for line in lines if line.strip()]
    if lines and (named := separator_line(lines[0])):
        dialect = _refined(Dialect(named), lines[1:])
        return [DialectCandidate(dialect, 1.0, 1.0, commonest_width(read_sample(dialect, lines)))]
    default = _scored(_refined(Dialect(), lines), lines, is_known)
    found = [replace(default, score=max(default.score, 0.01))]
    for delimiter in _present(lines):
        if delimiter != ",":
            found.append(_scored(_refined(Dialect(delimiter), lines), lines, is_known))
    return sorted(found, key=lambda each: each.rank, reverse=True)


def is_close(ranked: Sequence[DialectCandidate]) -> bool:
    """Whether the two best candidates are too close to call, and make different tables."""
    return (
        len(ranked) > 1
        and ranked[0].known == ranked[1].known
        and min(ranked[0].width, ranked[1].width) > 1
        and ranked[1].score >= CLOSE * ranked[0].score
    )


def evidence(ranked: Sequence[DialectCandidate], columns: int) -> Evidence:
    """What speaks for the best candidate of a table with so many columns."""
    best = ranked[0]
    why = [f"with it the first lines have {columns} cell{'' if columns == 1 else 's'} each"]
    if best.known:
        why.append("it parts names of a known source")
    if len(ranked) < 2:
        return certain(*why, "nothing else could part them")
    second = ranked[1]
    gap = 1.0 if best.known > second.known else 1 - second.score / max(best.score, 0.0001)
    return Evidence(
        1.0 if gap == 1.0 else confidence_of(gap, 1 - CLOSE),
        tuple(why),
        Alternative(second.dialect.delimiter, second.score),
    )


def with_delimiter(delimiter: str, lines: Sequence[str]) -> Dialect:
    """The dialect of a table whose delimiter is known; quotes, escapes and padding are inferred."""
    present = [line for line in lines if line.strip()]
    return _refined(
        Dialect(delimiter), present[1:] if present and separator_line(present[0]) else present
    )


def known_share(row: Sequence[str], is_known: Callable[[str], bool]) -> float:
    """Known names in a row, weighed by their share of its cells; 0 when most cells are unknown."""
    named = [cell for cell in row if cell.strip()]
    hits = sum(1 for cell in named if is_known(cell))
    return hits * hits / len(named) if named and 2 * hits >= len(named) else 0.0


def _present(lines: Sequence[str]) -> list[str]:
    text = "".join(lines)
    found = [each for each in DELIMITERS if each in text]
    rare = Counter(letter for line in lines for letter in set(RARE.findall(line)))
    found += [each for each, count in rare.items() if count >= 0.9 * len(lines) > 1]
    return list(dict.fromkeys(found))


def _scored(
    dialect: Dialect, lines: Sequence[str], is_known: Callable[[str], bool]
) -> DialectCandidate:
    rows = [row for _, row in read_sample(dialect, lines)][:SCORED_ROWS]
    if not rows:
        return DialectCandidate(dialect, 0.0, 0.0, 0)
    known = max((known_share(row, is_known) for row in rows[:HEADER_LINES]), default=0.0)
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda each: (widths[each] * (each - 1) / each, each))
    score = _evenness(widths, width) * (width - 1) / width * _sense(rows, width)
    score *= _quotes_at_borders(dialect, "".join(prepared(lines, dialect)))
    return DialectCandidate(
        dialect, known, round(score * HANDICAP.get(dialect.delimiter, 1.0), 4), width
    )


def _evenness(widths: Counter, width: int) -> float:
    """How much of the table has one width: its share, with something for a row that is near."""
    share = widths[width] / widths.total()
    near = sum(count for each, count in widths.items() if abs(each - width) == 1 < each)
    return (share + 0.3 * near / widths.total()) ** 1.5 if width > 1 else share


def _quotes_at_borders(dialect: Dialect, text: str) -> float:
    """0.4 to 1: whether quotes stand where cells begin and end, as they do with the delimiter that
    they were written for.
    """
    quote, mark = dialect.quotechar, re.escape(dialect.mark)
    total = text.count(quote) - 2 * text.count(quote * 2)
    if quote != '"' or total < 4:
        return 1.0
    borders = len(re.findall(rf"(?:^|{mark})[ \t]*{quote}(?!{quote})", text, re.MULTILINE))
    borders += len(re.findall(rf"(?<!{quote}){quote}[ \t]*(?=[\r\n]|{mark}|$)", text))
    return 0.4 + 0.6 * min(borders / total, 1.0)


def _sense(rows: Sequence[Sequence[str]], width: int) -> float:
    """Cells of known kinds and columns of one kind, 0.1 to 1."""
    body = [row for row in rows if len(row) == width]
    cells = [cell for row in body for cell in row]
    typed = sum(1 for cell in cells if _is_known_kind(cell)) / max(len(cells), 1)
    columns = column_kinds(body[1:] or body, width)
    filled = [counts for counts in columns if counts]
    even = sum(1 for counts in filled if dominant(counts)) / max(len(filled), 1)
    emptiness = sum(1 for counts in columns if not counts) / max(width, 1)
    return (0.1 + 0.6 * typed + 0.3 * even) * (1 - 0.6 * emptiness)


def _is_known_kind(cell: str) -> bool:
    found = kind(cell)
    return found != TEXT or bool(A_PHRASE.fullmatch(cell.strip()))


A_PHRASE = re.compile(r"[\w'’.&/()-]+(?: [\w'’.&/()-]+){0,5}|https?://\S+|[\w.+-]+@[\w.-]+")


def _refined(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    text, mark = "".join(lines), re.escape(dialect.delimiter)
    if "“" in text and len(re.findall(rf"(?:^|{mark})\s*[“„]", text, re.MULTILINE)) >= len(
        re.findall(rf'(?:^|{mark})\s*"', text, re.MULTILINE)
    ):
        dialect = replace(dialect, smart_quotes=True)
    guarded = len(re.findall(rf'(?:^|{mark})\s*="', text, re.MULTILINE))
    if guarded >= max(1, 0.5 * len(lines) - 1):
        dialect = replace(dialect, formulas=True)
    dialect = replace(dialect, quotechar=_quote(dialect, lines))
    if dialect.delimiter != " " and _is_padded(dialect, lines):
        dialect = replace(dialect, skip_space=True)
    return _escaped(dialect, lines)


def _quote(dialect: Dialect, lines: Sequence[str]) -> str:
    """The quote: single ones when the first line has cells in them, or when they make the rows more
    even.
    """
    double, single = (replace(dialect, quotechar=quote) for quote in QUOTES)
    mark = re.escape(dialect.delimiter)
    text = "".join(lines)
    closed = re.findall(rf"(?:^|{mark}) *'[^'\r\n]*' *(?=[\r\n]|{mark}|$)", text, re.MULTILINE)
    if not closed:
        return double.quotechar
    first = lines[0].rstrip("\r\n") if lines else ""
    in_first = {
        quote: re.search(rf"(?:^|{mark}) *{quote}[^{quote}]+{quote} *(?:$|{mark})", first)
        for quote in QUOTES
    }
    if in_first["'"] and not in_first['"']:
        return single.quotechar
    return (
        single.quotechar
        if _share_of_width(single, lines) > _share_of_width(double, lines)
        else double.quotechar
    )


def _share_of_width(dialect: Dialect, lines: Sequence[str]) -> float:
    """Share of rows that have the commonest width."""
    widths = Counter(len(row) for _, row in read_sample(dialect, lines))
    return max(widths.values(), default=0) / max(widths.total(), 1)


def _is_padded(dialect: Dialect, lines: Sequence[str]) -> bool:
    """Whether a blank follows the delimiter as part of it: before quotes, or at the start of nearly
    every cell.
    """
    text, mark = "".join(prepared(lines, dialect)), re.escape(dialect.mark)
    before_quotes = len(re.findall(rf"{mark} +{dialect.quotechar}", text))
    if before_quotes:
        return len(re.findall(rf"{mark}{dialect.quotechar}", text)) < before_quotes
    cells = [cell for _, row in read_sample(dialect, lines[:HEADER_LINES]) for cell in row[1:]]
    return bool(cells) and sum(cell.startswith(" ") for cell in cells) >= 0.9 * len(cells)


def _escaped(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    """With a backslash as escape character when that reads more rows of one width than doubled
    quotes do.
    """
    text = "".join(lines)
    if f"\\{dialect.quotechar}" not in text and f"\\{dialect.delimiter}" not in text:
        return dialect
    escaped = replace(dialect, escapechar="\\")
    return max(dialect, escaped, key=lambda each: _clean_rows(each, lines))


def _clean_rows(dialect: Dialect, lines: Sequence[str]) -> int:
    """Lines of the sample that read strictly on their own and have the commonest width."""
    widths: Counter = Counter()
    for line in prepared(lines, dialect):
        try:
            widths[len(next(csv.reader([line], **dialect.options()), []))] += 1
        except csv.Error:
            widths[-1] += 1
    del widths[-1]
    return max(widths.values(), default=0)
