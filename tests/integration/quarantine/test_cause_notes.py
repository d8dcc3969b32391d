"""Who takes care of a cause: notes are added and never changed, and the newest of a kind counts."""

import random
import sqlite3

import pytest

from pipeline.cli.main import main
from pipeline.declared.alert_rules import AlertRules
from pipeline.errors import InputRefused
from pipeline.orchestrate.alert_conditions import conditions
from pipeline.services.access import audit
from pipeline.services.access.actors import Actor, acting_as
from pipeline.services.access.roles import NotAllowed
from pipeline.services.quarantine import cause_notes, causes
from pipeline.store.control import cause_notes as note_store
from pipeline.store.control.control_file import open_control
from tests.warehouse import copied

NAMES, DAYS = ("Grace", "Ada", ""), ("2026-01-05", "2027-03-09", "")


@pytest.fixture
def own(sample_home, tmp_path):
    return copied(sample_home, tmp_path / "own")


@pytest.fixture
def names(own):
    listed = [each.cause_id for each in causes.causes(own).causes.causes]
    assert len(set(listed)) == len(listed) == 2
    return listed


@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_the_newest_note_of_a_kind_counts_and_all_are_kept(own, names, seed):
    chance = random.Random(seed)
    expected = {name: {"assignee": "", "due_on": "", "comments": []} for name in names}
    kept = 0
    for step in range(12):
        name = chance.choice(names)
        now = expected[name]
        said = {
            "assignee": chance.choice((None, *NAMES)),
            "due_on": chance.choice((None, *DAYS)),
            "comment": chance.choice((None, f"Asked the sender, step {step}")),
        }
        new = [each for each in ("assignee", "due_on") if said[each] not in (None, now[each])]
        if not new and said["comment"] is None:
            with pytest.raises(InputRefused, match="nothing new"):
                cause_notes.note(own, name, **said, by="Eve")
            continue
        cause_notes.note(own, name, **said, by="Eve")
        now.update({each: said[each] for each in new})
        now["comments"] += [said["comment"]] if said["comment"] else []
        kept += len(new) + bool(said["comment"])
    care = cause_notes.all_care(own)
    for name, now in expected.items():
        of = care.get(name, cause_notes.Care())
        assert (of.assignee, of.due_on) == (now["assignee"], now["due_on"])
        assert [each.text for each in of.comments] == now["comments"]
    assert sum(len(of.notes) for of in care.values()) == kept
    records = [each for each in audit.newest(own, 100) if each.action == "note on cause"]
    assert len(records) == kept and not any("Asked" in each.detail for each in records)
    assert audit.verify(own).is_good


@pytest.mark.parametrize(
    "said",
    [
        {"comment": "patient 1000245 called"},
        {"comment": "born 1945-01-15"},
        {"assignee": "somebody@example.org"},
        {"due_on": "next week"},
        {"comment": "a\x00b"},
        {},
    ],
)
def test_what_may_name_a_patient_or_is_no_day_is_refused_and_nothing_is_kept(own, names, said):
    with pytest.raises(InputRefused):
        cause_notes.note(own, names[0], **said)
    assert cause_notes.all_care(own) == {}


def test_an_unknown_cause_and_a_viewer_are_refused(own, names):
    with pytest.raises(InputRefused, match="no row waits"):
        cause_notes.note(own, "00000000", assignee="Grace")
    with acting_as(Actor("oidc:x", ("viewer",), "Vi")), pytest.raises(NotAllowed):
        cause_notes.note(own, names[0], assignee="Grace")
    assert cause_notes.all_care(own) == {}


def test_a_note_is_never_changed_and_who_does_it_past_the_guard_is_found(own, names):
    cause_notes.note(own, names[0], assignee="Grace", comment="Asked the sender")
    with open_control(own) as control:
        for statement in ("update ops_cause_notes set text = 'x'", "delete from ops_cause_notes"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                control.execute(statement)
        control.execute("drop trigger ops_cause_notes__no_update")
        control.execute("drop trigger ops_cause_notes__no_delete")
        control.execute("update ops_cause_notes set text = 'Ada' where kind = 'assign'")
        control.execute("delete from ops_cause_notes where kind = 'comment'")
    assert audit.verify(own).decisions == {
        "note 1": "is not as it was recorded",
        "note 2": "is recorded, and is gone",
    }


def test_a_cause_is_overdue_from_the_day_after_its_day():
    care = cause_notes.Care(due_on="2026-03-01")
    assert not care.is_overdue("2026-03-01") and care.is_overdue("2026-03-02")
    assert not cause_notes.Care().is_overdue("2026-03-02")


def test_the_command_line_lists_causes_and_notes(own, names, capsys):
    home = ["--home", str(own.home), "quarantine"]
    said = ["--assign", "Grace", "--due", "2027-01-05", "--comment", "Asked", "--by", "Eve"]
    assert main([*home, "note", names[1], *said]) == 0
    assert "Grace, due 2027-01-05; 1 comment" in capsys.readouterr().out
    assert main([*home, "causes"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in names) and "Grace" in listed and "68" in listed
    assert main([*home, "note", "00000000", "--assign", "Grace"]) == InputRefused.exit_code


def test_an_alert_tells_of_a_cause_whose_day_has_passed_while_rows_wait_and_names_nobody(
    own, names
):
    first, second = names
    slack = {"kind": "slack", "name": "chat", "url_env": "ICON_SLACK_URL"}
    rules = AlertRules(page="https://workbench.example.org", channels=(slack,))
    cause_notes.note(own, first, assignee="Grace", due_on="2020-01-01", by="Eve")
    cause_notes.note(own, second, due_on="2999-01-01", by="Eve")
    (overdue,) = (each for each in conditions(own, rules) if each.event == "overdue")
    assert overdue.key == f"overdue {first}" and "2020-01-01" in overdue.sentence
    assert "Grace" not in overdue.sentence and "Eve" not in overdue.sentence
    cause_notes.note(own, first, due_on="", by="Eve")
    # a cause for which no row waits any more is nobody's work
    with open_control(own) as control:
        of_gone = ("0" * 8, "encounters", "ENC-06")
        note_store.add(control, of_gone, [("due", "2020-01-01")], "Eve")
    assert [each for each in conditions(own, rules) if each.event == "overdue"] == []
