"""What was noticed about a file while it was loaded, under the ids of the file rules."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.ingest.encoding import MIXED
from pipeline.ingest.reader import Table
from pipeline.ingest.reading import AS_INFERRED, Reading
from pipeline.ingest.recognition import Recognised
from pipeline.ingest.results import Finding
from pipeline.store.warehouse.loads import LoadCounts

FLOAT_LIKE = re.compile(r"^(?:\d+\.0+|\d+(?:\.\d+)?[eE]\+\d+)$", re.MULTILINE)


class FloatWatch:
    """Counts identifiers that came as floating point numbers (`1699797928.0`, `1.7E+09`).

    `positions`: delivered column -> index of the cell. Whole columns are searched at once, which
    costs little.
    """

    def __init__(self, positions: Mapping[str, int]) -> None:
        self._positions = positions
        self.counts: Counter = Counter()

    def feed(self, rows: Sequence[Sequence[str | None]]) -> None:
        """Look at the rows of a batch."""
        for column, at in self._positions.items():
            text = "\n".join([row[at] or "" for row in rows])
            if ".0" in text or "E+" in text or "e+" in text:
                self.counts[column] += len(FLOAT_LIKE.findall(text))


def about_file(
    table: Table, found: Recognised, counts: LoadCounts, reading: Reading = AS_INFERRED
) -> Iterator[Finding]:
    """FIL-03 and FIL-04 for the header, FIL-05 for encoding and line ends."""
    match = found.match
    for name in match.extra.values():
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
    if table.skipped:
        yield Finding("FIL-05", None, table.skipped, "lines above the header skipped")
    for what, value in (
        ("encoding", reading.encoding),
        ("delimiter", reading.delimiter),
        ("header line", reading.header_line),
    ):
        if value is not None:
            yield Finding("FIL-05", None, 1, f"{what} {value!r} chosen by hand")
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
        yield Finding("FIL-05", None, 1, "zero bytes dropped")
    if table.inspection.is_gzip:
        yield Finding("FIL-05", None, 1, "gzipped")
    if table.dialect is None:
        return
    if table.line_ending not in ("LF", ""):
        yield Finding("FIL-05", None, 1, f"{table.line_ending} line ends")
    if not noticed.final_line_end:
        yield Finding("FIL-05", None, 1, "no final line end")
    if noticed.trimmed:
        yield Finding("FIL-05", None, noticed.trimmed, "lines end in blank cells beyond the header")
    if noticed.without_content:
        yield Finding(
            "FIL-05", None, noticed.without_content, "lines hold delimiters only, left out"
        )


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
