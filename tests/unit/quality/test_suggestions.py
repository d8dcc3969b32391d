"""A repair is suggested only when the data leaves no second answer."""

import sqlite3

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.quality.npi import completed
from pipeline.quality.suggestions import suggestions

KNOWN, UNKNOWN, OTHER = completed("211111111"), completed("222222222"), completed("233333333")


@pytest.fixture
def warehouse():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    lineage = "_row_id text, _status text, _load_id text default 'L00001', _source_row_number integer default 2"
    for entity, columns in {
        "providers": "npi, provider_name, zip",
        "encounters": "npi",
        "employer_networks": "npi",
        "referrals": "zip",
    }.items():
        connection.execute(f"create table row_verdicts_{entity} ({lineage}, {columns})")
    for entity in ("providers", "referrals"):
        connection.execute(f"create table dq_{entity} (_row_id text, rule_name text)")
    add(connection, "providers", npi=KNOWN, provider_name="Somebody, Known")
    return connection


def add(warehouse, entity, status="promoted", **cells):
    (number,) = warehouse.execute(f"select count(*) + 2 from row_verdicts_{entity}").fetchone()
    columns = {"_row_id": f"L1-{number}", "_status": status, **cells}
    warehouse.execute(
        f"insert into row_verdicts_{entity} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})",
        list(columns.values()),
    )


def found(warehouse) -> list[tuple]:
    return [
        (suggestion.entity, suggestion.row_id, suggestion.column, suggestion.old, suggestion.new)
        for suggestion in suggestions(warehouse)
    ]


def blank_provider(warehouse):
    add(warehouse, "providers", "quarantined", provider_name="Somebody, Blank")


def test_the_only_undescribed_npi_belongs_to_the_only_blank_provider(warehouse):
    blank_provider(warehouse)
    add(warehouse, "encounters", "quarantined", npi=UNKNOWN)
    add(warehouse, "employer_networks", npi=UNKNOWN)
    assert found(warehouse) == [("providers", "L1-3", "npi", None, UNKNOWN)]
    (only,) = suggestions(warehouse)
    assert (
        only.evidence[0]
        == f"1 encounter and 1 network entry use {UNKNOWN}, which no provider row describes"
    )
    assert only.confidence == 0.95


def test_two_undescribed_npis_or_two_blank_providers_leave_no_single_answer(warehouse):
    blank_provider(warehouse)
    add(warehouse, "encounters", "quarantined", npi=UNKNOWN)
    add(warehouse, "employer_networks", npi=OTHER)
    assert found(warehouse) == []
    warehouse.execute("delete from row_verdicts_employer_networks")
    blank_provider(warehouse)
    assert found(warehouse) == []


def test_an_npi_that_fails_its_check_digit_is_never_suggested(warehouse):
    blank_provider(warehouse)
    wrong = UNKNOWN[:-1] + str((int(UNKNOWN[-1]) + 1) % 10)
    add(warehouse, "encounters", "quarantined", npi=wrong)
    assert found(warehouse) == []


def test_a_provider_that_waits_for_another_reason_still_describes_its_npi(warehouse):
    blank_provider(warehouse)
    add(warehouse, "providers", "quarantined", npi=UNKNOWN)
    add(warehouse, "encounters", "quarantined", npi=UNKNOWN)
    assert found(warehouse) == []


def test_nine_digits_are_completed_when_they_make_a_known_provider(warehouse):
    for _ in range(2):
        add(warehouse, "employer_networks", "quarantined", npi=KNOWN[:9])
    add(warehouse, "employer_networks", "quarantined", npi=UNKNOWN[:9])
    assert found(warehouse) == [
        ("employer_networks", f"L1-{row}", "npi", KNOWN[:9], KNOWN) for row in (2, 3)
    ]
    assert "Somebody, Known (L00001, line 2)" in suggestions(warehouse)[0].evidence[1]


@pytest.mark.parametrize(
    ("zip_code", "repaired"),
    [
        ("6511", "06511"),
        ("65110001", "065110001"),
        ("411", "00411"),
        ("0411", "00411"),
        ("41", None),
    ],
)
def test_a_zip_that_lost_its_leading_zero_gets_it_back(warehouse, zip_code, repaired):
    add(warehouse, "referrals", "quarantined", zip=zip_code)
    warehouse.execute("insert into dq_referrals values ('L1-2', 'referrals__zip__shape')")
    assert found(warehouse) == (
        [("referrals", "L1-2", "zip", zip_code, repaired)] if repaired else []
    )


@pytest.mark.parametrize("entity", ["providers", "referrals"])
def test_the_rule_that_a_zip_without_its_zero_fails_is_declared_under_the_name_asked_for(entity):
    (rule,) = (
        rule for rule in load_contracts()[entity].rules if rule.name == f"{entity}__zip__shape"
    )
    assert rule.arguments["column"] == "zip" and rule.arguments["shape"] == "zip"


def test_nothing_is_suggested_before_the_first_build():
    assert suggestions(sqlite3.connect(":memory:")) == []
