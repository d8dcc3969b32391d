"""What people do is on record, whichever way they do it, and the command line verifies it."""

import json
import shutil
import sqlite3

import pytest

from pipeline.cli.main import main
from pipeline.config import load_settings
from pipeline.services.access import audit
from pipeline.services.quarantine import corrections, decisions
from pipeline.store.control.actor import os_user
from tests.integration.access.conftest import start_gated


@pytest.fixture
def settings(sample_home, tmp_path):
    """A copy of the finished sample."""
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))


def actions(settings) -> list[tuple[str, str]]:
    return [(each.action, each.target) for each in audit.newest(settings, 100)][::-1]


def test_taking_a_suggestion_makes_up_no_words(settings):
    taken = decisions.suggestions(settings)[:1]
    (name,) = corrections.accept_suggestions(settings, taken)
    (decision,) = decisions.audit_trail(settings)
    assert decision["reason"] == "" and decision["decision_id"] == name
    evidence = json.loads(decision["evidence"])
    assert evidence[1:] == list(taken[0].evidence)
    assert f"confidence {taken[0].confidence:.2f}" in evidence[0]
    decisions.revert(settings, name, "mistaken")
    corrections.accept_suggestions(settings, taken, "My own words")
    assert decisions.audit_trail(settings)[0]["reason"] == "My own words"
    assert audit.verify(settings).is_good


def test_runs_settings_and_undone_loads_are_on_record(settings, monkeypatch, capsys):
    assert [each for each in actions(settings) if each[0] == "run"] == [("run", "R000001")]
    monkeypatch.setenv("ICON_HEALTH_GATE_THRESHOLD", "0.9")
    home = ("--home", str(settings.home))
    assert main([*home, "undo", "L00006"]) == 0
    capsys.readouterr()
    record = next(each for each in audit.newest(settings, 9) if each.action == "settings")
    assert record.facts["changed"] == ["gate_threshold", "home"]  # the home is a copy
    assert {each.subject for each in audit.newest(settings, 99)} == {os_user().subject}
    assert actions(settings)[-4:] == [
        ("undo", "L00006"),
        ("settings", ""),
        ("run", "R000002"),
        ("run ended", "R000002"),
    ]


def test_the_command_line_verifies_and_status_says_when_it_is_broken(settings, capsys):
    home = ("--home", str(settings.home))
    assert main([*home, "audit", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_good"]
    connection = sqlite3.connect(settings.control_path)
    connection.execute("drop trigger ops_audit__no_update")
    connection.execute("update ops_audit set subject = 'os:other' where action = 'run'")
    connection.commit()
    connection.close()
    assert main([*home, "audit", "verify"]) == 1
    assert "was changed" in capsys.readouterr().out
    main([*home, "status"])
    assert "the audit trail is broken" in capsys.readouterr().out
    assert main([*home, "audit", "list"]) == 0


def test_a_login_is_on_record(tmp_path):
    for served in start_gated(tmp_path / "home"):
        served.cookie()
        record = audit.newest(load_settings(home=served.home), 1)[0]
        assert (record.action, record.subject) == ("login", os_user().subject)
