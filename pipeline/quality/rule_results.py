"""What each rule found in the rows in force: one result a declared rule, also when it found
nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.declared.sources import Rule, SourceContract
from pipeline.store.sqlite.statements import has_relation

BLOCKING = ("quarantine", "reject", "block")


@dataclass(frozen=True)
class RuleResult:
    """Failing rows of one rule; `status` is passed, failed (it holds rows back), warned (it flags)
    or not applicable.
    """

    rule_id: str
    rule_name: str
    entity: str
    action: str
    failing_rows: int
    rows_checked: int
    status: str


def collect(
    connection: Connection, contracts: Iterable[SourceContract], delivery_rules: Iterable[Rule]
) -> tuple[RuleResult, ...]:
    """Results of all rules of the sources and of the deliveries; empty before the first build."""
    if not has_relation(connection, "ledger"):
        return ()
    results = []
    for contract in contracts:
        if not has_relation(connection, f"dq_{contract.entity}"):
            continue
        failing = dict(
            connection.execute(
                f"select rule_name, count(distinct _row_id) from dq_{contract.entity} group by rule_name"
            )
        )
        (checked,) = connection.execute(
            f"select count(*) from row_verdicts_{contract.entity} where _status in ('promoted', 'quarantined')"
        ).fetchone()
        for rule in contract.rules:
            results.append(_result(rule, contract.entity, failing.get(rule.name, 0), checked))
    return tuple(results + _of_deliveries(connection, delivery_rules))


def _result(rule: Rule, entity: str, failing_rows: int, rows_checked: int) -> RuleResult:
    status, nothing = (
        ("failed" if rule.action in BLOCKING else "warned"),
        ("passed" if rows_checked else "not applicable"),
    )
    return RuleResult(
        rule.rule_id,
        rule.name,
        entity,
        rule.action,
        failing_rows,
        rows_checked,
        status if failing_rows else nothing,
    )


def _findings(connection: Connection) -> dict[tuple[str, str], int]:
    rows = connection.execute(
        "select rule_id, entity, sum(count) from ops_load_findings join ops_loads using (load_id) "
        "where status = 'loaded' group by rule_id, entity"
    )
    return {(rule_id, entity): count for rule_id, entity, count in rows}


def _of_deliveries(connection: Connection, rules: Iterable[Rule]) -> list[RuleResult]:
    received = dict(
        connection.execute(
            "select entity, sum(received) from ops_loads where status = 'loaded' group by entity"
        )
    )
    findings = _findings(connection)
    verdicts: dict[str, list[tuple[str, str]]] = {}
    if has_relation(connection, "table_checks"):
        for rule_id, entity, status in connection.execute(
            "select rule_id, entity, status from table_checks"
        ):
            verdicts.setdefault(rule_id, []).append((entity, status))
    results = []
    for rule in rules:
        rule_counts = [
            _result(rule, entity, count, received.get(entity, 0))
            for (rule_id, entity), count in findings.items()
            if rule_id == rule.rule_id
        ]
        rule_counts += [
            RuleResult(
                rule.rule_id, rule.name, entity, rule.action, int(status != "passed"), 1, status
            )
            for entity, status in verdicts.get(rule.rule_id, ())
        ]
        results += rule_counts or [_result(rule, rule.entity, 0, 0)]
    return results
