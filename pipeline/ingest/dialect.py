"""How the cells of a text table are told apart, and its first lines read so."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.ingest.positions import Span, cells

MAX_SAMPLE_RECORD = 200
SEP_LINE = re.compile(r"""["']?sep=(.)["']?\s*""", re.IGNORECASE)
#: A line that is one quoted cell.
WRAPPED_LINE = re.compile(r'"((?:[^"]|"")*)"([\r\n]*)')
#: Begins a line that is no row.
COMMENT = "#"
#: Stands for a delimiter of several characters, which csv does not know; no character of any text.
ONE_FOR_MANY = "\ufdd0"

csv.field_size_limit(64 * 1024 * 1024)


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart. `quotechar` None: no quotes; `escapechar` None: a quote is
    doubled.

    `smart_quotes`: cells stand in “curly” quotes; `formulas`: cells are guarded against
    spreadsheets as `="x"`. `wrapped`: whole lines stand in quotes once more. `spans`: the columns
    of a text of fixed width, which has no delimiter.
    """

    delimiter: str = ","
    quotechar: str | None = '"'
    escapechar: str | None = None
    skip_space: bool = False
    smart_quotes: bool = False
    formulas: bool = False
    wrapped: bool = False
    spans: tuple[Span, ...] = ()

    @property
    def mark(self) -> str:
        """The one character that separates cells once lines are `prepared`."""
        return self.delimiter if len(self.delimiter) == 1 else ONE_FOR_MANY

    @property
    def is_plain(self) -> bool:
        """Whether lines need no preparation."""
        return not (
            self.escapechar
            or self.smart_quotes
            or self.formulas
            or self.wrapped
            or len(self.delimiter) != 1
        )

    def options(self, strict: bool = True) -> dict:
        """Arguments for csv.reader."""
        return {
            "delimiter": self.mark,
            "quotechar": self.quotechar,
            "escapechar": self.escapechar,
            "quoting": csv.QUOTE_MINIMAL if self.quotechar else csv.QUOTE_NONE,
            "skipinitialspace": self.skip_space,
            "strict": strict,
        }

    def cells(self, row: list[str]) -> list[str]:
        """The cells of a row that csv.reader made of `prepared` lines."""
        if len(self.delimiter) < 2:
            return row
        return [cell.replace(ONE_FOR_MANY, self.delimiter) for cell in row]


def separator_line(line: str) -> str | None:
    """The delimiter that Excel's first line `sep=;` names, else None."""
    match = SEP_LINE.fullmatch(line.rstrip("\r\n") or "-")
    return match.group(1) if match else None


def read_sample(dialect: Dialect, lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """(position of its first line, cells) of each row; a line that cannot be read strictly is read
    as well as can be.

    Rows without any content are left out.
    """
    lines = prepared(lines, dialect)
    rows, unread, position = [], [], 0
    while position < len(lines):
        reader = csv.reader(lines[position : position + MAX_SAMPLE_RECORD], **dialect.options())
        used = 1
        try:
            rows.append((position, dialect.cells(next(reader))))
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
    split = line.rstrip("\r\n").split(dialect.mark)
    if len(split) == width:
        return split
    return dialect.cells(next(csv.reader([line], **dialect.options(strict=False)), []))


def prepared(lines: Sequence[str], dialect: Dialect) -> Sequence[str]:
    """Lines as csv.reader can take them: one character between cells, straight quotes, no guards,
    and each escape character that escapes nothing special doubled, so that it stays (`O\\'Brien`).
    """
    if dialect.is_plain:
        return lines
    if dialect.spans:
        return [_cut(line, dialect.spans) for line in lines]
    if dialect.wrapped:
        lines = unwrapped(lines)
    if len(dialect.delimiter) > 1:
        lines = [line.replace(dialect.delimiter, ONE_FOR_MANY) for line in lines]
    mark = re.escape(dialect.mark)
    if dialect.smart_quotes:
        opening = re.compile(rf"(^|{mark})(\s*)[“„]")
        closing = re.compile(rf"[”“](?=\s*(?:{mark}|[\r\n]|$))")
        lines = [closing.sub('"', opening.sub(r'\1\2"', line)) for line in lines]
    if dialect.formulas:
        # a cell with a line end in it is closed in a later line
        closed = rf'"(?=\s*(?:{mark}|[\r\n]|$))'
        guard = re.compile(rf'(^|{mark})\s*="((?:[^"]|"")*)({closed}|\Z)')
        lines = [guard.sub(r'\1"\2\3', line) if '="' in line else line for line in lines]
    return _unfolded(lines, dialect, dialect.escapechar) if dialect.escapechar else lines


def unwrapped(lines: Sequence[str]) -> list[str]:
    """Lines without the quotes around the whole of them."""
    return [
        whole.group(1).replace('""', '"') + whole.group(2)
        if line[:1] == '"' and (whole := WRAPPED_LINE.fullmatch(line))
        else line
        for line in lines
    ]


def fixed_width(spans: Sequence[Span]) -> Dialect:
    """The dialect of lines whose columns stand at positions."""
    return Dialect("", None, spans=tuple(spans))


def _cut(line: str, spans: Sequence[Span]) -> str:
    """A line of fixed width with a mark between its cells; a blank one as it is. One that has no
    line end lacks the columns that it does not reach.
    """
    text = line.rstrip("\r\n")
    if not text.strip():
        return line
    if text == line:
        spans = [span for span in spans if span[0] <= len(text)]
    return ONE_FOR_MANY.join(cells(text, spans)) + line[len(text) :]


def _unfolded(lines: Sequence[str], dialect: Dialect, escapechar: str) -> Sequence[str]:
    special = re.escape(dialect.mark + (dialect.quotechar or "") + escapechar + "\r\n")
    escape = re.escape(escapechar)
    lone = re.compile(f"({escape}[{special}])|{escape}")
    return [
        lone.sub(lambda match: match.group(1) or escapechar * 2, line)
        if escapechar in line
        else line
        for line in lines
    ]
