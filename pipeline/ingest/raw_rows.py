"""The rows of a batch into the raw table of their source."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from pipeline.declared.sources import SourceContract
from pipeline.ingest.batches import Batch, PlainRows
from pipeline.ingest.header import HeaderMatch
from pipeline.store.warehouse import raw_tables


def insert_rows(
    connection: sqlite3.Connection,
    contract: SourceContract,
    batch: Batch,
    match: HeaderMatch,
    header: Sequence[str],
    load_seq: int,
) -> None:
    """Rows of consecutive lines, of nothing but columns of the contract, go in as they stand; the
    others one by one.
    """
    raw = contract.raw_table
    names = {at: name for name, at in match.positions.items()}
    if match.extra or len(names) != len(header) or not isinstance(batch.numbers, range):
        rows = arranged(batch, match, contract.delivered, header)
        raw_tables.insert(connection, raw, contract.delivered, rows, load_seq)
        return
    cells = batch.rows.cells if isinstance(batch.rows, PlainRows) else [*chain(*batch.rows)]
    columns = [names[at] for at in range(len(header))]
    raw_tables.append(connection, raw, columns, cells, load_seq, batch.numbers.start)


def arranged(
    batch: Batch, match: HeaderMatch, columns: Sequence[str], header: Sequence[str]
) -> Iterator[Sequence]:
    """Rows in the order of the contract: cells, the extra columns as JSON text (or None), the
    physical line.
    """
    order = [match.positions.get(column) for column in columns]
    numbered = zip(batch.rows, batch.numbers, strict=True)
    if not match.extra and order == list(range(len(header))):
        return ([*row, None, number] for row, number in numbered)
    return (_arranged_row(row, order, match.extra, header, number) for row, number in numbered)


def _arranged_row(
    row: Sequence,
    order: Sequence[int | None],
    extra: Mapping[int, str],
    header: Sequence[str],
    number: int,
) -> list:
    aside = {
        name: row[at]
        for at, name in extra.items()
        if row[at] or (row[at] is not None and header[at].strip())
    }
    cells = [None if at is None else row[at] for at in order]
    return [*cells, json.dumps(aside, ensure_ascii=False) if aside else None, number]
