"""What a repair would set free: the repaired rows, and the rows that wait for nothing but them,
down to the last child.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import Rule, SourceContract
from pipeline.quality.told_events import ToldEvents
from pipeline.store.sqlite.statements import has_relation, quoted, records

#: What the landing zone calls a number.
PLAIN_NUMBER = re.compile(r"-?\d+(\.\d*)?", re.ASCII)


@dataclass(frozen=True)
class Released:
    """Rows that would be promoted, in all and by source; dollars are those of the encounters among
    them. `leaves_out`: events of some of the encounters would tell of few, and are not counted, be
    there any or none.
    """

    rows: int = 0
    encounters: int = 0
    paid_amount_usd: float = 0.0
    adverse_events: int = 0
    by_source: dict[str, int] = field(default_factory=dict, hash=False)
    leaves_out: bool = False


#: Source -> its rows (mapped values) that would be promoted.
Free = dict[str, list[Mapping[str, Any]]]


def set_free(
    connection: Connection,
    contracts: Mapping[str, SourceContract],
    entity: str,
    repaired: Mapping[str, Mapping[str, str | None]],
) -> Free:
    """What would be promoted if the rows `repaired` (row id -> its mapped values after the repair)
    passed all rules.

    `contracts` lists parents before their children, as `load_contracts` does. Waiting children that
    fail only for want of a promoted parent follow it. Nothing is written.
    """
    free: Free = {entity: list(repaired.values())}
    for child, contract in contracts.items():
        free.setdefault(child, []).extend(
            _followers(connection, contract, free, set(repaired) if child == entity else set())
        )
    return free


def followers(
    connection: Connection,
    contracts: Mapping[str, SourceContract],
    arrived: Mapping[str, list[Mapping[str, Any]]],
    leaving: set[str],
) -> Free:
    """Waiting rows that wait for nothing but rows that have `arrived` (source -> rows, of which
    only keys need be known), down to the last child; rows whose ids are `leaving` are left out.
    """
    reach: Free = {entity: list(rows) for entity, rows in arrived.items()}
    free: Free = {}
    for child, contract in contracts.items():
        free[child] = list(_followers(connection, contract, reach, leaving))
        reach.setdefault(child, []).extend(free[child])
    return free


def released(free: Free, told: ToldEvents) -> Released:
    """The rows in numbers, with the events that are told."""
    encounters = free.get("encounters", [])
    by_source = {entity: len(rows) for entity, rows in told.counted(free).items() if rows}
    return Released(
        sum(by_source.values()),
        len(encounters),
        round(sum(dollars(row["paid_amount_usd"]) for row in encounters), 2),
        by_source.get("adverse_events", 0),
        by_source,
        bool(told.untold(free)),
    )


def _followers(
    connection: Connection,
    contract: SourceContract,
    free: Mapping[str, list[Mapping[str, Any]]],
    entities: set[str],
) -> Iterable[dict[str, Any]]:
    """Waiting rows of one source of which every reason is a parent that is in `free` now."""
    parents = {
        rule.name: (rule.arguments["column"], _keys(rule, free))
        for rule in contract.rules
        if rule.action == "quarantine" and rule.parent in free
    }
    free_parents = {name: (column, keys) for name, (column, keys) in parents.items() if keys}
    if not free_parents or not has_relation(connection, f"row_verdicts_{contract.entity}"):
        return []
    either = " or ".join(
        f"{quoted(column)} in (select value from json_each(?))"
        for column, _ in free_parents.values()
    )
    columns = ", ".join(quoted(name) for name in ("_row_id", "_failed", *contract.mapped))
    rows = records(
        connection,
        f"select {columns} from row_verdicts_{contract.entity} where _status = 'quarantined' and ({either})",
        [json.dumps(sorted(keys)) for _, keys in free_parents.values()],
    )
    return [row for row in rows if row["_row_id"] not in entities and _is_free(row, free_parents)]


def _is_free(row: Mapping[str, Any], free_parents: Mapping[str, tuple[str, set[str]]]) -> bool:
    reasons = [
        failure["name"]
        for failure in json.loads(row["_failed"])
        if failure["action"] == "quarantine"
    ]
    return all(
        name in free_parents and row[free_parents[name][0]] in free_parents[name][1]
        for name in reasons
    )


def _keys(rule: Rule, free: Mapping[str, list[Mapping[str, Any]]]) -> set[str]:
    rows = free[rule.parent] if rule.parent else []
    field = rule.arguments["field"]
    return {row[field] for row in rows if row.get(field) is not None}


def dollars(amount: str | None) -> float:
    """A mapped amount is text; one that is no plain number, or too large to be dollars, counts as
    nothing.
    """
    if amount is None or not PLAIN_NUMBER.fullmatch(amount):
        return 0.0
    value = float(amount)
    return value if abs(value) <= 1e9 else 0.0
