"""Decisions are checked before any is recorded."""

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.quarantine import corrections, decisions
from pipeline.store.sqlite.database import open_warehouse


@pytest.fixture
def settings(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    with open_warehouse(settings, write=True) as connection:
        connection.execute(
            "create table row_verdicts_encounters (_row_id, encounter_id, npi, patient_id, cpt, paid_amount_usd, _status, "
            "_failed)"
        )
        connection.execute(
            "insert into row_verdicts_encounters values ('L00001-2', 'A', 'N', '1', '27130', '12', 'quarantined', "
            "'[]')"
        )
    return settings


def correct(settings, **changes):
    return corrections.correct(
        settings,
        **{
            "entity": "encounters",
            "row_ids": ["L00001-2"],
            "changes": {"paid_amount": "13"},
            "reason": "looked up",
            "by": "Ada",
        }
        | changes,
    )


def test_a_correction_keeps_old_and_new_value_reason_and_author_under_the_mapped_name(settings):
    assert correct(settings) == ["D000001"]
    (decision,) = decisions.audit_trail(settings)
    assert (
        decision["column_name"],
        decision["old_value"],
        decision["new_value"],
        decision["reason"],
        decision["author"],
    ) == ("paid_amount_usd", "12", "13", "looked up", "Ada")


def test_delivered_and_mapped_names_mean_the_same_column(settings):
    correct(settings, changes={"paid_amount": "13"})
    correct(settings, changes={"paid_amount_usd": "14"})
    assert {decision["column_name"] for decision in decisions.audit_trail(settings)} == {
        "paid_amount_usd"
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"entity": "no_source"},
        {"row_ids": ["L00009-9"]},
        {"row_ids": ["L00001-2", "L00009-9"]},
        {"changes": {"no_column": "1"}},
        {"changes": {"_row_id": "1"}},
        {"changes": {}},
        {"reason": "  "},
        {"reason": "x" * 1_000_000},
        {"reason": "a\x00b"},
        {"by": "x" * 201},
        {"changes": {"paid_amount": "1" * 2_001}},
        {"changes": {"paid_amount": "\ud800"}},
    ],
)
def test_a_correction_that_cannot_be_is_refused_and_nothing_is_recorded(settings, changes):
    with pytest.raises(InputRefused):
        correct(settings, **changes)
    assert decisions.audit_trail(settings) == []


def test_a_waiver_names_a_rule_of_the_source_a_row_or_both(settings):
    rule = next(
        rule.rule_id
        for rule in decisions.load_contracts()["encounters"].rules
        if rule.action == "quarantine"
    )
    decisions.waive(
        settings, "encounters", ["L00001-2"], "known", "Ada", rule_id=rule, expires_on="2026-12-31"
    )
    decisions.waive(settings, "encounters", [], "not for this sender", "Ada", rule_id=rule)
    assert [decision["row_id"] for decision in decisions.audit_trail(settings)] == [
        None,
        "L00001-2",
    ]
    for wrong in (
        {"row_ids": []},
        {"row_ids": ["L00001-2"], "rule_id": "PAT-01"},
        {"row_ids": ["L00001-2"], "expires_on": "soon"},
    ):
        with pytest.raises(InputRefused):
            decisions.waive(settings, "encounters", reason="why", **wrong)


def test_a_decision_is_taken_back_once(settings):
    (decision_id,) = decisions.reject(settings, "encounters", ["L00001-2"], "not ours", "Ada")
    assert decisions.revert(settings, decision_id, "it is ours", "Bo") == decision_id
    with pytest.raises(InputRefused, match="in force"):
        decisions.revert(settings, decision_id, "again", "Bo")
    frame = decisions.audit(settings)
    assert frame.loc[0, ["kind", "reverted_by"]].tolist() == ["reject", "Bo"]


def test_decisions_are_taken_back_all_or_none(settings):
    ids = decisions.reject(settings, "encounters", ["L00001-2"], "not ours", "Ada") + correct(
        settings
    )
    with pytest.raises(InputRefused, match="D000009"):
        decisions.revert_all(settings, [*ids, "D000009"], "typing error", "Bo")
    assert [decision["reverted_at"] for decision in decisions.audit_trail(settings)] == [None, None]
    assert decisions.revert_all(settings, [*ids, ids[0]], "both were wrong", "Bo") == ids


def test_open_rows_of_a_rule_that_does_not_exist_are_refused(settings):
    with pytest.raises(InputRefused, match="NOPE-01"):
        decisions.rows(settings, rule="NOPE-01")


def test_a_waiver_ends_on_a_day_as_days_are_written(settings):
    with pytest.raises(InputRefused, match="YYYY-MM-DD"):
        decisions.waive(settings, "encounters", ["L00001-2"], "why", expires_on="20270101")


def test_a_decision_has_an_author_where_the_process_has_no_name(settings, monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.delenv("ICON_HEALTH_USER", raising=False)
    monkeypatch.setattr("getpass.getuser", nobody)
    correct(settings, by=None)
    assert decisions.audit_trail(settings)[0]["author"].startswith("user ")


def test_a_waiver_that_would_break_what_silver_promises_is_refused_when_it_is_made(settings):
    firm = '[{"rule":"ENC-11","name":"n","column":"paid_amount_usd","action":"quarantine","firm":true}]'
    with open_warehouse(settings, write=True) as connection:
        connection.execute("update row_verdicts_encounters set _failed = ?", (firm,))
    for rows, rule in ((["L00001-2"], None), (["L00001-2"], "ENC-11"), ([], "ENC-11")):
        with pytest.raises(InputRefused, match="cannot be waived.*correct the value"):
            decisions.waive(settings, "encounters", rows, "let it pass", "me", rule_id=rule)
    assert decisions.waive(settings, "encounters", ["L00001-2"], "why", "me", rule_id="ENC-13")
