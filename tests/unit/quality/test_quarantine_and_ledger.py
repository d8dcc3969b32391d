"""What waits, what it holds back, where every row went."""

import sqlite3
from types import SimpleNamespace

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.quality.held_back import HoldsBack
from pipeline.quality.ledger import LedgerRow, ledger_by_entity
from pipeline.quality.quarantine import open_rows
from pipeline.quality.rule_results import collect
from pipeline.store.warehouse import loads

LINEAGE = (
    "_row_id text, _load_id text default 'L00001', _source_file text default 'f.csv', "
    "_source_row_number integer default 2, rules text"
)


@pytest.fixture
def warehouse():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for entity, columns in {
        "providers": "npi",
        "patients": "patient_id",
        "adverse_events": "encounter_id",
        "encounters": "encounter_id, npi, patient_id, paid_amount_usd",
    }.items():
        connection.execute(f"create table quarantine_{entity} ({LINEAGE}, {columns})")
    connection.execute(
        "insert into quarantine_providers (_row_id, rules, npi) values ('L00001-7', '[\"PRV-01\"]', null)"
    )
    connection.executemany(
        "insert into quarantine_encounters (_row_id, rules, encounter_id, npi, patient_id, paid_amount_usd) values (?, ?, ?, ?, ?, ?)",
        [
            ("e1", '["ENC-06"]', "A", "N", "1", "100.5"),
            ("e2", '["ENC-06", "ENC-11"]', "B", "N", "2", "unknown"),
        ],
    )
    connection.execute(
        "insert into quarantine_adverse_events (_row_id, rules, encounter_id) values ('a1', '[\"ADV-03\"]', 'A')"
    )
    return connection


def rows(warehouse, **changes):
    return {
        row.row_id: row
        for row in open_rows(
            warehouse, load_contracts().values(), {}, **{"suggested_npis": {}} | changes
        )
    }


def test_a_blank_provider_holds_back_what_uses_its_suggested_npi(warehouse):
    held = rows(warehouse, suggested_npis={"L00001-7": "N"})["L00001-7"].holds_back
    assert held == HoldsBack(encounters=2, paid_amount_usd=100.5, adverse_events=1, other_rows=1)
    assert rows(warehouse)["L00001-7"].holds_back == HoldsBack(other_rows=1)


def test_an_encounter_holds_back_itself_and_its_adverse_events(warehouse):
    by_row = rows(warehouse)
    assert by_row["e1"].holds_back == HoldsBack(1, 100.5, 1)
    assert by_row["e2"].holds_back == HoldsBack(1, 0.0, 0)
    assert by_row["a1"].holds_back == HoldsBack(adverse_events=1)


def test_each_row_carries_every_rule_its_key_and_its_line(warehouse):
    row = rows(warehouse)["e2"]
    assert (row.rules, row.key, row.source_file, row.source_row_number) == (
        ("ENC-06", "ENC-11"),
        {"encounter_id": "B"},
        "f.csv",
        2,
    )
    assert set(rows(warehouse, rule_id="ENC-11")) == {"e2"}


def test_the_ledger_adds_up_loads_by_source_and_says_whether_it_balances(warehouse):
    warehouse.execute(
        "create table ledger (load_id, entity, received, promoted, quarantined, superseded, duplicates, rejected)"
    )
    warehouse.executemany(
        "insert into ledger values (?, 'patients', ?, ?, 1, 1, 1, 1)", [("L1", 10, 6), ("L2", 5, 1)]
    )
    (row,) = ledger_by_entity(warehouse, ("providers", "patients"))
    assert row == LedgerRow("patients", 15, 7, 2, 2, 2, 2) and row.balances
    assert not LedgerRow("patients", 2, 1, 0, 0, 0, 0).balances


def test_every_declared_rule_has_a_result_also_when_it_found_nothing():
    warehouse = sqlite3.connect(":memory:", isolation_level=None)
    loads.create(warehouse)
    for statement in (
        "create table ledger (load_id)",
        "create table dq_patients (_row_id, rule_name)",
        "create table row_verdicts_patients (_row_id, _status)",
        "insert into row_verdicts_patients values ('a', 'promoted')",
        "insert into dq_patients values ('a', 'one'), ('a', 'one'), ('b', 'one')",
    ):
        warehouse.execute(statement)
    rules = [
        SimpleNamespace(rule_id=name.upper(), name=name, entity="patients", action=action)
        for name, action in (("one", "quarantine"), ("two", "flag"))
    ]
    results = collect(warehouse, [SimpleNamespace(entity="patients", rules=rules)], [])
    assert [(result.rule_name, result.failing_rows, result.status) for result in results] == [
        ("one", 2, "failed"),
        ("two", 0, "passed"),
    ]
