"""The gate holds a load by its quarantined share, and opens by itself."""

import json
import sqlite3

import pytest

from pipeline.orchestrate.gate import judge_gates
from pipeline.store.warehouse import judged_loads, loads


def failed(*rules: str) -> str:
    return json.dumps(
        [
            {
                "rule": rule,
                "name": rule,
                "column": None,
                "action": "flag" if rule.startswith("W") else "quarantine",
            }
            for rule in rules
        ]
    )


@pytest.fixture
def warehouse():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    loads.create(connection)
    connection.execute(
        "create table row_verdicts_patients (_row_id text, _load_id text, _status text, _failed text)"
    )
    return connection


def deliver(
    warehouse, passing: int, failing: int, rules=("PAT-01",), status: str = "quarantined"
) -> str:
    load_id = loads.open_load(
        warehouse,
        "patients",
        "patients.csv",
        f"sha {passing} {failing} {rules}",
        "d",
        "2026-01-01T00:00:00Z",
    )
    rows = [("promoted", "[]")] * passing + [(status, failed(*rules))] * failing
    warehouse.executemany(
        "insert into row_verdicts_patients values (?, ?, ?, ?)",
        [(f"{load_id}-{number}", load_id, *row) for number, row in enumerate(rows)],
    )
    return load_id


def judge(warehouse) -> list[str]:
    return judge_gates(warehouse, ("patients", "providers"), 0.25)


def test_a_load_above_the_threshold_is_held_and_one_at_it_is_not(warehouse):
    above, at = deliver(warehouse, 74, 26), deliver(warehouse, 75, 25)
    assert judge(warehouse) == [above]
    assert judged_loads.held_loads(warehouse) == [above]
    assert loads.get(warehouse, at)["gate"] == "open"


def test_only_rows_held_back_by_other_rules_count(warehouse):
    deliver(warehouse, 1, 9, ("FIL-10",))
    deliver(warehouse, 1, 8, ("W-01",), status="promoted")
    assert judge(warehouse) == []


def test_a_held_load_stays_held_by_its_own_failures_and_opens_without_them(warehouse):
    load_id = deliver(warehouse, 0, 4, ("PAT-01", "FIL-10"))
    assert judge(warehouse) == [load_id]
    assert judge(warehouse) == []
    warehouse.execute("update row_verdicts_patients set _failed = ?", (failed("FIL-10"),))
    assert judge(warehouse) == [load_id]
    assert judged_loads.held_loads(warehouse) == []


def test_a_load_that_passed_the_gate_is_not_held_afterwards(warehouse):
    load_id = deliver(warehouse, 1, 9)
    assert judge_gates(warehouse, ("patients",), 0.25, passed={load_id}) == []
    assert judged_loads.held_loads(warehouse) == []


def test_what_somebody_released_stays_released(warehouse):
    load_id = deliver(warehouse, 0, 4)
    loads.set_gate(warehouse, load_id, "released")
    assert judge(warehouse) == []


def test_a_load_that_was_undone_is_not_judged(warehouse):
    load_id = deliver(warehouse, 0, 4)
    loads.undo(warehouse, load_id)
    assert judge(warehouse) == []
