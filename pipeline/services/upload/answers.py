"""What the answers to a question about a file would make of it: the lines that they read
differently, side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from heapq import merge
from itertools import groupby, islice
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.header import KnownNames, compact, known_names
from pipeline.ingest.identification import identify, read_header
from pipeline.ingest.preview import unique
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.reader import Table
from pipeline.ingest.reading import Reading
from pipeline.privacy.cell_fit import shape_of
from pipeline.privacy.misplaced_values import without_misplaced
from pipeline.services.access.roles import OPERATE, needs
from pipeline.services.upload.masked_cells import masked_row
from pipeline.services.upload.tray import Waiting, inspected

#: Lines of a file that are looked through, and differing ones that are shown.
LINES_SOUGHT, LINES_SHOWN = 100_000, 6
HEADER, ROW, NO_ROW = "header", "row", "no row"


@dataclass(frozen=True)
class Line:
    """A physical line as one answer reads it: as header, row or no row, its cells (masked), and
    which of them another answer reads differently.
    """

    number: int
    kind: str
    cells: tuple[str | None, ...]
    differs: tuple[bool, ...]


@dataclass(frozen=True)
class Answer:
    """One choice: the names of its columns, each once, and those of the lines that the answers read
    differently which it has; `refused` says why nothing can be read so.
    """

    choice: Choice
    names: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class _Candidate:
    """A reading of the file, the table that it makes, the source that this is, and the delivered
    column at each position.
    """

    choice: Choice
    table: Table | None
    entity: str | None = None
    columns: tuple[str, ...] = ()
    refused: str = ""


@needs(OPERATE)
def compare(settings: Settings, file: Waiting, question: Question) -> tuple[Answer, ...]:
    """The answers with the first lines that they read differently, those of a single answer as it
    reads them; cells are masked, and of a file whose source is unknown only shapes are told.
    """
    candidates = [_candidate(file, question, choice) for choice in question.choices]
    tables = [candidate.table for candidate in candidates if candidate.table is not None]
    is_agreed = len({table.header_line for table in tables}) == 1
    differing = list(islice(_differing([_lines(table) for table in tables]), LINES_SHOWN))
    answers, place = [], -1
    for candidate in candidates:
        if candidate.table is None:
            answers.append(Answer(candidate.choice, refused=candidate.refused))
            continue
        place += 1
        lines = tuple(
            _visible(candidate, number, at_line, place, is_agreed)
            for number, at_line in differing
            if at_line[place] is not None
        )
        answers.append(Answer(candidate.choice, _names(candidate.table, is_agreed), lines))
    return tuple(answers)


def with_choice(reading: Reading, question: Question, choice: Choice) -> Reading:
    """The reading once a question is answered so."""
    decision: dict[str, Any] = {question.field: choice.value}
    return replace(reading, **decision)


def _candidate(file: Waiting, question: Question, choice: Choice) -> _Candidate:
    reading, contracts = with_choice(file.reading, question, choice), load_contracts()
    try:
        inspection = inspected(file)
        table = read_header(file.delivery, contracts, reading, inspection)
    except InputRefused as error:
        return _Candidate(choice, None, refused=error.one_line)
    try:
        _, recognised = identify(file.delivery, contracts, reading, inspection)
    except InputRefused:
        return _Candidate(choice, table, columns=tuple(table.header))
    delivered = {at: name for name, at in recognised.match.positions.items()}
    columns = tuple(delivered.get(at, name) for at, name in enumerate(table.header))
    return _Candidate(choice, table, recognised.contract.entity, columns)


def _lines(table: Table) -> Iterator[tuple[int, str, tuple]]:
    """(physical line, kind, cells) in the order of the file."""
    first = [(table.header_line, HEADER, tuple(table.header))] if table.header_line else []
    count = 0
    for batch in table.batches():
        rows = [
            (number, ROW, tuple(row)) for number, row in zip(batch.numbers, batch.rows, strict=True)
        ]
        rejects = [(reject.line, NO_ROW, (reject.text,)) for reject in batch.rejects]
        yield from sorted([*first, *rows, *rejects], key=lambda line: line[0])
        first = []
        count += len(rows)
        if count >= LINES_SOUGHT:
            return
    yield from first


def _differing(
    streams: Sequence[Iterator[tuple[int, str, tuple]]],
) -> Iterator[tuple[int, list[tuple[str, tuple] | None]]]:
    """(physical line, how each stream reads it, None where it begins nothing there) of the lines
    that are not read alike by all; of one stream all lines.
    """
    merged = merge(
        *(_placed(stream, place) for place, stream in enumerate(streams)),
        key=lambda line: line[0],
    )
    for number, group in groupby(merged, key=lambda line: line[0]):
        at_line: list[tuple[str, tuple] | None] = [None] * len(streams)
        for _, place, read_so in group:
            at_line[place] = read_so
        if len(streams) == 1 or any(read_so != at_line[0] for read_so in at_line):
            yield number, at_line


def _placed(
    stream: Iterator[tuple[int, str, tuple]], place: int
) -> Iterator[tuple[int, int, tuple[str, tuple]]]:
    for number, kind, cells in stream:
        yield number, place, (kind, cells)


def _visible(
    candidate: _Candidate,
    number: int,
    at_line: Sequence[tuple[str, tuple] | None],
    place: int,
    is_agreed: bool,
) -> Line:
    kind, cells = at_line[place] or (NO_ROW, ())
    others = [read_so for at, read_so in enumerate(at_line) if at != place]
    differs = tuple(
        any(
            other is None or other[0] != kind or len(other[1]) != len(cells) or other[1][at] != cell
            for other in others
        )
        for at, cell in enumerate(cells)
    )
    if kind == HEADER:
        visible = tuple(cell if _is_name(cell, is_agreed) else shape_of(cell) for cell in cells)
    elif kind == NO_ROW:
        visible = tuple(shape_of(cell) for cell in cells)
    else:
        visible = masked_row(candidate.columns, cells, candidate.entity)
    return Line(number, kind, visible, differs)


def _names(table: Table, is_agreed: bool) -> tuple[str, ...]:
    """Names of its columns; one that may be a value is named by its place."""
    named = [
        name.strip()
        if name.strip() and _is_name(name, is_agreed or not table.header_line)
        else f"column {at}"
        for at, name in enumerate(table.header, start=1)
    ]
    return unique(named)


@cache
def _known_names() -> KnownNames:
    return known_names(load_contracts())


def _is_name(cell: str, is_agreed: bool) -> bool:
    """Whether a cell of a header may be shown: a known name of a column, or words in a line that
    is the header whichever answer is right.
    """
    is_known = compact(cell) in _known_names()
    return is_known or (is_agreed and without_misplaced(cell) == cell)
