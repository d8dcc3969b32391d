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

from pipeline.ingest.cell_kinds import MOST
from pipeline.ingest.consistency import evenness, quotes_at_borders, sense, unlike_prose
from pipeline.ingest.dialect import (
    COMMENT,
    Dialect,
    commonest_width,
    prepared,
    read_sample,
    separator_line,
)
from pipeline.ingest.evidence import Alternative, Evidence, certain, confidence_of
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.side_lines import FOOTER_WORDS

DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01", "\x14", "¦", ":", "#", " ", "||")
#: Signs that seldom stand between cells: tried only when nearly every line has them.
RARE = re.compile(r"[^\w\s,;|^~:#\"'./\\()\[\]{}<>@&+*=%$€£!?`´’‘“”°-]")
QUOTES = ('"', "'")
HEADER_LINES = 120
SCORED_ROWS = 200
#: A delimiter that people type in prose or times has to look better than one that only tables use.
HANDICAP = {":": 0.4, "#": 0.75, " ": 0.5, "~": 0.9, "¦": 0.9, "^": 0.95}
#: Prose has these in many lines; of a table that they part, most cells are numbers, dates or codes.
IN_PROSE = (" ", ":")
#: Of these one line proves nothing.
SELDOM = (*IN_PROSE, COMMENT)
#: What a table of one column scores: any other split has to explain more of the lines than a few.
ONE_COLUMN = 0.04
#: A candidate that scores this share of the best is a second opinion; more is too close to call.
CLOSE = 0.93


@dataclass(frozen=True)
class DialectCandidate:
    """One dialect, the known column names that it shows, how consistent the table is that it makes
    (0 to 1), and how wide that is.
    """

    dialect: Dialect
    name_share: float
    score: float
    width: int

    @property
    def rank(self) -> tuple[float, float]:
        """Known names first, then consistency."""
        return (self.name_share, self.score)


def candidates(
    lines: Sequence[str], is_known: Callable[[str], bool] = lambda name: False
) -> list[DialectCandidate]:
    """The dialects that the first lines of a table (with line ends) may be in, best first;
    `is_known` recognises column names. Never empty.
    """
    lines = without_comments([line for line in lines if line.strip()])
    if lines and (delimiter := separator_line(lines[0])):
        dialect = _refined(Dialect(delimiter), lines[1:])
        return [DialectCandidate(dialect, 1.0, 1.0, commonest_width(read_sample(dialect, lines)))]
    default = _scored(_refined(Dialect(), lines), lines, is_known)
    scored = [replace(default, score=max(default.score, ONE_COLUMN))]
    for delimiter in _present(lines):
        if delimiter != ",":
            scored.append(_scored(_refined(Dialect(delimiter), lines), lines, is_known))
    return sorted(scored, key=lambda candidate: candidate.rank, reverse=True)


def without_comments(lines: Sequence[str]) -> Sequence[str]:
    """Lines that do not begin with `#`; all of them when every line does."""
    return [line for line in lines if not line.startswith(COMMENT)] or lines


def is_close(ranking: Sequence[DialectCandidate]) -> bool:
    """Whether the two best candidates are too close to call, and make different tables."""
    return (
        len(ranking) > 1
        and ranking[0].name_share == ranking[1].name_share
        and min(ranking[0].width, ranking[1].width) > 1
        and ranking[1].score >= CLOSE * ranking[0].score
    )


def question_about_delimiter(ranking: Sequence[DialectCandidate]) -> Question:
    """What to ask when the two best candidates are close."""
    return Question(
        "delimiter",
        "can be split into cells in two ways that are about as good",
        tuple(
            Choice(candidate.dialect.delimiter, f"{candidate.width} columns, {candidate.score:.2f}")
            for candidate in ranking[:2]
        ),
    )


def evidence(ranking: Sequence[DialectCandidate], columns: int) -> Evidence:
    """What speaks for the best candidate of a table with so many columns."""
    best = ranking[0]
    why = [f"with it the first lines have {columns} cell{'' if columns == 1 else 's'} each"]
    if best.name_share:
        why.append("it parts names of a known source")
    if len(ranking) < 2:
        return certain(*why, "nothing else could part them")
    second = ranking[1]
    gap = 1.0 if best.name_share > second.name_share else 1 - second.score / max(best.score, 0.0001)
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
    names = [cell for cell in row if cell.strip()]
    hits = sum(1 for cell in names if is_known(cell))
    return hits * hits / len(names) if names and 2 * hits >= len(names) else 0.0


