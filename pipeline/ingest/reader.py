"""Delivered bytes -> a table of text: its encoding, dialect and header, and its rows in batches."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from pipeline.errors import InputRefused
from pipeline.ingest import json_reader
from pipeline.ingest.delivery import Delivery, Inspection, Progress, refusing_broken_gzip, unpacked
from pipeline.ingest.dialect import (
    Dialect,
    commonest_width,
    infer,
    read_sample,
    separator_line,
    with_delimiter,
)
from pipeline.ingest.encoding import TextEncoding
from pipeline.ingest.header import locate
from pipeline.ingest.reading import AS_INFERRED, Reading
from pipeline.ingest.records import Batch, Noticed, RecordReader

SAMPLE_LINES = 500
SAMPLE_CHARACTERS = 512 * 1024
JSON_PIECE = 1024 * 1024
LINE_END_NAMES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
MARKS = "\ufeff"


@dataclass(frozen=True)
class Table:
    """A delivered table before its rows are read.

    `header`: cells as delivered (a header with blank cells at its end is cut there); `header_line`:
    its physical line; `skipped`: lines above it that are neither header nor blank; `padded`: widths
    of rows that end in blank cells beyond the header throughout the file. A JSON table has no
    dialect.
    """

    delivery: Delivery
    inspection: Inspection
    format: str
    header: list[str]
    header_line: int = 0
    skipped: int = 0
    dialect: Dialect | None = None
    padded: frozenset[int] = frozenset()
    noticed: Noticed = field(default_factory=Noticed)

    @property
    def encoding(self) -> str:
        """The encoding's label."""
        return self.inspection.encoding.label

    @property
    def line_ending(self) -> str:
        """LF, CRLF, CR or mixed, of the rows read so far; empty for JSON arrays and single
        lines.
        """
        names = sorted(LINE_END_NAMES[end] for end in self.noticed.line_ends)
        return names[0] if len(names) == 1 else "mixed" if names else ""

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """The rows with their line numbers, and the lines that are no row; memory: one batch.

        Raises InputRefused when the table turns out to be cut off.
        """
        encoding = self.inspection.encoding
        with (
            unpacked(self.delivery, self.inspection.is_gzip, progress) as stream,
            refusing_broken_gzip(self.delivery.name),
        ):
            if self.dialect is None:
                pieces = text_lines(stream, encoding, JSON_PIECE)
                yield from json_reader.batches(
                    pieces, self.header, self.delivery.name, self.noticed
                )
                return
            lines = text_lines(stream, encoding)
            for _ in islice(lines, self.header_line):
                pass
            reader = RecordReader(
                lines,
                self.dialect,
                self.header,
                self.header_line + 1,
                self.delivery.name,
                self.padded,
                self.noticed,
            )
            yield from reader.batches()


def text_lines(
    stream: io.BufferedIOBase, encoding: TextEncoding, at_most: int | None = None
) -> Iterator[str]:
    """Physical lines with their line ends (LF, CRLF or CR, as they come); zero characters dropped.

    With `at_most` a longer line comes in pieces of that many characters.
    """
    text = io.TextIOWrapper(stream, encoding=encoding.codec, errors=encoding.errors, newline="")
    lines = iter(text) if at_most is None else iter(partial(text.readline, at_most), "")
    if encoding.has_nulls:
        return (line.replace("\0", "") or "\n" for line in lines)
    return lines


def open_table(
    delivery: Delivery,
    inspection: Inspection,
    is_known: Callable[[str], bool],
    reading: Reading = AS_INFERRED,
) -> Table:
    """Infer format, dialect and header from the first lines; `is_known` recognises column names,
    `reading` overrules.

    Raises InputRefused when there is no row that could be a header or nothing beneath it.
    """
    inspection = reading.decoding(inspection)
    with unpacked(delivery, inspection.is_gzip) as stream, refusing_broken_gzip(delivery.name):
        lines = _sample(text_lines(stream, inspection.encoding, SAMPLE_CHARACTERS))
    if _is_json(lines):
        return _open_json(delivery, inspection)
    dialect = (
        infer(lines, is_known)
        if reading.delimiter is None
        else with_delimiter(reading.delimiter, lines)
    )
    rows = read_sample(dialect, [line.lstrip(MARKS) for line in lines[:1]] + lines[1:])
    if rows and separator_line(lines[rows[0][0]]):
        rows = rows[1:]
    if not rows:
        raise InputRefused(
            "is empty: no line has any content", delivery.name, "deliver the file again"
        )
    known_at = (
        locate(rows, is_known)
        if reading.header_line is None
        else _row_on_line(rows, reading.header_line, delivery.name)
    )
    at = _first_full_row(rows) if known_at is None else known_at
    position, header = rows[at]
    beneath = rows[at + 1 :]
    if not beneath and len(lines) < SAMPLE_LINES:
        raise InputRefused(
            "has a header only, no rows", delivery.name, "deliver the file again with its rows"
        )
    above = sum(1 for line in lines[:position] if line.strip() and not separator_line(line))
    header_line = position + 1 + sum(cell.count("\n") or cell.count("\r") for cell in header)
    names = header if known_at is None else _names(header, beneath)
    padded = {len(header), commonest_width(beneath)} - {len(names)}
    return Table(delivery, inspection, "csv", names, header_line, above, dialect, frozenset(padded))


def _row_on_line(rows: Sequence[tuple[int, list[str]]], line: int, name: str) -> int:
    """Index of the row that begins on a physical line; raises InputRefused when none of the first
    rows does.
    """
    found = next((at for at, (position, _) in enumerate(rows) if position + 1 == line), None)
    if found is None:
        raise InputRefused(
            "has no row that begins there",
            f"{name}, line {line}",
            f"choose one of the first {SAMPLE_LINES} lines",
        )
    return found


def _first_full_row(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Index of the first row of the commonest width that is at least half filled; 0 without one."""
    width = commonest_width(rows)
    return next(
        (
            at
            for at, (_, row) in enumerate(rows)
            if len(row) == width and 2 * sum(1 for cell in row if cell.strip()) >= width
        ),
        0,
    )


def _names(header: Sequence[str], beneath: Sequence[tuple[int, list[str]]]) -> list[str]:
    """The header's cells; blank ones that no row has a cell for are left out, as are blank ones at
    its end that no row has content for.
    """
    cells = list(header)
    named = [cell for cell in cells if cell.strip()]
    if len(named) < len(cells) and commonest_width(beneath) == len(named):
        return named
    while (
        len(cells) > 1
        and not cells[-1].strip()
        and not any(row[len(cells) - 1 : len(cells)] > [""] for _, row in beneath)
    ):
        cells.pop()
    return cells


def _sample(lines: Iterator[str]) -> list[str]:
    taken, size = [], 0
    for line in islice(lines, SAMPLE_LINES):
        taken.append(line)
        size += len(line)
        if size > SAMPLE_CHARACTERS:
            break
    return taken


def _is_json(lines: Sequence[str]) -> bool:
    first = next(
        (line.strip(MARKS + " \t\r\n") for line in lines if line.strip(MARKS + " \t\r\n")), ""
    )
    return first[:1] in ("[", "{")


def _open_json(delivery: Delivery, inspection: Inspection) -> Table:
    with unpacked(delivery, inspection.is_gzip) as stream, refusing_broken_gzip(delivery.name):
        header = json_reader.names(
            text_lines(stream, inspection.encoding, JSON_PIECE), delivery.name
        )
    if not header:
        raise InputRefused(
            "has no rows: its JSON holds no object",
            delivery.name,
            "deliver an array of objects or one object a line",
        )
    return Table(delivery, inspection, "json", header)
