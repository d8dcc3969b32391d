"""How the cells of a text are told apart: as somebody decided, by the best delimiter, or by the
positions of columns that blanks line up, which is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest import positions
from pipeline.ingest.cell_kinds import MOST
from pipeline.ingest.dialect import (
    WRAPPED_LINE,
    Dialect,
    fixed_width,
    read_sample,
    unwrapped,
)
from pipeline.ingest.dialect_candidates import (
    DialectCandidate,
    candidates,
    evidence,
    is_close,
    question_about_delimiter,
    with_delimiter,
)
from pipeline.ingest.evidence import Evidence
from pipeline.ingest.header import locate
from pipeline.ingest.questions import Question
from pipeline.ingest.reading import Reading


@dataclass(frozen=True)
class DialectChoice:
    """The dialect in which a text is read, the candidates it was chosen from (none for positions),
    and what somebody has to decide about it.
    """

    dialect: Dialect
    ranked: Sequence[DialectCandidate] = ()
    question: Question | None = None

    def evidence(self, columns: int) -> Evidence:
        """What speaks for it, for a table with so many columns."""
        if self.dialect.spans:
            return positions.evidence(self.dialect.spans, is_stated=self.question is None)
        return evidence(self.ranked, columns)


def choose_dialect(
    lines: Sequence[str], is_known: Callable[[str], bool], reading: Reading
) -> DialectChoice:
    """The dialect of a text by its first lines (with line ends); `is_known` recognises names of
    columns, `reading` overrules. Raises InputRefused for positions that are none.
    """
    if reading.positions is not None:
        return DialectChoice(fixed_width(positions.spans_of(reading.positions)))
    if _are_wrapped(lines, is_known):
        choice = _of_lines(unwrapped(lines), is_known, reading)
        return replace(choice, dialect=replace(choice.dialect, wrapped=True))
    return _of_lines(lines, is_known, reading)


def _of_lines(
    lines: Sequence[str], is_known: Callable[[str], bool], reading: Reading
) -> DialectChoice:
    if reading.delimiter is not None:
        dialect = with_delimiter(reading.delimiter, lines)
        return DialectChoice(dialect, [DialectCandidate(dialect, 1.0, 1.0, 0)])
    ranked = candidates(lines, is_known)
    best = ranked[0].dialect
    rows = read_sample(best, lines)
    is_unsplit = ranked[0].width < 2 and rows and len(rows[0][1]) == 1
    if is_unsplit or best.delimiter == " ":
        spans = positions.proposed(lines)
        parts_names = ranked[0].name_share > 0
        asked = positions.question(lines, spans) if spans or not parts_names else None
        return DialectChoice(fixed_width(spans) if spans else best, ranked, asked)
    asked = question_about_delimiter(ranked) if is_close(ranked) else None
    return DialectChoice(best, ranked, asked)


def _are_wrapped(lines: Sequence[str], is_known: Callable[[str], bool]) -> bool:
    """Whether most lines are one quoted cell, in which the cells of a table stand beneath names
    that are known: a spreadsheet that took each line for a text writes so.
    """
    texts = [line for line in lines if line.strip()]
    whole = sum(1 for line in texts if WRAPPED_LINE.fullmatch(line))
    if whole < max(2, MOST * len(texts)):
        return False
    within = unwrapped(texts)
    if within == texts:
        return False
    rows = read_sample(candidates(within, is_known)[0].dialect, within)
    named = locate(rows, is_known)
    return named is not None and len(rows[named][1]) > 1
