"""Rows that wait for a key of another source that no row describes, not even one that waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.declared.sources import Rule, SourceContract
from pipeline.store.sqlite.statements import quoted, relation_names


@dataclass(frozen=True)
class MissingParents:
    """`rows` of `entity` wait for `keys` different keys of `parent`."""

    entity: str
    parent: str
    rows: int
    keys: int


def missing_parents(
    connection: Connection, contracts: Iterable[SourceContract]
) -> tuple[MissingParents, ...]:
    """What waits for what, in the order of the contracts; nothing before the first judging."""
    judged = relation_names(connection)
    counted = (
        _count(connection, contract, rule, f"row_verdicts_{rule.parent}" in judged)
        for contract in contracts
        if f"row_verdicts_{contract.entity}" in judged
        for rule in contract.rules
        if rule.parent and rule.action == "quarantine"
    )
    return tuple(each for each in counted if each.rows)


def _count(
    connection: Connection, contract: SourceContract, rule: Rule, parent_is_judged: bool
) -> MissingParents:
    assert rule.parent and rule.column
    column = quoted(rule.column)
    described = (
        f"and {column} not in (select {quoted(rule.arguments['field'])} "
        f"from row_verdicts_{rule.parent} where _status = 'quarantined' "
        f"and {quoted(rule.arguments['field'])} is not null)"
        if parent_is_judged
        else ""
    )
    ((rows, keys),) = connection.execute(
        f"select count(*), count(distinct {column}) from row_verdicts_{contract.entity} "
        f"where _status = 'quarantined' and {column} is not null {described} and exists ("
        "select 1 from json_each(_failed) where json_extract(value, '$.name') = ?)",
        (rule.name,),
    )
    return MissingParents(contract.entity, rule.parent, rows, keys)
