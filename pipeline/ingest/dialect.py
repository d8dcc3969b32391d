"""Which delimiter, quotes and escapes a text table uses, from its first lines and, when known, its
column names.

Each candidate reads the sample; the best has rows of one width, cells of one kind, and a line that
is a known header.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01", "¦", ":", "#", " ")
QUOTES = ('"', "'")
HEADER_LINES = 60
MAX_SAMPLE_RECORD = 200
# A delimiter that people type in prose or times has to look better than one that only tables use.
HANDICAP = {":": 0.6, "#": 0.8, " ": 0.5, "~": 0.9}
KNOWN_CELL = re.compile(
    r"""\s*(?:|[+-]?[$€£]?\d{1,3}(?:[,.' ]\d{3})*(?:[.,]\d+)?|[+-]?[$€£]?\d*[.,]?\d+(?:[eE][+-]?\d+)?\s?%?
    |\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\d{1,2}:\d{2}(?::\d{2})?
    |[A-Za-z0-9_]+={0,6}|[A-Za-z][A-Za-z0-9_-]*(?:\ [A-Za-z0-9_'-]+){0,4}|https?://\S+)\s*""",
    re.VERBOSE,
)
SEP_LINE = re.compile(r"""["']?sep=(.)["']?\s*""", re.IGNORECASE)

csv.field_size_limit(64 * 1024 * 1024)


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart. `quotechar` None: no quotes; `escapechar` None: a quote is
    doubled.
    """

    delimiter: str = ","
    quotechar: str | None = '"'
    escapechar: str | None = None
    skip_space: bool = False

    def options(self, strict: bool = True) -> dict:
        """Arguments for csv.reader."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quotechar,
            "escapechar": self.escapechar,
            "quoting": csv.QUOTE_MINIMAL if self.quotechar else csv.QUOTE_NONE,
            "skipinitialspace": self.skip_space,
            "strict": strict,
        }


def separator_line(line: str) -> str | None:
    """The delimiter that Excel's first line `sep=;` names, else None."""
    found = SEP_LINE.fullmatch(line.rstrip("\r\n") or "-")
    return found.group(1) if found else None


def infer(lines: Sequence[str], is_known: Callable[[str], bool] = lambda name: False) -> Dialect:
    """The dialect of a table whose first lines (with line ends) these are; `is_known` recognises
    column names.
    """
    lines = [line for line in lines if line.strip()]
    if lines and (named := separator_line(lines[0])):
        return _refined(Dialect(named), lines[1:])
    present = "".join(lines)
    best = _refined(Dialect(), lines)
    best_score = max((0.0, 0.01), _score(best, lines, is_known))
    for delimiter in DELIMITERS:
        if delimiter in present:
            candidate = _refined(Dialect(delimiter), lines)
            score = _score(candidate, lines, is_known)
            if score > best_score:
                best, best_score = candidate, score
    return best


def with_delimiter(delimiter: str, lines: Sequence[str]) -> Dialect:
    """The dialect of a table whose delimiter is known; quotes, escapes and padding are inferred."""
    present = [line for line in lines if line.strip()]
    return _refined(
        Dialect(delimiter), present[1:] if present and separator_line(present[0]) else present
    )


def read_sample(dialect: Dialect, lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """(position of its first line, cells) of each row; a line that cannot be read strictly is read
    as well as can be.

    Rows without any content are left out.
    """
    unfolded = unfold_escapes(lines, dialect)
    rows, unread, position = [], [], 0
    while position < len(lines):
        reader = csv.reader(unfolded[position : position + MAX_SAMPLE_RECORD], **dialect.options())
        used = 1
        try:
            rows.append((position, next(reader)))
            used = reader.line_num
        except csv.Error:
            unread.append(position)
        position += used
    if unread:
        width = commonest_width(rows)
        rows = sorted(
            [*rows, *((at, _read_anyhow(lines[at], dialect, width)) for at in unread)],
            key=lambda row: row[0],
        )
    return [(at, row) for at, row in rows if any(cell.strip() for cell in row)]


def commonest_width(rows: Sequence[tuple[int, list[str]]]) -> int:
    """The width that most rows with content have (the one seen first in a tie), 0 without any."""
    widths = Counter(len(row) for _, row in rows if any(row))
    return max(widths, key=widths.__getitem__, default=0)


def _read_anyhow(line: str, dialect: Dialect, width: int) -> list[str]:
    """Cells of a line with unmatched quotes: split at every delimiter when that gives `width`
    cells.
    """
    split = line.rstrip("\r\n").split(dialect.delimiter)
    if len(split) == width:
        return split
    return next(csv.reader([line], **dialect.options(strict=False)), [])


def unfold_escapes(lines: Sequence[str], dialect: Dialect) -> Sequence[str]:
    """Double each escape character that escapes nothing special, so that it stays (`\\'` in
    O\\'Brien).
    """
    if dialect.escapechar is None:
        return lines
    special = re.escape(dialect.delimiter + (dialect.quotechar or "") + dialect.escapechar + "\r\n")
    escape = re.escape(dialect.escapechar)
    lone = re.compile(f"({escape}[{special}])|{escape}")
    return [
        lone.sub(lambda found: found.group(1) or dialect.escapechar * 2, line)
        if dialect.escapechar in line
        else line
        for line in lines
    ]


def _refined(dialect: Dialect, lines: Sequence[str]) -> Dialect:
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
    if not re.search(rf"(?:^|{mark}) *'", "".join(lines), re.MULTILINE):
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
        if _evenness(single, lines) > _evenness(double, lines)
        else double.quotechar
    )


def _evenness(dialect: Dialect, lines: Sequence[str]) -> float:
    """Share of rows that have the commonest width."""
    widths = Counter(len(row) for _, row in read_sample(dialect, lines))
    return max(widths.values(), default=0) / max(widths.total(), 1)


def _is_padded(dialect: Dialect, lines: Sequence[str]) -> bool:
    """Whether a blank follows the delimiter as part of it: before quotes, or at the start of nearly
    every cell.
    """
    text, mark = "".join(lines), re.escape(dialect.delimiter)
    before_quotes = len(re.findall(rf"{mark} +{dialect.quotechar}", text))
    if before_quotes:
        return len(re.findall(rf"{mark}{dialect.quotechar}", text)) < before_quotes
    cells = [cell for _, row in read_sample(dialect, lines[:HEADER_LINES]) for cell in row[1:]]
    return bool(cells) and sum(cell.startswith(" ") for cell in cells) >= 0.9 * len(cells)


def _escaped(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    """With a backslash as escape character when that reads more rows of one width than doubled
    quotes do.
    """
    if f"\\{dialect.quotechar}" not in "".join(lines) and f"\\{dialect.delimiter}" not in "".join(
        lines
    ):
        return dialect
    escaped = replace(dialect, escapechar="\\")
    return max(dialect, escaped, key=lambda each: _clean_rows(each, lines))


def _clean_rows(dialect: Dialect, lines: Sequence[str]) -> int:
    """Lines of the sample that read strictly on their own and have the commonest width."""
    widths: Counter = Counter()
    for line in unfold_escapes(lines, dialect):
        try:
            widths[len(next(csv.reader([line], **dialect.options()), []))] += 1
        except csv.Error:
            widths[-1] += 1
    del widths[-1]
    return max(widths.values(), default=0)


def _score(
    dialect: Dialect, lines: Sequence[str], is_known: Callable[[str], bool]
) -> tuple[float, float]:
    """Known header cells first, then evenness x width x share of cells of a known kind."""
    rows = [row for _, row in read_sample(dialect, lines)]
    if not rows:
        return (0.0, 0.0)
    known = max((_known_share(row, is_known) for row in rows[:HEADER_LINES]), default=0.0)
    width = commonest_width(list(enumerate(rows)))
    cells = [cell for row in rows for cell in row]
    kind = sum(1 for cell in cells if KNOWN_CELL.fullmatch(cell)) / len(cells)
    evenness = sum(1 for row in rows if len(row) == width) / len(rows)
    return (
        known,
        evenness**2 * (width - 1) / width * (0.1 + kind) * HANDICAP.get(dialect.delimiter, 1.0),
    )


def _known_share(row: Sequence[str], is_known: Callable[[str], bool]) -> float:
    """Known names in a row, weighed by their share of its cells; 0 when most cells are unknown."""
    named = [cell for cell in row if cell.strip()]
    hits = sum(1 for cell in named if is_known(cell))
    return hits * hits / len(named) if named and 2 * hits >= len(named) else 0.0
