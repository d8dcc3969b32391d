"""Whether what was read of a file is the table that it is meant to be."""

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import InputRefused
from pipeline.ingest.batches import Batch, PlainRows
from pipeline.ingest.damage import AGAIN
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.footers import FOOTER
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.limits import MB
from pipeline.ingest.lines_above import ABOVE
from pipeline.ingest.reader import Table
from pipeline.ingest.side_lines import OTHER_COLUMNS, OTHER_ORDER, OTHER_TABLE
from pipeline.store.warehouse import loads

HEADER_HAS, OF_ANOTHER_WIDTH = "the header has", "more or fewer cells than the header has"
CHECK = "check its delimiter and quotes, or whether it was cut off"
#: What to do about a file with mostly lines of one kind that are no row.
HINTS = {
    ABOVE: "put the line of names first",
    OTHER_TABLE: "deliver one table a file",
}
#: Bytes on the disk for each byte of a file's text while it is loaded: its rows in the warehouse,
#: and once more in the log of the transaction.
LOADED_TIMES = 3
#: Bytes of a character at most.
MOST_BYTES = 4


def refuse_unless_a_table(
    table: Table, counts: loads.LoadCounts, reasons: Mapping[str, int], reject_threshold: float
) -> None:
    """Refuse what is cut off, holds a second table in another order, or has mostly lines that are
    no row; and what the reader did not account for line by line.
    """
    name, noticed = table.delivery.name, table.noticed
    refuse_if_cut_off(table)
    for begins in (OTHER_ORDER, OTHER_COLUMNS):
        if begins in reasons:
            raise InputRefused(begins.replace("begins", "holds"), name, "deliver one table a file")
    footers = reasons.get(FOOTER, 0)
    if counts.rejected - footers > reject_threshold * (counts.received - footers):
        raise _mostly_no_rows(table, counts, reasons)
    if noticed.lines.total() != noticed.delivered:
        raise InputRefused(
            f"has {noticed.delivered} lines of which {noticed.lines.total()} are accounted for, "
            "which is a defect of the program",
            name,
            "please report it; nothing was loaded",
        )


def _mostly_no_rows(
    table: Table, counts: loads.LoadCounts, reasons: Mapping[str, int]
) -> InputRefused:
    """The refusal of a file of which most lines are no row, with what most of these are."""
    is_json = table.format == "json"
    kinds: Counter[str] = Counter()
    for reason, count in reasons.items():
        kinds[OF_ANOTHER_WIDTH if HEADER_HAS in reason else reason] += count
    commonest, lines = kinds.most_common(1)[0]
    hint = "deliver a list of objects, one for each row" if is_json else HINTS.get(commonest, CHECK)
    return InputRefused(
        f"has {counts.received:,} {'elements' if is_json else 'lines with content'}, of which "
        f"{counts.rejected:,} are no row; {lines:,} of them: {commonest}",
        table.delivery.name,
        hint,
    )


def refuse_full_disk(delivery: Delivery, inspection: Inspection, delivered_dir: Path) -> None:
    """Refuse a file for which the disk has no room, before anything of it is written."""
    place = delivered_dir if delivered_dir.exists() else delivered_dir.parent
    needed = delivery.size + LOADED_TIMES * inspection.unpacked_bytes
    free = shutil.disk_usage(place).free
    if needed + delivery.limits.free_bytes > free:
        raise InputRefused(
            f"needs about {needed // MB + 1:,} MB on the disk, where {free // MB:,} MB are free and "
            f"{delivery.limits.free_bytes // MB:,} MB have to stay free",
            delivery.name,
            "free some space, or change the setting min_free_mb",
        )


def refuse_beyond_limits(batch: Batch, rows: int, table: Table) -> None:
    """Refuse a file with more rows, or a larger cell, than one may have; `rows` were read so
    far.
    """
    name, limits = table.delivery.name, table.delivery.limits
    if rows > limits.rows:
        raise InputRefused(
            f"has more than {limits.rows:,} rows",
            name,
            "deliver it in parts; the setting max_rows allows more",
        )
    is_plain = isinstance(batch.rows, PlainRows)
    if is_plain and table.noticed.longest_block * MOST_BYTES <= limits.cell_bytes:
        return
    for number, row in zip(batch.numbers, batch.rows, strict=True):
        for cell in row:
            if cell and len(cell) * MOST_BYTES > limits.cell_bytes < len(cell.encode()):
                raise InputRefused(
                    f"has a cell of more than {limits.cell_bytes // MB:,} MB",
                    f"{name}, line {number}",
                    "deliver it without that cell; the setting max_cell_mb allows more",
                )


def refuse_if_cut_off(table: Table) -> None:
    """Raise InputRefused when the rows that were read show that the file ends early."""
    if table.noticed.cut_off:
        what, line = table.noticed.cut_off
        raise InputRefused(
            f"is cut off: {what}",
            f"{table.delivery.name}, line {line}",
            AGAIN,
        )
