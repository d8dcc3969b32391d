"""Whether what was read of a file is the table that it is meant to be."""

from collections.abc import Mapping

from pipeline.errors import InputRefused
from pipeline.ingest.reader import Table
from pipeline.ingest.records import OTHER_ORDER
from pipeline.store.warehouse import loads


def refuse_unless_a_table(
    table: Table, counts: loads.LoadCounts, reasons: Mapping[str, int], reject_threshold: float
) -> None:
    """Refuse what is cut off, holds a second table in another order, or has mostly lines that are
    no row; and what the reader did not account for line by line.
    """
    name, noticed = table.delivery.name, table.noticed
    refuse_if_cut_off(table)
    if OTHER_ORDER in reasons:
        raise InputRefused(
            "holds a second table with its columns in another order",
            name,
            "deliver one table a file",
        )
    if counts.rejected > reject_threshold * counts.received:
        part = f"{counts.rejected} of {counts.received}"
        if table.format == "json":
            raise InputRefused(
                f"{part} elements are no row", name, "deliver a list of objects, one for each row"
            )
        raise InputRefused(
            f"{part} lines are no row of {len(table.header)} cells",
            name,
            "check its delimiter and quotes, or whether it was cut off",
        )
    if noticed.lines.total() != noticed.delivered:
        raise InputRefused(
            f"has {noticed.delivered} lines of which {noticed.lines.total()} are accounted for, "
            "which is a defect of the program",
            name,
            "please report it; nothing was loaded",
        )


def refuse_if_cut_off(table: Table) -> None:
    """Raise InputRefused when the rows that were read show that the file ends early."""
    if table.noticed.cut_off:
        what, line = table.noticed.cut_off
        raise InputRefused(
            f"is cut off: {what}",
            f"{table.delivery.name}, line {line}",
            "deliver the whole file again",
        )
