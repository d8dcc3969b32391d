"""Delivered bytes -> a table of text: its encoding, dialect and header, and its rows in batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import TextIOBase
from itertools import islice

from pipeline.ingest import grids, json_reader, parquet_file
from pipeline.ingest.batches import Batch, Noticed, Reject
from pipeline.ingest.content import opened_text, text_lines
from pipeline.ingest.delivery import Delivery, Progress
from pipeline.ingest.dialect import Dialect, read_sample, separator_line
from pipeline.ingest.dialect_choice import choose_dialect
from pipeline.ingest.evidence import Evidence
from pipeline.ingest.first_lines import SAMPLE_CHARACTERS, chosen_row, first_lines, most_cells
from pipeline.ingest.footers import Footers
from pipeline.ingest.formats import PARQUET, TEXT, refuse_other_texts
from pipeline.ingest.halves import Halves
from pipeline.ingest.header import KnownNames, locate
from pipeline.ingest.header_lines import question_about_lone_line
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.json_names import KeyNames
from pipeline.ingest.json_shapes import is_json
from pipeline.ingest.layout import Layout, find_layout
from pipeline.ingest.line_blocks import LineBlocks, with_escapes
from pipeline.ingest.lines_above import lines_above
from pipeline.ingest.other_tables import question_about_tables
from pipeline.ingest.questions import Question
from pipeline.ingest.reading import AS_INFERRED, Reading
from pipeline.ingest.records import RecordReader
from pipeline.ingest.sheet_choice import SheetChoice, choose_list, choose_sheet

JSON_PIECE = 1024 * 1024
LINE_END_NAMES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
MARKS = "\ufeff"
NO_LAYOUT = Layout(0, 0, [], ())


@dataclass(frozen=True)
class Table:
    """A delivered table before its rows are read.

    `header`: names of its columns, as delivered where there is one line of them; `header_line`:
    its last physical line (0 without a header); `skipped`: lines above it that are neither header
    nor blank nor rows; `above`: lines above it that look like rows; `lines_above`: physical lines
    down to the header by their part; `questions`: what somebody has to decide before its rows can
    be trusted; `dialect_evidence`: what speaks for its delimiter. Tables that are no text with
    delimiters have no dialect; `sheet`: which one of a workbook it is, or list of a JSON document;
    `known`: names of columns (compact) that a further header may hold; `keys`: those of the objects
    of JSON, and `stand_ins`: those of them that are further names of a column (`HeaderMatch`).
    """

    delivery: Delivery
    inspection: Inspection
    format: str
    header: list[str]
    header_line: int = 0
    skipped: int = 0
    dialect: Dialect | None = None
    layout: Layout = NO_LAYOUT
    above: tuple[Reject, ...] = ()
    lines_above: tuple[tuple[str, int], ...] = ()
    questions: tuple[Question, ...] = ()
    dialect_evidence: Evidence = Evidence()
    sheet: SheetChoice | None = None
    known: KnownNames = field(default_factory=dict)
    keys: KeyNames | None = None
    stand_ins: Mapping[int, int] = field(default_factory=dict)
    noticed: Noticed = field(default_factory=Noticed)

    @property
    def encoding(self) -> str | None:
        """The encoding's label; None for a format that says itself how its text is encoded."""
        return self.inspection.encoding.label if self.inspection.kind == TEXT else None

    @property
    def sheet_name(self) -> str | None:
        """The name of the sheet or list; None for a file that is one table."""
        return self.sheet.sheet.name if self.sheet else None

    @property
    def part(self) -> str | None:
        """What tells it from other tables of the same bytes: its sheet or list, or the messages
        that it came as.
        """
        return self.sheet_name or self.delivery.origin

    @property
    def line_ending(self) -> str:
        """LF, CRLF, CR or mixed, of the rows read so far; empty for JSON arrays and single
        lines.
        """
        names = sorted(LINE_END_NAMES[end] for end in self.noticed.line_ends)
        return names[0] if len(names) == 1 else "mixed" if names else ""

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """The rows with their line numbers, and the lines that are no row; memory: one batch.

        `noticed` is filled on the way, `noticed.cut_off` when the table seems to end early.
        """
        encoding = self.inspection.encoding
        sheet = self.sheet.sheet if self.sheet else None
        with opened_text(self.delivery, self.inspection, sheet, self.noticed, progress) as text:
            if self.format == "json":
                pieces = text_lines(text, encoding, JSON_PIECE, self.noticed, is_json=True)
                yield from json_reader.batches(
                    pieces,
                    self.header,
                    self.delivery.name,
                    self.noticed,
                    self.sheet_name,
                    is_lines=self.delivery.origin is not None,
                    stand_ins=self.stand_ins,
                )
                return
            self.noticed.lines.update(dict(self.lines_above))
            # an escape is longer than what it stands for, and would move what stands at positions
            is_cut_first = self.dialect is not None and bool(self.dialect.spans)
            escapes = encoding.needs_escapes
            lines = LineBlocks(text, escapes and not is_cut_first, self.noticed)
            for _ in islice(lines, self.header_line):
                pass
            above = list(self.above)
            for batch in self._rows(lines) if self.header else self._blank(lines):
                if self.inspection.kind != TEXT:
                    batch = grids.with_line_ends(batch)
                elif escapes and is_cut_first:
                    batch = with_escapes(batch, self.noticed)
                yield replace(batch, rejects=[*above, *batch.rejects]) if above else batch
                above = []
            if above:
                yield Batch([], [], above)

    def _rows(self, lines: LineBlocks) -> Iterator[Batch]:
        dialect = self.dialect or grids.DIALECT
        reader = RecordReader(
            lines,
            dialect,
            self.header,
            self.header_line + 1,
            self.layout.columns,
            self.layout.padded,
            self.layout.guarded,
            self.noticed,
            self.known,
        )
        footers = Footers(self.layout.columns, dialect, self.noticed)
        return footers.off(Halves(dialect, self.noticed).off(reader.batches()))

    def _blank(self, lines: Iterator[str]) -> Iterator[Batch]:
        self.noticed.lines["blank"] += sum(1 for _ in lines)
        return iter(())


