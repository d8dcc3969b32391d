"""How a file would be read, without loading it: the same inference, its first rows, and why it
would be refused.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import islice

from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.acceptance import refuse_if_cut_off
from pipeline.ingest.batches import Reject
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.findings import explained
from pipeline.ingest.header import shape
from pipeline.ingest.identification import loaded_before, read_header, source_of, under_names
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.questions import ReadingUnclear
from pipeline.ingest.reader import Table
from pipeline.ingest.reading import AS_INFERRED, Reading
from pipeline.ingest.recognition import Recognised
from pipeline.ingest.results import Preview

PREVIEW_ROWS = 50


def preview(
    delivery: Delivery,
    *,
    connection: sqlite3.Connection | None = None,
    contracts: Mapping[str, SourceContract] | None = None,
    reading: Reading = AS_INFERRED,
    inspection: Inspection | None = None,
) -> Preview:
    """The first rows of a file as they would be loaded; never raises for a bad file, `refused` says
    what is wrong.

    With a `connection` to the warehouse it also says which load already holds these bytes; with an
    `inspection` at hand only the first lines are read.
    """
    contracts = contracts or load_contracts()
    found, refused, question = None, None, None
    try:
        table = read_header(delivery, contracts, reading, inspection)
    except InputRefused as error:
        return _nothing(delivery.name, error.one_line)
    try:
        found = source_of(table, contracts, reading)
        table = under_names(table, found)
    except InputRefused as error:
        refused = error.one_line
        question = error.question if isinstance(error, ReadingUnclear) else None
    rows: list[list] = []
    numbers: list[int] = []
    rejects: list[Reject] = []
    try:
        rows, numbers, rejects = _first_rows(table)
        refuse_if_cut_off(table)
    except InputRefused as error:
        refused = refused or error.one_line
    if rejects and not rows:
        refused = (
            refused
            or f"{delivery.name}: holds no row of {len(table.header)} cells in its first lines "
            "(check its delimiter and quotes)"
        )
    known = loaded_before(connection, table, found) if connection and found else None
    columns, indexes = _columns(table, found)
    return Preview(
        file=delivery.name,
        entity=found.contract.entity if found else None,
        encoding=table.encoding,
        delimiter=table.dialect.delimiter if table.dialect else None,
        quotechar=table.dialect.quotechar if table.dialect else None,
        line_ending=table.line_ending,
        header=found.match.as_dict()
        if found
        else {"matched": [], "missing": [], "extra": list(table.header), "renamed": {}},
        header_cells=tuple(table.header),
        shape=shape(table.header),
        columns=columns,
        rows=tuple(tuple(row[at] for at in indexes) for row in rows),
        numbers=tuple(numbers),
        header_line=table.header_line,
        skipped=table.skipped,
        format=table.format,
        sha256=table.inspection.sha256,
        rejects=tuple((each.line, each.reason) for each in rejects),
        already_loaded=known["load_id"] if known else None,
        refused=refused,
        readings=tuple(explained(table, reading, found)),
        question=question,
        sheets=tuple(each.name for each in table.sheet.sheets if each.width) if table.sheet else (),
    )


def _first_rows(table: Table) -> tuple[list[list], list[int], list[Reject]]:
    rows: list[list] = []
    numbers: list[int] = []
    rejects: list[Reject] = []
    for batch in islice(table.batches(), 1):
        rows.extend(batch.rows[:PREVIEW_ROWS])
        numbers.extend(batch.numbers[:PREVIEW_ROWS])
        last = batch.numbers[min(len(batch.numbers), PREVIEW_ROWS) - 1] if batch.rows else None
        rejects.extend(each for each in batch.rejects if last is None or each.line <= last)
    return rows, numbers, rejects


def _columns(table: Table, found: Recognised | None) -> tuple[tuple[str, ...], list[int]]:
    """Names and indexes of the cells to show: contract columns first, then the extra ones."""
    if found is None:
        named = [name.strip() or f"column_{at}" for at, name in enumerate(table.header, start=1)]
        return unique(named), list(range(len(named)))
    chosen = {**found.match.positions, **{name: at for at, name in found.match.extra.items()}}
    return tuple(chosen), list(chosen.values())


def _nothing(name: str, refused: str) -> Preview:
    return Preview(
        name,
        None,
        None,
        None,
        None,
        None,
        {"matched": [], "missing": [], "extra": [], "renamed": {}},
        (),
        None,
        (),
        (),
        (),
        None,
        refused,
    )


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """The names, one that stands before already with its place."""
    first = {name: at for at, name in reversed(list(enumerate(names)))}
    return tuple(
        name if first[name] == at else f"{name} ({at + 1})" for at, name in enumerate(names)
    )
