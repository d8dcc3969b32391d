"""The rows of a batch into the raw table of their source."""

import json
import sqlite3
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence

from pipeline.declared.sources import SourceContract
from pipeline.ingest.batches import Batch
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
    """Rows of nothing but columns of the contract go in as they stand, as many at once as stand on
    consecutive lines; those with other columns one by one.
    """
    raw = contract.raw_table
    names = {at: name for name, at in match.positions.items()}
    if match.extra or len(names) != len(header):
        one_by_one = arranged(batch, match, contract.delivered, header)
        raw_tables.insert(connection, raw, contract.delivered, one_by_one, load_seq)
        return
    columns = [names[at] for at in range(len(header))]
    for start, end in runs(batch.numbers):
        cells, first_line = batch.cells(start, end), batch.numbers[start]
        raw_tables.append(connection, raw, columns, cells, load_seq, first_line)


def runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, behind the last) place of each run of consecutive numbers; the numbers rise."""
    start = 0
    while start < len(numbers):
        end = len(numbers)
        if numbers[-1] - numbers[start] != end - 1 - start:
            offset = numbers[start] - start
            places = range(start, len(numbers))
            end = bisect(places, 0, key=lambda at: numbers[at] - at - offset) + start
        yield start, end
        start = end


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