def open_table(
    delivery: Delivery,
    inspection: Inspection,
    is_known: Callable[[str], bool],
    reading: Reading = AS_INFERRED,
) -> Table:
    """Infer format, dialect and header from the first lines; `is_known` recognises column names,
    `reading` overrules.

    A file without any content is a table without a header. What is unclear stands under
    `questions`, and the table is read in the likeliest way. Raises InputRefused for what is no
    table.
    """
    if inspection.kind != TEXT:
        return _open_grid(delivery, inspection, is_known, reading)
    if delivery.origin is not None:
        return _open_json(delivery, inspection, is_known, reading, ())
    inspection = reading.decoding(inspection)
    asked = (inspection.encoding.question,) if inspection.encoding.question else ()
    with opened_text(delivery, inspection) as text:
        lines = first_lines(text_lines(text, inspection.encoding, SAMPLE_CHARACTERS))
    refuse_other_texts("".join(lines)[:4096], delivery.name)
    if is_json(lines, delivery.name):
        return _open_json(delivery, inspection, is_known, reading, asked)
    lines = [line.lstrip(MARKS) for line in lines[:1]] + lines[1:]
    delivery.limits.refuse_wide(delivery.name, most_cells(lines))
    choice = choose_dialect(lines, is_known, reading)
    dialect = choice.dialect
    rows = read_sample(dialect, lines)
    if rows and separator_line(lines[rows[0][0]]):
        rows = rows[1:]
    if not rows:
        return Table(delivery, inspection, "csv", [], dialect=dialect, questions=asked)
    chosen = chosen_row(rows, reading, delivery.name)
    layout = find_layout(rows, is_known, chosen, reading.header_rows)
    if reading.header_line is not None:
        layout = replace(layout, question=None)
    if choice.question:
        asked = (*asked, choice.question)
    if layout.question:
        asked = (*asked, layout.question)
    elif reading.header_line is None and (
        about := question_about_lone_line(rows) or question_about_tables(rows, layout.first)
    ):
        asked = (*asked, about)
    return _placed(
        Table(
            delivery,
            inspection,
            "csv",
            layout.names,
            dialect=dialect,
            layout=layout,
            questions=asked,
            dialect_evidence=choice.evidence(len(layout.names)),
        ),
        lines,
        rows,
    )


