"""What it would take out of the promoted rows to take a load back: its own rows, and those whose
parent goes with it, down to the last child.
"""

import json
from collections.abc import Mapping
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
    entity: str,
    load_id: str,
) -> Free:
    """Source -> promoted rows that would be promoted no longer; nothing is written.

    Where another load holds a version of a row that passes, that one takes its place.
    """
    gone: Free = {}
    for source, contract in contracts.items():
        own = [] if source != entity else _of_load(connection, contract, load_id)
        known = {row["_row_id"] for row in own}
        orphans = _orphans(connection, contract, gone)
        gone[source] = [*own, *(row for row in orphans if row["_row_id"] not in known)]
    return gone


def waiting(connection: Connection, entity: str, load_id: str) -> int:
    """Rows of a load that wait, and would leave with it."""
    if not has_relation(connection, f"row_verdicts_{entity}"):
        return 0
    (rows,) = connection.execute(
        f"select count(*) from row_verdicts_{entity} where _load_id = ? and _status = 'quarantined'",
        (load_id,),
    ).fetchone()
    return rows


def _of_load(
    connection: Connection, contract: SourceContract, load_id: str
) -> list[dict[str, Any]]:
    verdicts = f"row_verdicts_{contract.entity}"
    if not has_relation(connection, verdicts):
        return []
    return records(
        connection,
        f"select {_columns(contract)} from {verdicts} as mine "
        "where mine._load_id = ? and mine._status = 'promoted' and not exists ("
        f"select 1 from {verdicts} as other where other._key = mine._key and other._load_id <> mine._load_id "
        f"and other._status in ('superseded', 'duplicate') and {PASSES.format(row='other')})",
        (load_id,),
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
    return ", ".join(quoted(name) for name in ("_row_id", *contract.mapped))
