"""What was noticed about a file while it was loaded, under the ids of the file rules."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.errors import printable
from pipeline.ingest.batches import Batch
from pipeline.ingest.encoding import MIXED
from pipeline.ingest.evidence import Evidence
from pipeline.ingest.formats import PARQUET, TEXT
from pipeline.ingest.positions import stated
from pipeline.ingest.reader import Table
from pipeline.ingest.reading import AS_INFERRED, Reading
from pipeline.ingest.recognition import Recognised
from pipeline.ingest.results import Finding
from pipeline.store.warehouse.loads import LoadCounts
from pipeline.store.warehouse.value_words import in_columns

#: Formats whose name is no abbreviation.
FORMATS = {PARQUET: "Parquet"}
BY_HAND = "chosen by hand"
NOTHING_WEIGHED = Evidence()
NO_CONTENT = Evidence(why=("no line has any content",))
FLOAT_LIKE = re.compile(r"^(?:\d+\.0*|\d+(?:\.\d+)?[eE]\+?\d+)$", re.MULTILINE)


class FloatWatch:
    """Counts identifiers that came as floating point numbers (`1699797928.0`, `1.7E+09`).

    `positions`: delivered column -> index of the cell. Whole columns are searched at once, and only
    where a block holds what every such number holds.
    """

    def __init__(self, positions: Mapping[str, int]) -> None:
        self._positions = positions
        self.counts: Counter = Counter()

    def feed(self, batch: Batch) -> None:
        """Look at the rows of a batch."""
        if not batch.may_hold(".eE"):
            return
        for column, at in self._positions.items():
            text = "\n".join(batch.column(at))
            if "." in text or "E" in text or "e" in text:
                self.counts[column] += len(FLOAT_LIKE.findall(text))


def about_file(
    table: Table, found: Recognised, counts: LoadCounts, reading: Reading = AS_INFERRED
) -> Iterator[Finding]:
    """FIL-03 and FIL-04 for the header, FIL-05 for encoding and line ends."""
    match = found.match
    for at, name in match.unknown.items():
        if table.header[at].strip() or table.layout.columns[at:] and table.layout.columns[at]:
            yield Finding("FIL-03", name, counts.accepted, "extra column, kept aside in _extra")
    for delivered, column in match.renamed.items():
        yield Finding("FIL-04", column, 1, f"named {delivered!r} in the file")
    if match.reordered:
        yield Finding("FIL-04", None, 1, "columns in another order")
    if found.named_otherwise:
        yield Finding(
            "FIL-04",
            None,
            1,
            f"named like {found.named_otherwise}, its header is that of {match.entity}",
        )
    if not counts.received:
        yield Finding("FIL-05", None, 1, "a delivery of no rows")
    if table.skipped:
        yield Finding("FIL-05", None, table.skipped, "lines above the header skipped")
    for what, value in reading.shape.items():
        how = f"as for {reading.recalled_from}" if what in reading.recalled else BY_HAND
        told = in_columns(value) if what == "words" else f"{what.replace('_', ' ')} {value!r}"
        yield Finding("FIL-05", None, 1, f"{told} {how}")
    if table.sheet:
        kind = "list" if table.format == "json" else "sheet"
        for each in table.sheet.sheets:
            if each.width and each.name != table.sheet.sheet.name:
                hidden = "hidden " if each.is_hidden else ""
                name = printable(each.name)
                yield Finding("FIL-05", None, 1, f"{hidden}{kind} {name!r} not read")
        for count, remark in table.sheet.sheet.remarks():
            yield Finding("FIL-05", None, count, remark)
    for remark, count in table.noticed.remarks.items():
        yield Finding("FIL-05", None, count, remark)
    yield from _about_bytes(table)


def _about_bytes(table: Table) -> Iterator[Finding]:
    encoding, noticed = table.inspection.encoding, table.noticed
    if encoding.has_mark:
        yield Finding("FIL-05", None, 1, "byte order mark")
    if encoding.label == MIXED:
        yield Finding("FIL-05", None, 1, "UTF-8 with single Windows-1252 bytes")
    elif not encoding.label.startswith("utf-8"):
        yield Finding("FIL-05", None, 1, f"encoded in {encoding.label}")
    if encoding.has_nulls:
        yield Finding("FIL-05", None, 1, "zero bytes, escaped unless they fill a line")
    if table.inspection.is_gzip:
        yield Finding("FIL-05", None, 1, "gzipped")
    if noticed.escaped:
        yield Finding(
            "FIL-05",
            None,
            noticed.escaped,
            "cells or lines with characters that cannot be stored, escaped",
        )
    if table.format == "json":
        return
    if table.dialect is not None:
        yield from _about_lines(table)
    if noticed.trimmed:
        yield Finding("FIL-05", None, noticed.trimmed, "lines end in blank cells beyond the header")
    if noticed.unguarded:
        yield Finding("FIL-05", None, noticed.unguarded, "apostrophe before a cell taken off")
    if table.layout.at > table.layout.first:
        levels = table.layout.at - table.layout.first + 1
        yield Finding("FIL-04", None, levels, "header lines joined to one")
    if noticed.without_content:
        yield Finding(
            "FIL-05", None, noticed.without_content, "lines hold delimiters only, left out"
        )


def _about_lines(table: Table) -> Iterator[Finding]:
    """FIL-05 for what is told of lines of text with a delimiter."""
    if table.line_ending not in ("LF", ""):
        yield Finding("FIL-05", None, 1, f"{table.line_ending} line ends")
    if not table.noticed.final_line_end:
        yield Finding("FIL-05", None, 1, "no final line end")
    if table.dialect is None:
        return
    if table.dialect.formulas:
        yield Finding("FIL-05", None, 1, 'cells guarded as ="x", read without the guard')
    if table.dialect.smart_quotes:
        yield Finding("FIL-05", None, 1, "curly quotes read as quotes")
    if table.dialect.wrapped:
        yield Finding("FIL-05", None, 1, "whole lines in quotes, read without them")


def about_order(doubt: str, overtaken: Sequence[str]) -> Iterator[Finding]:
    """FIL-05 for what is uncertain about the order of files, and for a file that comes after a
    newer one.
    """
    if doubt:
        yield Finding("FIL-05", None, 1, f"in the order of the time of its file: {doubt}")
    if overtaken:
        yield Finding(
            "FIL-05",
            None,
            len(overtaken),
            f"its name is older than that of {', '.join(overtaken)}, which came before it",
        )


def explained(
    table: Table, reading: Reading = AS_INFERRED, recognised: Recognised | None = None
) -> list[dict]:
    """How the table is read: format, source, encoding of a text, delimiter and header line, each
    with why, how sure (0 to 1, None where nothing was weighed) and the next best.
    """
    encoding = table.inspection.encoding
    packed = ", gzipped" if table.inspection.is_gzip else ""
    sheet = table.sheet
    steps = [_step("format", f"{FORMATS.get(table.format, table.format.upper())}{packed}")]
    if recognised is not None:
        steps.append(_about_source(table, reading, recognised))
    if table.inspection.kind == TEXT:
        steps.append(
            _decided(reading, "encoding", encoding.label)
            or _step("encoding", encoding.label, encoding.evidence)
        )
    if sheet is not None:
        name = sheet.sheet.name
        steps.append(_decided(reading, "sheet", name) or _step("sheet", name, sheet.evidence))
    if table.dialect is not None and table.dialect.spans:
        columns = stated(table.dialect.spans)
        steps.append(
            _decided(reading, "positions", columns)
            or _step("positions", columns, table.dialect_evidence)
        )
    elif table.dialect is not None:
        steps.append(
            _decided(reading, "delimiter", table.dialect.delimiter)
            or _step("delimiter", table.dialect.delimiter, table.dialect_evidence)
        )
    if table.dialect is not None or table.inspection.sheets:
        line = str(table.header_line)
        steps.append(
            _decided(reading, "header_line", line)
            or _step("header_line", line, table.layout.evidence if table.header else NO_CONTENT)
        )
        if decided := _decided(reading, "header_rows", str(reading.header_rows)):
            steps.append(decided)
    if decided := _decided(reading, "date_order", str(reading.date_order)):
        steps.append(decided)
    if decided := _decided(reading, "words", in_columns(reading.words or ())):
        steps.append(decided)
    return steps


def _step(what: str, value: str, evidence: Evidence = NOTHING_WEIGHED) -> dict:
    return {
        "what": what,
        "value": value,
        "why": evidence.sentence,
        "confidence": evidence.confidence,
        "runner_up": evidence.runner_up and evidence.runner_up.value,
    }


def _decided(reading: Reading, what: str, value: str) -> dict | None:
    """That somebody decided a field of the reading, now or for an earlier file; None when it is
    inferred.
    """
    if getattr(reading, what) is None:
        return None
    by_memory = what in reading.recalled
    why = f"as decided for {reading.recalled_from}" if by_memory else BY_HAND
    return _step(what, value, Evidence(why=(why,)))


def _about_source(table: Table, reading: Reading, recognised: Recognised) -> dict:
    return _step(
        "entity",
        recognised.contract.entity,
        Evidence(why=(_why_source(table, reading, recognised),)),
    )


def _why_source(table: Table, reading: Reading, recognised: Recognised) -> str:
    if reading.is_remembered:
        return "columns mapped as in the last file with this header"
    if reading.entity is not None:
        return BY_HAND
    matched = len(recognised.match.positions)
    if not matched:
        return "its name says so"
    why = f"{matched} of its {_cells(len(table.header), 'column')} are known to it"
    other = recognised.named_otherwise
    return f"{why}, though its name says {other}" if other else why


def _cells(count: int, noun: str = "cell") -> str:
    return f"{count} {noun if count == 1 else noun + 's'}"


def about_rows(
    table: Table, reasons: Mapping[str, int], float_like: Mapping[str, int]
) -> Iterator[Finding]:
    """FIL-06 for lines that are no row or were read in spite of stray quotes, ROW-07 for ids
    written as floats.
    """
    for reason, count in reasons.items():
        yield Finding("FIL-06", None, count, reason)
    if table.noticed.repaired:
        yield Finding(
            "FIL-06",
            None,
            table.noticed.repaired,
            "undoubled quotes inside a quoted cell, read as text",
        )
    for column, count in float_like.items():
        if count:
            yield Finding("ROW-07", column, count, "identifier written as a floating point number")
