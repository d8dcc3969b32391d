"""Judge files before they are loaded, by the statements of the last build, together: parents before
their children.

What is judged is what the next build would judge row by row; rules that look across sources after
promotion, and verdicts on whole tables, wait for the build. Rows that compete share a family, so a
source is judged in slices of families: memory grows with a slice, not with the file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import SourceContract
from pipeline.quality import arrivals, rule_sandbox
from pipeline.quality.differences import DifferenceTally, profile
from pipeline.quality.verdicts import VerdictTally
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import quoted
from pipeline.store.warehouse import loads, raw_tables, value_words
from pipeline.store.warehouse.value_words import Words

#: Delivered rows that are mapped at once, and mapped rows that are judged at once.
PORTION, SLICE = 50_000, 25_000
#: No row on the bench has a higher number.
LAST_ROW = 2**62
JUDGED_STAGE = "before_promotion"
#: A statement in which a row without a key is closed by any other row: such a source is judged in
#: one piece.
COMPARES_KEYLESS = re.compile(r"\bfrom marked as valid\b")

__all__ = [
    "DifferenceTally",
    "VerdictTally",
    "judge",
    "profile",
    "set_up",
    "take_rows",
    "waiting_rules",
]


def set_up(connection: Connection) -> None:
    """An empty bench with the loads of the warehouse on it."""
    rule_sandbox.clear(connection)
    rule_sandbox.put_like(connection, "ops_loads", "select * from main.ops_loads")
    loads.add_columns(connection, "temp")
    value_words.create_empty(connection, "temp")


def take_rows(
    connection: Connection,
    compiled_dir: Path,
    contract: SourceContract,
    name: str,
    batches: Iterable[Iterable[Sequence[Any]]],
    date_order: str | None = None,
    words: Words = (),
) -> str:
    """Put the rows of a file on the bench, mapped, as a load that is not one; returns its id.

    Rows are as `raw_tables.insert` wants them; `date_order` (MDY, DMY) and `words` are what was
    decided for it.
    """
    entity, raw = contract.entity, contract.raw_table
    if not rule_sandbox.is_on_bench(connection, raw):
        raw_tables.create_source(connection, raw, contract.delivered, "temp")
        rule_sandbox.lay_out(connection, compiled_dir, entity)
        connection.execute(
            f"create temp table {rule_sandbox.taken(entity)} as select * from temp.{quoted(f'stg_{entity}')}"
        )
    (number,) = connection.execute(
        "select coalesce(max(load_seq), 0) + 1 from temp.ops_loads"
    ).fetchone()
    load_id, now = f"P{number:05d}", utc_now()
    connection.execute(
        "insert into temp.ops_loads (load_seq, load_id, entity, source_file, sha256, status, gate, loaded_at, "
        "first_row, last_row, date_order) values (?, ?, ?, ?, '', 'loaded', 'open', ?, 1, ?, ?)",
        (number, load_id, entity, name, now, LAST_ROW, date_order),
    )
    value_words.put(connection, load_id, words, "", "", "temp")
    mapped = rule_sandbox.runnable(connection, compiled_dir, entity, "stg")
    before = connection.total_changes
    for rows in batches:
        raw_tables.insert(connection, raw, contract.delivered, rows, number)
        if connection.total_changes - before >= PORTION:
            _map(connection, raw, entity, mapped)
            before = connection.total_changes
    _map(connection, raw, entity, mapped)
    return load_id


def judge(
    connection: Connection,
    compiled_dir: Path,
    contract: SourceContract,
    contracts: Iterable[SourceContract],
    present: Iterable[SourceContract],
    unproven: Iterable[str],
    progress: Callable[[float], None],
) -> tuple[VerdictTally, DifferenceTally, set[str]]:
    """Judge the rows of one source that are on the bench; its children among the sources `present`
    then find its promoted rows beside those of the warehouse.

    Rules whose ids are `unproven` hold nothing back. Both tallies tell the loads apart; the ids are
    those of waiting rows that a row on the bench replaces. `progress` hears the share done.
    """
    entity = contract.entity
    connection.executemany(
        "insert into temp.ops_decisions (decision_id, kind, entity, rule_id) values ('', 'waive', ?, ?)",
        [(entity, rule_id) for rule_id in unproven],
    )
    verdicts, differences = VerdictTally(contract), DifferenceTally(connection, contract)
    replaced: set[str] = set()
    fields = arrivals.fields_asked_for(contracts, entity)
    for field in fields:
        connection.execute(f"create temp table {quoted(f'new_{entity}_{field}')} (value text)")
    for share, condition, bounds in _slices(connection, compiled_dir, entity):
        mapped = f"temp.{quoted(f'stg_{entity}')}"
        connection.execute(f"delete from {mapped}")
        connection.execute(
            f"insert into {mapped} select * from {rule_sandbox.taken(entity)} where {condition}",
            bounds,
        )
        rule_sandbox.scope(connection, compiled_dir, entity)
        if rule_sandbox.add_relatives(connection, entity):
            rule_sandbox.scope(connection, compiled_dir, entity)
        rule_sandbox.judge(connection, compiled_dir, entity)
        verdicts.add(connection)
        differences.add(connection)
        replaced |= arrivals.replaced(connection, entity)
        for field in fields:
            connection.execute(
                f"insert into temp.{quoted(f'new_{entity}_{field}')} select distinct {quoted(field)} "
                f"from temp.{quoted(f'int_{entity}_verdicts')} where _status = 'promoted'"
            )
        progress(share)
    for field in arrivals.fields_asked_for(present, entity):
        _stand_beside(connection, entity, field)
    return verdicts, differences, replaced


def waiting_rules(contract: SourceContract) -> tuple[str, ...]:
    """Ids of the rules of a source that only a build can judge."""
    return tuple(
        dict.fromkeys(rule.rule_id for rule in contract.rules if rule.stage != JUDGED_STAGE)
    )


def _map(connection: Connection, raw: str, entity: str, mapped: str) -> None:
    """Map what lies in the raw table, and empty it."""
    connection.execute(f"insert into {rule_sandbox.taken(entity)} {mapped}")
    connection.execute(f"delete from temp.{quoted(raw_tables.table_of(raw))}")


def _slices(
    connection: Connection, compiled_dir: Path, entity: str
) -> Iterator[tuple[float, str, tuple[Any, ...]]]:
    """(share done after it, condition, parameters) of each slice of the rows that were taken."""
    (rows,) = connection.execute(f"select count(*) from {rule_sandbox.taken(entity)}").fetchone()
    if rows <= SLICE or COMPARES_KEYLESS.search(
        rule_sandbox.statement(compiled_dir, entity, "verdicts")
    ):
        yield 1.0, "true", ()
        return
    connection.execute(
        f"create index temp.{quoted(f'ix_taken_{entity}')} on {quoted(f'taken_{entity}')} (_family)"
    )
    bounds = [
        bound
        for (bound,) in connection.execute(
            f"select _family from (select _family, row_number() over (order by _family) as place from {rule_sandbox.taken(entity)}) "
            "where place % ? = 0",
            (SLICE,),
        )
    ]
    bounds, last = list(dict.fromkeys(bounds)), ""
    for place, bound in enumerate(bounds, start=1):
        yield place / (len(bounds) + 1), "_family > ? and _family <= ?", (last, bound)
        last = bound
    yield 1.0, "_family > ?", (last,)


def _stand_beside(connection: Connection, entity: str, field: str) -> None:
    """From here on `promoted_<entity>` holds, for its children, the promoted keys of the warehouse
    and those on the bench.
    """
    new = f"new_{entity}_{field}"
    connection.execute(f"create index temp.{quoted(f'ix_{new}')} on {quoted(new)} (value)")
    connection.execute(
        f"create temp view {quoted(f'promoted_{entity}')} as "
        f"select {quoted(field)} from main.{quoted(f'promoted_{entity}')} "
        f"union all select value from temp.{quoted(new)}"
    )
