"""What it would take out of the promoted rows to take loads back: their own rows, and those whose
parent goes with them, down to the last child.
"""

import json
from collections.abc import Collection, Mapping
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import SourceContract
from pipeline.quality.what_if import Free
from pipeline.store.sqlite.statements import has_relation, quoted, records

#: No rule that holds rows back fails.
PASSES = (
    "not exists (select 1 from json_each({row}._failed) as failed "
    "where failed.value ->> 'action' = 'quarantine')"
)


def lost(
    connection: Connection,
    contracts: Mapping[str, SourceContract],
    loads: Mapping[str, Collection[str]],
) -> tuple[Free, Free]:
    """Source -> promoted rows that would be promoted no longer without its `loads` (source -> load
    ids): those of the loads, and others that would wait for them. Nothing is written.

    Where another load holds a version of a row that passes, that one takes its place.
    """
    own: Free = {}
    others: Free = {}
    gone: Free = {}
    for source, contract in contracts.items():
        own[source] = [*_of_loads(connection, contract, loads.get(source, ()))]
        known = {row["_row_id"] for row in own[source]}
        orphans = _orphans(connection, contract, gone)
        others[source] = [row for row in orphans if row["_row_id"] not in known]
        gone[source] = [*own[source], *others[source]]
    return own, others


def waiting(connection: Connection, loads: Mapping[str, Collection[str]]) -> int:
    """Rows of these loads (source -> load ids) that wait, and would leave with them."""
    counts = [
        connection.execute(
            f"select count(*) from row_verdicts_{entity} where _status = 'quarantined' "
            "and _load_id in (select value from json_each(?))",
            (json.dumps(list(load_ids)),),
        ).fetchone()[0]
        for entity, load_ids in loads.items()
        if has_relation(connection, f"row_verdicts_{entity}")
    ]
    return sum(counts)


def _of_loads(
    connection: Connection, contract: SourceContract, load_ids: Collection[str]
) -> list[dict[str, Any]]:
    verdicts = f"row_verdicts_{contract.entity}"
    if not load_ids or not has_relation(connection, verdicts):
        return []
    return records(
        connection,
        f"select {_columns(contract)} from {verdicts} as mine "
        "where mine._load_id in (select value from json_each(?1)) and mine._status = 'promoted' and not exists ("
        f"select 1 from {verdicts} as other where other._key = mine._key "
        "and other._load_id not in (select value from json_each(?1)) "
        f"and other._status in ('superseded', 'duplicate') and {PASSES.format(row='other')})",
        (json.dumps(list(load_ids)),),
    )


def _orphans(connection: Connection, contract: SourceContract, gone: Free) -> list[dict[str, Any]]:
    """Promoted rows of one source whose parent is among the rows that go."""
    verdicts = f"row_verdicts_{contract.entity}"
    if not has_relation(connection, verdicts):
        return []
    rows: dict[str, dict[str, Any]] = {}
    for rule in contract.rules:
        if rule.action != "quarantine" or not rule.parent or not gone.get(rule.parent):
            continue
        keys = {row[rule.arguments["field"]] for row in gone[rule.parent]} - {None}
        for row in records(
            connection,
            f"select {_columns(contract)} from {verdicts} where _status = 'promoted' "
            f"and {quoted(rule.arguments['column'])} in (select value from json_each(?))",
            (json.dumps(sorted(keys)),),
        ):
            rows[row["_row_id"]] = row
    return list(rows.values())


def _columns(contract: SourceContract) -> str:
    return ", ".join(quoted(name) for name in ("_row_id", "_load_id", *contract.mapped))