def _present(lines: Sequence[str]) -> list[str]:
    text = "".join(lines)
    present = [each for each in DELIMITERS if each in text]
    if len(lines) < 2 or all(line.startswith(COMMENT) for line in lines):
        present = [each for each in present if each not in SELDOM]
    if _are_of_one_word(lines):
        present = [each for each in present if each != " "]
    if text.count("|") == 2 * text.count("||"):
        present = [each for each in present if each != "|"]
    rare = Counter(letter for line in lines for letter in set(RARE.findall(line)))
    present += [letter for letter, count in rare.items() if count >= 0.9 * len(lines) > 1]
    return list(dict.fromkeys(present))


def _are_of_one_word(lines: Sequence[str]) -> bool:
    """Whether blanks stand at the ends of lines alone, as they fill up a column; footers aside."""
    texts = [line.strip() for line in lines if not FOOTER_WORDS.match(line)]
    return bool(texts) and sum(" " not in text for text in texts) >= MOST * len(texts)


def _scored(
    dialect: Dialect, lines: Sequence[str], is_known: Callable[[str], bool]
) -> DialectCandidate:
    rows = [row for _, row in read_sample(dialect, lines)][:SCORED_ROWS]
    if not rows:
        return DialectCandidate(dialect, 0.0, 0.0, 0)
    name_share = max((known_share(row, is_known) for row in rows[:HEADER_LINES]), default=0.0)
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda each: (widths[each] * (each - 1) / each, each))
    score = evenness(widths, width) * (width - 1) / width * sense(rows, width)
    score *= quotes_at_borders(dialect, "".join(prepared(lines, dialect)))
    if dialect.delimiter in IN_PROSE:
        score *= unlike_prose(rows, width, dialect.delimiter)
    return DialectCandidate(
        dialect, name_share, round(score * HANDICAP.get(dialect.delimiter, 1.0), 4), width
    )


def _refined(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    text, start = "".join(lines), _cell_start(dialect)
    if "“" in text and len(re.findall(rf"{start}\s*[“„]", text)) >= len(
        re.findall(rf'{start}\s*"', text)
    ):
        dialect = replace(dialect, smart_quotes=True)
    guards = len(re.findall(rf'{start}\s*="', text))
    if guards >= max(1, 0.5 * len(lines) - 1):
        dialect = replace(dialect, formulas=True)
    dialect = replace(dialect, quotechar=_quote(dialect, lines))
    if dialect.delimiter != " " and _is_padded(dialect, lines):
        dialect = replace(dialect, skip_space=True)
    return _escaped(dialect, lines)


def _cell_start(dialect: Dialect) -> str:
    """A pattern of what stands before a cell, however lines end."""
    return rf"(?:\A|(?<=[\r\n])|{re.escape(dialect.delimiter)})"


def _quote(dialect: Dialect, lines: Sequence[str]) -> str | None:
    """The quote: single ones when the first line has cells in them, when they make the rows more
    even, or when cells are in them throughout, or double them, where none is in double ones.
    """
    double, single = (replace(dialect, quotechar=quote) for quote in QUOTES)
    mark, start = re.escape(dialect.delimiter), _cell_start(dialect)
    text = "".join(lines)
    closed = re.findall(rf"{start} *'([^\r\n]*?)' *(?=[\r\n]|{mark}|$)", text)
    if not closed and not re.search(rf"{start} *'[^']*[\r\n][^']*' *(?=[\r\n]|{mark}|$)", text):
        return double.quotechar
    first = lines[0].rstrip("\r\n") if lines else ""
    in_first = {
        quote: re.search(rf"(?:^|{mark}) *{quote}[^{quote}]+{quote} *(?:$|{mark})", first)
        for quote in QUOTES
    }
    if in_first["'"] and not in_first['"']:
        return single.quotechar
    if _share_of_width(single, lines) > _share_of_width(double, lines):
        return single.quotechar
    is_usual = len(closed) >= max(2, len(lines) // 2) or any("''" in cell[1:-1] for cell in closed)
    # names may stand in double quotes over cells in single ones
    below = text[len(lines[0]) :] if re.search(r"[\r\n]$", lines[0]) else text
    is_alone = not re.search(rf'{start} *"[^"\r\n]*" *(?=[\r\n]|{mark}|$)', below)
    return single.quotechar if is_usual and is_alone else double.quotechar


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
