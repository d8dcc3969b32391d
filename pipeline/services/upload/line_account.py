"""Where each physical line of a file (element of JSON) belongs: before it is loaded, and with its
load.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused, of_the_machine
from pipeline.ingest.acceptance import refuse_unless_a_table
from pipeline.ingest.findings import explained
from pipeline.ingest.identification import read_header
from pipeline.privacy.masking import sheet_words
from pipeline.services.access.roles import OPERATE, needs
from pipeline.services.upload import tray
from pipeline.services.upload.tray import Look, Waiting, inspected
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import load_evidence, loads

#: Parts of a file, from its top.
PARTS = ("preamble", "header", "rows", "rejects", "blank")
#: Rows of a file that are read to count its lines while the page waits.
ROWS_COUNTED = 20_000


@dataclass(frozen=True)
class LineAccount:
    """`parts` of a file with their lines (elements of JSON), those it has, from its top; `total`:
    all lines of what was read, counted apart; `is_whole`: whether that is the whole file;
    `refused`: why its lines would have it refused, if so.
    """

    parts: tuple[tuple[str, int], ...]
    total: int
    is_whole: bool
    unit: str = "line"
    refused: str | None = None

    @property
    def accounted(self) -> int:
        """Lines that have a place."""
        return sum(lines for _, lines in self.parts)

    @property
    def is_balanced(self) -> bool:
        """Whether every line has a place; a reader that stopped early may have read ahead."""
        return self.accounted == self.total if self.is_whole else self.accounted <= self.total


def account(
    lines: Mapping[str, int], total: int, is_whole: bool = True, unit: str = "line"
) -> LineAccount:
    """The account of lines counted by their part."""
    known = [part for part in PARTS if lines.get(part)]
    others = sorted(part for part in lines if part not in PARTS and lines[part])
    return LineAccount(
        tuple((part, lines[part]) for part in [*known, *others]), total, is_whole, unit
    )


@needs(OPERATE)
def looked_through(settings: Settings, file: Waiting) -> tuple[Look, LineAccount | None]:
    """How a file of the tray is read, refused where its load would be, and the account of its
    lines; of a large file that of its first rows, None when nobody can tell its lines.
    """
    look = tray.look(settings, file)
    try:
        lines = _read(settings, file)
    except InputRefused:
        return look, None
    except Exception as error:
        # `look` says that the reader stumbles
        if of_the_machine(error):
            raise
        return look, None
    if lines.refused and look.is_ready:
        look = replace(look, refused=lines.refused)
    return look, lines


def _read(settings: Settings, file: Waiting) -> LineAccount:
    table = read_header(file.delivery, load_contracts(), file.reading, inspected(file))
    unit = unit_of(explained(table))
    rows, reasons = 0, Counter[str]()
    for batch in table.batches():
        if rows >= ROWS_COUNTED:
            return account(table.noticed.lines, table.noticed.delivered, False, unit)
        rows += len(batch.rows)
        reasons.update(reject.reason for reject in batch.rejects)
    counts = loads.LoadCounts(rows, reasons.total())
    lines = account(table.noticed.lines, table.noticed.delivered, True, unit)
    try:
        refuse_unless_a_table(table, counts, reasons, settings.reject_threshold)
    except InputRefused as error:
        return replace(lines, refused=error.one_line)
    return lines


def unit_of(readings: Sequence[Mapping[str, Any]]) -> str:
    """What is counted of a file that is read so (`readings` as in `Preview`): lines of text,
    elements of JSON, rows of a workbook or Parquet file.
    """
    read_as = {step["what"]: step["value"] for step in readings}
    if read_as.get("format", "").startswith("JSON"):
        return "element"
    return "line" if {"delimiter", "positions"} & read_as.keys() else "row"


def of_load(settings: Settings, load_id: str) -> tuple[LineAccount | None, list[dict]]:
    """The account of a load, and how its file was read (as `Preview.readings`, names of sheets as
    a screen may show them); None and nothing for a load of an earlier version, which kept neither.
    """
    with open_warehouse(settings) as connection:
        lines, readings = (
            load_evidence.lines(connection, load_id),
            load_evidence.reading(connection, load_id),
        )
    for step in readings:
        if step["what"] == "sheet":
            step["value"] = sheet_words(step["value"])
            step["runner_up"] = step["runner_up"] and sheet_words(step["runner_up"])
    if not lines:
        return None, readings
    total = lines.pop("delivered")
    return account(lines, total, unit=unit_of(readings)), readings