def _placed(table: Table, lines: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> Table:
    """The table with its header's line, and the lines down to it by what they are."""
    if table.layout.at < 0:
        return table
    above = lines_above(table.layout, lines, rows)
    return replace(
        table,
        header_line=above.header_line,
        skipped=above.notes,
        above=above.rejects,
        lines_above=tuple(above.parts.items()),
    )


def _open_json(
    delivery: Delivery,
    inspection: Inspection,
    is_known: Callable[[str], bool],
    reading: Reading,
    asked: tuple[Question, ...],
) -> Table:
    def pieces(text: TextIOBase) -> Iterator[str]:
        return text_lines(text, inspection.encoding, JSON_PIECE, is_json=True)

    def names_columns(names: list[str]) -> bool:
        return locate([(0, names)], is_known) is not None

    is_lines = delivery.origin is not None
    with opened_text(delivery, inspection) as text:
        lists = [] if is_lines else json_reader.lists(pieces(text), delivery.name)
    keys = None
    is_told = reading.sheet or any(names_columns(list(each.names)) for each in lists)
    if not (lists and is_told):
        with opened_text(delivery, inspection) as text:
            keys = json_reader.names(pieces(text), delivery.name, is_lines)
        # lists in the cells of a table are none of their own
        lists = [] if names_columns(keys.header()) else lists
    choice = choose_list(delivery, lists, is_known, reading.sheet) if lists else None
    if choice:
        keys = next(each.keys for each in lists if each.path == choice.sheet.name)
    header = keys.header() if keys else []
    delivery.limits.refuse_wide(delivery.name, len(header))
    if not is_lines and reading.mapping is None and not names_columns(header):
        path = choice.sheet.name if choice else None
        with opened_text(delivery, inspection) as text:
            json_reader.refuse_deeper_rows(pieces(text), delivery.name, names_columns, path)
    questions = (*asked, choice.question) if choice and choice.question else asked
    return Table(delivery, inspection, "json", header, questions=questions, sheet=choice, keys=keys)


def _open_grid(
    delivery: Delivery, inspection: Inspection, is_known: Callable[[str], bool], reading: Reading
) -> Table:
    """The table in a Parquet file or in a sheet of a workbook."""
    if inspection.kind == PARQUET:
        header = parquet_file.header(delivery)
        delivery.limits.refuse_wide(delivery.name, len(header))
        return Table(delivery, inspection, PARQUET, header)
    choice = choose_sheet(delivery, inspection, is_known, reading.sheet)
    delivery.limits.refuse_wide(delivery.name, choice.sheet.width)
    table = Table(delivery, inspection, inspection.kind, [], sheet=choice)
    with opened_text(delivery, inspection, choice.sheet) as text:
        lines = first_lines(text_lines(text, inspection.encoding))
    rows = read_sample(grids.DIALECT, lines)
    if not rows:
        return table
    layout = find_layout(
        rows, is_known, chosen_row(rows, reading, delivery.name), reading.header_rows
    )
    about_rows = layout.question or question_about_tables(rows, layout.first)
    asked = (choice.question, None if reading.header_line is not None else about_rows)
    table = replace(table, header=layout.names, layout=layout, questions=tuple(filter(None, asked)))
    placed = _placed(table, lines, rows)
    return replace(
        placed,
        header=[grids.as_delivered(name) for name in placed.header],
        above=tuple(replace(each, text=grids.as_delivered(each.text)) for each in placed.above),
    )
