"""Decisions are added and taken back, never changed."""

import pytest

from pipeline.config import load_settings
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.control.decisions import NewDecision
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.migrations import migrate_warehouse
from pipeline.store.warehouse import builds


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path)


@pytest.fixture
def control(settings):
    with open_control(settings) as connection:
        yield connection


def waiver(until: str | None = None) -> NewDecision:
    return NewDecision(
        "waive", "patients", "L00001-2", "known", "somebody", rule_id="PAT-07", expires_on=until
    )


def test_ids_count_on_and_a_batch_is_recorded_as_a_whole(control):
    assert decisions.record(control, [waiver(), waiver()]) == ["D000001", "D000002"]
    with pytest.raises(Exception, match="CHECK"):
        decisions.record(
            control, [waiver(), NewDecision("no such kind", "patients", None, "why", "who")]
        )
    assert decisions.record(control, [waiver()]) == ["D000003"]


def test_a_decision_is_in_force_until_it_expires_or_is_taken_back(control):
    for_ever, until_may = decisions.record(control, [waiver(), waiver("2026-05-31")])
    assert [decision["decision_id"] for decision in decisions.in_force(control, "2026-05-31")] == [
        for_ever,
        until_may,
    ]
    assert [decision["decision_id"] for decision in decisions.in_force(control, "2026-06-01")] == [
        for_ever
    ]
    assert decisions.revert_all(control, [for_ever], "mistaken", "another") == []
    assert decisions.revert_all(control, [for_ever], "again", "another") == [for_ever]
    assert decisions.in_force(control, "2026-06-01") == []


def test_the_trail_keeps_what_was_taken_back(control):
    (decision_id,) = decisions.record(control, [waiver()])
    decisions.revert_all(control, [decision_id], "mistaken", "another")
    (decision,) = decisions.trail(control)
    assert (
        decision["reason"],
        decision["author"],
        decision["reverted_by"],
        decision["revert_reason"],
    ) == (
        "known",
        "somebody",
        "another",
        "mistaken",
    )


def test_the_warehouse_gets_exactly_the_decisions_in_force(settings, control):
    decisions.record(control, [waiver(), waiver("2020-01-01")])
    with open_warehouse(settings, write=True) as warehouse:
        migrate_warehouse(warehouse)
        for _ in range(2):
            builds.replace_decisions(warehouse, decisions.in_force(control, "2026-01-01"))
        assert builds.decision_ids(warehouse) == ["D000001"]


def test_a_lost_control_file_gets_the_decisions_of_the_last_build_back(settings):
    with open_control(settings) as connection:
        decisions.record(connection, [waiver(), waiver("2030-05-31")])
        published = decisions.in_force(connection, "2026-01-01")
    with open_warehouse(settings, write=True) as warehouse:
        migrate_warehouse(warehouse)
        builds.replace_decisions(warehouse, published)
    for path in settings.home.glob("control.db*"):
        path.unlink()
    with open_control(settings) as connection:
        assert decisions.in_force(connection, "2026-01-01") == published
        assert decisions.record(connection, [waiver()]) == ["D000003"]
