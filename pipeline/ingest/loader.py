"""One file into its raw table: inspect, recognise, keep the bytes, then every row in one
transaction.

The caller holds the pipeline lock.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter

from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.acceptance import refuse_beyond_limits, refuse_full_disk, refuse_unless_a_table
from pipeline.ingest.date_order import about_dates, in_force
from pipeline.ingest.delivery import Delivery, Progress, keep
from pipeline.ingest.findings import (
    BY_HAND,
    FloatWatch,
    about_file,
    about_order,
    about_rows,
    explained,
)
from pipeline.ingest.identification import identify, loaded_before
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.name_order import is_older
from pipeline.ingest.questions import ReadingUnclear
from pipeline.ingest.raw_rows import insert_rows
from pipeline.ingest.reader import Table
from pipeline.ingest.reading import Reading
from pipeline.ingest.recognition import Recognised
from pipeline.ingest.results import LoadResult
from pipeline.ingest.value_words import about_words
from pipeline.ingest.value_words import in_force as value_words_in_force
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import transaction
from pipeline.store.warehouse import date_orders, load_evidence, loads, raw_tables, value_words
from pipeline.store.warehouse.value_words import Words

DEFAULT_REJECT_THRESHOLD = 0.5
#: Cleanings that restore what a program took for a number.
CODES_OF_DIGITS = ("identifier", "code")
Within = Callable[[sqlite3.Connection, str], None]


def load(
    connection: sqlite3.Connection,
    delivered_dir: Path,
    delivery: Delivery,
    *,
    contracts: Mapping[str, SourceContract] | None = None,
    mapping: Mapping[str, str | None] | None = None,
    entity: str | None = None,
    reading: Reading | None = None,
    reject_threshold: float = DEFAULT_REJECT_THRESHOLD,
    progress: Progress | None = None,
    inspection: Inspection | None = None,
    by: str = "",
    within: Within | None = None,
) -> LoadResult:
    """Load one delivered file; a refused file comes back as a result with its reason, and nothing
    was changed.

    `mapping` (name in the file -> delivered column, None to leave aside) and `entity` override what
    is inferred, or a whole `reading` does; `progress` hears (bytes done, bytes total); above
    `reject_threshold` (share of lines, 0 to 1) the file is refused. With an `inspection` at hand
    the bytes are read once less. `by` is who asked. `within` is called with the id of the load,
    inside its transaction.
    """
    started = perf_counter()
    try:
        result = _load(
            connection,
            delivered_dir,
            delivery,
            contracts or load_contracts(),
            reading or by_hand(mapping, entity),
            reject_threshold,
            progress,
            inspection,
            by,
            within,
        )
    except InputRefused as error:
        result = LoadResult(
            delivery.name,
            None,
            None,
            "refused",
            reason=error.one_line,
            asks=asdict(error.question) if isinstance(error, ReadingUnclear) else None,
        )
    return replace(result, seconds=round(perf_counter() - started, 3))


def by_hand(mapping: Mapping[str, str | None] | None = None, entity: str | None = None) -> Reading:
    """A reading that decides columns and source only."""
    return Reading(entity=entity, mapping=tuple(mapping.items()) if mapping else None)


def _load(
    connection,
    delivered_dir,
    delivery,
    contracts,
    reading,
    reject_threshold,
    progress,
    inspection,
    by,
    within,
) -> LoadResult:
    table, found = identify(delivery, contracts, reading, inspection)
    sha256, entity = table.inspection.sha256, found.contract.entity
    known = loaded_before(connection, table, found)
    if known:
        return LoadResult(
            delivery.name,
            entity,
            known["load_id"],
            "already_loaded",
            known["received"],
            known["rejected"],
            known["encoding"],
            known["delimiter"],
            known["quotechar"],
            known["line_ending"],
            json.loads(known["header"]),
            reason=f"these bytes were loaded as {known['load_id']} ({known['source_file']})",
            readings=tuple(load_evidence.reading(connection, known["load_id"])),
            lines=load_evidence.lines(connection, known["load_id"]),
        )
    refuse_full_disk(delivery, table.inspection, delivered_dir)
    kept, is_new = keep(delivery, sha256, delivered_dir)
    table = replace(table, delivery=replace(delivery, source=kept))
    try:
        with transaction(connection):
            result = _insert(
                connection, delivery, table, found, reading, reject_threshold, progress, by
            )
            if within is not None:
                within(connection, result.load_id)
            return result
    except BaseException:
        if is_new:
            kept.unlink()
        raise


def _insert(
    connection,
    delivery,
    table: Table,
    found: Recognised,
    reading: Reading,
    reject_threshold,
    progress,
    by: str,
) -> LoadResult:
    contract, source_file, loaded_at = found.contract, delivery.name, utc_now()
    overtaken = [
        each["load_id"]
        for each in loads.in_force(connection, contract.entity)
        if is_older(source_file, each["source_file"])
    ]
    load_id = loads.open_load(
        connection,
        contract.entity,
        source_file,
        table.inspection.sha256,
        delivery.delivered_at,
        loaded_at,
        table.part,
        delivery.brought_as,
    )
    floats = FloatWatch(
        {
            column: found.match.positions[column]
            for column in contract.delivered
            if column in found.match.positions and _is_of_digits(contract, column)
        }
    )
    load_seq = loads.get(connection, load_id)["load_seq"]
    accepted = 0
    reasons: Counter[str] = Counter()
    last_before = raw_tables.last_row(connection, contract.raw_table)
    for batch in table.batches(progress):
        floats.feed(batch)
        insert_rows(connection, contract, batch, found.match, table.header, load_seq)
        accepted += len(batch.rows)
        refuse_beyond_limits(batch, accepted, table)
        if batch.rejects:
            raw_tables.insert_rejects(
                connection,
                ((each.line, each.text, each.reason) for each in batch.rejects),
                contract.entity,
                load_id,
                source_file,
                loaded_at,
            )
            for each in batch.rejects:
                reasons[each.reason] += 1
    counts = loads.LoadCounts(accepted, sum(reasons.values()))
    refuse_unless_a_table(table, counts, reasons, reject_threshold)
    last_row = raw_tables.last_row(connection, contract.raw_table)
    shape = {
        "encoding": table.encoding,
        "delimiter": table.dialect.delimiter if table.dialect else None,
        "quotechar": table.dialect.quotechar if table.dialect else None,
        "line_ending": table.line_ending,
    }
    header = found.match.as_dict()
    loads.close_load(connection, load_id, counts, shape, header, (last_before + 1, last_row))
    evidence = [
        date_orders.evidence(connection, contract.raw_table, column, load_id)
        for column in contract.dated
    ]
    order = in_force(reading, evidence)
    if order is not None:
        why = reading.recalled_from and f"as for {reading.recalled_from}"
        date_orders.state(connection, load_id, order, why or BY_HAND, by)
    words = value_words_in_force(reading, contract)
    if words:
        why = reading.recalled_from and f"as for {reading.recalled_from}"
        value_words.state(connection, load_id, words, why or BY_HAND, by)
    findings = (
        *about_file(table, found, counts, reading),
        *about_order(delivery.note, overtaken),
        *about_rows(table, reasons, floats.counts),
        *about_dates(contract, reading, evidence, order),
        *about_words(_cells_with_words(connection, contract, load_id, words), reading),
    )
    load_evidence.add_lines(connection, load_id, table.noticed.delivered, table.noticed.lines)
    readings = tuple(explained(table, reading, found))
    load_evidence.add_reading(connection, load_id, readings)
    load_evidence.add_findings(
        connection,
        load_id,
        ((each.rule_id, each.column_name, each.count, each.detail) for each in findings),
    )
    return LoadResult(
        source_file,
        contract.entity,
        load_id,
        "loaded",
        counts.received,
        counts.rejected,
        header=header,
        findings=findings,
        readings=readings,
        lines={"delivered": table.noticed.delivered, **table.noticed.lines},
        encoding=shape["encoding"],
        delimiter=shape["delimiter"],
        quotechar=shape["quotechar"],
        line_ending=shape["line_ending"],
    )


def _cells_with_words(
    connection: sqlite3.Connection, contract: SourceContract, load_id: str, words: Words
) -> dict[str, int]:
    """Delivered column -> its cells that hold a stated word."""
    counts = {}
    for name in sorted({column for column, _, _ in words}):
        if delivered := contract.column(name).delivered:
            of_column = [word for column, word, _ in words if column == name]
            counts[delivered] = value_words.count(
                connection, contract.raw_table, delivered, load_id, of_column
            )
    return counts


def _is_of_digits(contract: SourceContract, delivered: str) -> bool:
    column = next(each for each in contract.columns if each.delivered == delivered)
    return column.cleaning in CODES_OF_DIGITS and not column.is_list
