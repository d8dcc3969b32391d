"""With the setting `four_eyes` a waiver or a release counts only once another login has approved
it, whichever way it was made.
"""

import json
import shutil
import sqlite3

import pytest

from pipeline.cli.main import main
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import InputRefused
from pipeline.services.access import audit
from pipeline.services.access.roles import NotAllowed
from pipeline.services.overview import overview
from pipeline.services.quarantine import approvals, decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from pipeline.store.control.actor import Actor, acting_as
from tests.warehouse import query

ADA, BOB = Actor("idp#ada", ("reviewer",), "Ada"), Actor("idp#bob", ("reviewer",), "Bob")


@pytest.fixture
def settings(sample_home, tmp_path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    return load_settings(home=home, four_eyes="yes")


def gates(settings) -> dict[str, str]:
    return dict(query(settings.home, "select load_id, gate from ops_loads"))


def waive(settings) -> str:
    """A waiver by Ada of the rule that holds a provider back."""
    with acting_as(ADA):
        row = next(each for each in decisions.rows(settings) if each.entity == "employer_networks")
        return decisions.waive(settings, row.entity, [row.row_id], "Known to the network")[0]


def test_a_waiver_is_not_built_until_somebody_else_has_approved_it(settings):
    waiver = waive(settings)
    assert overview.overview(settings).decisions_waiting == 0
    result = runs.run_now(settings)
    assert "second person" in result.unverified_decisions[waiver]
    assert query(settings.home, "select decision_id from ops_decisions") == []
    with acting_as(BOB):
        (waits,) = approvals.waiting(settings)
        assert (waits.target, waits.author, waits.is_own) == (waiver, "Ada", False)
        assert approvals.approve(settings, [waiver]) == [waiver]
        assert approvals.waiting(settings) == ()
    assert overview.overview(settings).decisions_waiting == 1
    assert waiver not in runs.run_now(settings).unverified_decisions
    assert query(settings.home, "select decision_id from ops_decisions") == [(waiver,)]
    record = next(each for each in audit.newest(settings) if each.action == "approve")
    assert (record.subject, record.target, record.facts["author"]) == ("idp#bob", waiver, "Bob")
    assert audit.verify(settings).is_good


def test_nobody_approves_their_own_under_whatever_name(settings):
    waiver = waive(settings)
    for roles in (("reviewer",), ("admin",)):
        with acting_as(Actor(ADA.subject, roles, "Somebody else")):
            assert approvals.waiting(settings)[0].is_own
            with pytest.raises(InputRefused, match="same login"):
                approvals.approve(settings, [waiver])
    for role in ("viewer", "operator"):
        with acting_as(Actor("idp#eve", (role,))), pytest.raises(NotAllowed):
            approvals.approve(settings, [waiver])
    with acting_as(BOB), pytest.raises(InputRefused, match="does not wait"):
        approvals.approve(settings, [waiver, "D999999"])
    assert [each.target for each in approvals.waiting(settings)] == [waiver]


def test_an_approval_that_was_written_into_the_file_does_not_count(settings):
    waiver = waive(settings)
    with acting_as(BOB):
        approvals.approve(settings, [waiver])
    with sqlite3.connect(settings.control_path) as control:
        control.execute("drop trigger ops_audit__no_update")
        control.execute("update ops_audit set subject = 'idp#eve' where action = 'approve'")
    control.close()
    assert "second person" in runs.run_now(settings).unverified_decisions[waiver]


def test_corrections_and_rejections_need_nobody_else(settings):
    with acting_as(ADA):
        row = next(each for each in decisions.rows(settings) if each.entity == "providers")
        decisions.reject(settings, row.entity, [row.row_id], "No such provider")
    assert approvals.waiting(settings) == ()
    assert runs.run_now(settings).unverified_decisions == {}


def test_a_released_load_stays_held_until_somebody_else_has_approved(tmp_path):
    settings = load_settings(home=tmp_path / "home", four_eyes="yes", gate_threshold="0")
    runs.run_now(settings, verb="run", paths=[PROJECT_DIR / "data" / "sample"])
    held = next(name for name, gate in gates(settings).items() if gate == "held")
    with acting_as(ADA):
        assert loads.release(settings, held, "Looked at")["gate"] == "held"
    runs.run_now(settings)
    assert gates(settings)[held] == "held"
    with acting_as(BOB):
        approvals.approve(settings, [held])
    runs.run_now(settings)
    assert gates(settings)[held] == "released"


def test_the_command_line_lists_and_refuses(settings, capsys, monkeypatch):
    monkeypatch.setenv("ICON_HEALTH_FOUR_EYES", "yes")
    home = ("--home", str(settings.home))
    row = next(each for each in decisions.rows(settings) if each.entity == "employer_networks")
    own = decisions.waive(settings, row.entity, [row.row_id], "Known to the network")[0]
    assert main([*home, "quarantine", "approve", own]) != 0
    assert "same login" in capsys.readouterr().err
    assert main([*home, "quarantine", "approve", "--json"]) == 0
    (waiting,) = json.loads(capsys.readouterr().out)["waiting"]
    assert (waiting["target"], waiting["is_own"]) == (own, True)
