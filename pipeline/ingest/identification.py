"""Which table a delivery holds, which source that is, and whether it was loaded before."""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.declared.sources import SourceContract
from pipeline.errors import InputRefused, printable
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.header import compact, known_names
from pipeline.ingest.inspection import Inspection, inspect
from pipeline.ingest.questions import ReadingUnclear
from pipeline.ingest.reader import Table, open_table
from pipeline.ingest.reading import AS_INFERRED, Reading
from pipeline.ingest.recognition import Recognised, recognise, without_rows
from pipeline.store.warehouse import brought, loads


def identify(
    delivery: Delivery,
    contracts: Mapping[str, SourceContract],
    reading: Reading = AS_INFERRED,
    inspection: Inspection | None = None,
) -> tuple[Table, Recognised]:
    """The table in a delivery and the source it belongs to. Raises InputRefused.

    All bytes are read once, unless their `inspection` is at hand.
    """
    table = read_header(delivery, contracts, reading, inspection)
    found = source_of(table, contracts, reading)
    return under_names(table, found), found


def under_names(table: Table, found: Recognised) -> Table:
    """The table with what its source says of further names of its columns."""
    return replace(table, stand_ins=found.match.stand_ins) if found.match.stand_ins else table


def source_of(
    table: Table, contracts: Mapping[str, SourceContract], reading: Reading = AS_INFERRED
) -> Recognised:
    """The source a table belongs to. Raises InputRefused when it is none of them, and
    ReadingUnclear when somebody has to decide first how it is read.
    """
    name = table.delivery.name
    if not table.header and table.format != "json":
        raise InputRefused("is empty: no line has any content", name, "deliver the file again")
    found = _recognised(table, contracts, reading)
    if found.contract.schema_contract == "freeze" and found.match.unknown:
        raise InputRefused(
            f"has columns that {found.contract.entity} does not take: {', '.join(found.match.unknown.values())}",
            f"{name}, header",
            "remove them or extend the contract",
        )
    return found


def _recognised(
    table: Table, contracts: Mapping[str, SourceContract], reading: Reading
) -> Recognised:
    name = table.delivery.name
    if not table.header:
        return without_rows(name, contracts, reading.entity)
    try:
        found = recognise(
            name, table.header, contracts, reading.columns, reading.entity, table.keys
        )
    except InputRefused:
        about_shape = [each for each in table.questions if each.field != "encoding"]
        if about_shape:
            raise ReadingUnclear(about_shape[0], name) from None
        _refuse_lines_in_cells(table)
        raise
    if table.questions:
        raise ReadingUnclear(table.questions[0], name)
    return found


def _refuse_lines_in_cells(table: Table) -> None:
    """Raise InputRefused where the only name of the header is a line of names: a program that was
    told another delimiter took each line of a text for one cell.
    """
    names = [name for name in table.header if name.strip()]
    for sign in ",;\t|" if len(names) == 1 else "":
        parts = names[0].split(sign)
        if len(parts) > 1 and 2 * sum(compact(part) in table.known for part in parts) >= len(parts):
            raise InputRefused(
                f"holds whole lines in its first column, with {printable(sign)!r} between their cells",
                table.delivery.name,
                "choose that delimiter, or part that column"
                if table.dialect
                else "deliver the text that it was made from, or part that column",
            )


def read_header(
    delivery: Delivery,
    contracts: Mapping[str, SourceContract],
    reading: Reading = AS_INFERRED,
    inspection: Inspection | None = None,
) -> Table:
    """The table in a delivery, whichever source it is. Raises InputRefused when it is none."""
    names = known_names(contracts)
    table = open_table(
        delivery, inspection or inspect(delivery), lambda cell: compact(cell) in names, reading
    )
    return replace(table, known=names)


def loaded_before(
    connection: sqlite3.Connection, table: Table, found: Recognised
) -> dict[str, Any] | None:
    """The load in force that holds this table of these bytes, or None; also one that this delivery
    of a connector became before.
    """
    if table.delivery.brought_as is not None:
        load = brought.find(
            connection,
            table.delivery.brought_as,
            table.inspection.sha256,
            table.sheet_name,
            found.contract.entity,
        )
        if load is not None:
            return load
    return loads.find_loaded(
        connection,
        table.inspection.sha256,
        table.part,
        found.contract.entity,
        table.delivery.name,
        table.delivery.delivered_at,
    )
