"""The audit trail: whatever somebody who may write the files does to it is found, by the chain or
by the heads that builds have noted.
"""

import sqlite3

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from pipeline.config import load_settings
from pipeline.store.control import actor, audit, decisions, seals
from pipeline.store.control.control_file import open_control, verified
from pipeline.store.control.decisions import NewDecision
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.migrations import audit_triggers, migrate_warehouse, migrations_of
from pipeline.store.sqlite.statements import records, transaction
from pipeline.store.warehouse import builds

ROWS = 12
#: Records after which a build noted the head.
NOTED = (4, 9)


def fill(settings, rows: int = ROWS) -> None:
    with open_warehouse(settings, write=True) as warehouse:
        migrate_warehouse(warehouse)
    for number in range(1, rows + 1):
        with open_control(settings) as control:
            with transaction(control):
                head = audit.append(control, "look", f"T{number}", {"number": number})
        if number in NOTED:
            with open_warehouse(settings, write=True) as warehouse:
                builds.note_audit_head(warehouse, head, f"build{number}")


def attack(settings, *statements: str, rebuild: bool = False) -> None:
    """As somebody with the file: takes the guards off, changes, and puts them back."""
    connection = sqlite3.connect(settings.control_path, isolation_level=None)
    for name in audit.TRIGGERS:
        connection.execute(f"drop trigger {name}")
    for statement in statements:
        connection.execute(statement)
    if rebuild:
        before = audit.START
        for row in connection.execute("select * from ops_audit order by n").fetchall():
            before = audit._hash(before, *row[:-1])
            connection.execute("update ops_audit set hash = ? where n = ?", (before, row[0]))
    for sql in audit_triggers():
        connection.execute(sql)
    connection.close()


def verdict_of(settings) -> audit.Verdict:
    with open_control(settings) as control:
        return verified(settings, control)


@pytest.mark.parametrize(
    "statement",
    [
        "update ops_audit set subject = 'x'",
        "delete from ops_audit",
        "delete from ops_audit where n = (select max(n) from ops_audit)",
        "replace into ops_audit select n, at, 'x', action, target, detail, hash from ops_audit where n = 3",
        "insert or replace into ops_audit select n, at, 'x', action, target, detail, hash from ops_audit where n = 12",
        "insert into ops_audit select n + 5, at, 'x', action, target, detail, printf('%064d', 1) from ops_audit where n = 12",
        "insert into ops_audit select n, at, 'x', action, target, detail, hash from ops_audit where n = 12 "
        "on conflict (n) do update set subject = 'x'",
    ],
)
def test_the_program_itself_can_only_append(settings, statement):
    fill(settings)
    with open_control(settings) as control:
        with pytest.raises(sqlite3.IntegrityError):
            control.execute(statement)
    assert verdict_of(settings).is_good


#: Attack -> the statements, and whether every hash is computed anew.
ATTACKS = {
    "change": (["update ops_audit set subject = 'x' where n = 6"], False),
    "change the detail": (["""update ops_audit set detail = '{"number":7}' where n = 6"""], False),
    "remove": (["delete from ops_audit where n = 6"], False),
    "remove and renumber": (
        ["delete from ops_audit where n = 6", "update ops_audit set n = n - 1 where n > 6"],
        False,
    ),
    "reorder": (
        [
            "update ops_audit set n = 100 where n = 5",
            "update ops_audit set n = 5 where n = 6",
            "update ops_audit set n = 6 where n = 100",
        ],
        False,
    ),
    "cut the end": (["delete from ops_audit where n > 7"], False),
    "empty": (["delete from ops_audit"], False),
    "change and compute anew": (["update ops_audit set subject = 'x' where n = 6"], True),
    "remove, renumber and compute anew": (
        ["delete from ops_audit where n = 3", "update ops_audit set n = n - 1 where n > 3"],
        True,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_on_what_a_build_has_noted_is_found(settings, name):
    fill(settings)
    assert verdict_of(settings).is_good
    statements, rebuild = ATTACKS[name]
    attack(settings, *statements, rebuild=rebuild)
    verdict = verdict_of(settings)
    assert not verdict.is_good and verdict.problems


@given(st.integers(1, ROWS), st.sampled_from(["at", "subject", "action", "target", "hash"]))
@hypothesis_settings(max_examples=40)
def test_any_cell_that_changes_is_found_and_its_record_is_doubted(tmp_path_factory, n, column):
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    fill(settings)
    attack(settings, f"update ops_audit set {column} = printf('%064d', 7) where n = {n}")
    verdict = verdict_of(settings)
    assert not verdict.is_good and not verdict.believes(n)
    # a noted hash that differs puts all before it in doubt
    assert column == "hash" or verdict.believes(1 if n != 1 else NOTED[0])


@pytest.mark.parametrize("name", audit.TRIGGERS)
def test_a_guard_that_is_off_or_another_is_found(settings, name):
    fill(settings)
    connection = sqlite3.connect(settings.control_path)
    connection.execute(f"drop trigger {name}")
    connection.execute(
        f"create trigger {name} before delete on ops_audit when false begin select 1; end"
    )
    connection.commit()
    connection.close()
    assert verdict_of(settings).problems == (f"the guard {name} is missing",)


def correction(settings, value: str = "1") -> str:
    with open_control(settings) as control:
        new = NewDecision("correct", "patients", "L1:1", "why", "Ada", None, "gender", None, value)
        return decisions.record(control, [new])[0]


def wrong_of(settings) -> dict[str, str]:
    with open_control(settings) as control:
        return seals.unverified(control, decisions.trail(control), verified(settings, control))


def test_a_decision_of_which_anything_was_changed_does_not_verify(settings):
    name = correction(settings)
    assert wrong_of(settings) == {}
    with open_control(settings) as control:
        assert_every_change_is_seen(settings, control, name)


def test_a_column_that_decisions_get_tomorrow_is_sealed_as_well(settings):
    with open_control(settings) as control:
        control.execute("alter table ops_decisions add column urgency text default 'low'")
    name = correction(settings)
    assert wrong_of(settings) == {}
    with open_control(settings) as control:
        assert "urgency" in assert_every_change_is_seen(settings, control, name)


def assert_every_change_is_seen(settings, control, name: str) -> list[str]:
    """Change each column of the only decision in turn; returns their names."""
    changed = [column for column in decisions.columns(control) if column != "decision_id"]
    (before,) = control.execute(f"select {', '.join(changed)} from ops_decisions").fetchall()
    for column, value in zip(changed, before, strict=True):
        other = "reject" if column == "kind" else "2026-01-01"
        control.execute(f"update ops_decisions set {column} = ?", (other,))
        assert wrong_of(settings).keys() == {name}, column
        control.execute(f"update ops_decisions set {column} = ?", (value,))
        assert wrong_of(settings) == {}
    return changed


def test_a_release_of_which_anything_was_changed_is_no_release(settings):
    with open_control(settings) as control:
        control.execute("alter table ops_gate_releases add column urgency text default 'low'")
        decisions.record_release(control, "L1", "why", "Ada")
        verdict = verified(settings, control)

        def released() -> frozenset[str]:
            rows = records(control, "select * from ops_gate_releases")
            return seals.released_loads(control, rows, verdict)

        assert released() == {"L1"}
        for column in decisions.releases(control)[0]:
            control.execute("savepoint change")
            control.execute(f"update ops_gate_releases set {column} = 'other'")
            assert released() == frozenset(), column
            control.execute("rollback to change")
            control.execute("release change")
        assert released() == {"L1"}


def test_both_files_have_the_same_columns_of_decisions(settings):
    fill(settings, 1)
    with open_control(settings) as control, open_warehouse(settings) as warehouse:
        assert decisions.columns(control) == decisions.columns(warehouse)


def test_a_decision_that_nobody_made_and_one_that_is_brought_back_do_not_verify(settings):
    name = correction(settings)
    with open_control(settings) as control:
        decisions.revert_all(control, [name], "mistaken", "Grace")
    assert wrong_of(settings) == {}
    with open_control(settings) as control:
        control.execute(
            "update ops_decisions set reverted_at = null, reverted_by = null, revert_reason = null"
        )
        control.execute(
            "insert into ops_decisions select 'D000002', kind, entity, row_id, rule_id, column_name, old_value, "
            "new_value, reason, author, created_at, expires_on, evidence, null, null, null from ops_decisions"
        )
    assert wrong_of(settings) == {
        name: "was taken back",
        "D000002": "has no record that can be believed",
    }


def test_a_record_tells_no_value_and_its_digest_cannot_be_tried(settings):
    correction(settings, "1950-01-02")
    correction(settings, "1950-01-02")
    with open_control(settings) as control:
        kept = audit.newest(control, 2)
    assert "1950" not in "".join(record.detail for record in kept)
    assert len({record.facts["digest"] for record in kept}) == 2


def test_a_lost_control_file_stays_on_record_and_the_chain_goes_on(settings):
    fill(settings)
    for path in settings.home.glob("control.db*"):
        path.unlink()
    name = correction(settings)
    verdict = verdict_of(settings)
    assert verdict.problems == ("records 1 to 9 are missing: the control file was lost",)
    assert wrong_of(settings) == {} and name == "D000001"


def test_decisions_after_a_break_count_again_once_it_is_accepted(settings):
    from pipeline.services.access import audit as service

    fill(settings)
    attack(settings, "delete from ops_audit where n > 7")
    first = correction(settings)
    assert wrong_of(settings).keys() == {first}
    service.accept(settings, "a test of the disk", "Ada")
    second = correction(settings)
    assert wrong_of(settings).keys() == {first} and second
    assert not verdict_of(settings).is_good


def test_a_home_without_a_trail_takes_its_decisions_over_once(settings):
    name = correction(settings)
    connection = sqlite3.connect(settings.control_path, isolation_level=None)
    connection.execute("drop table ops_audit")
    connection.execute("drop table ops_decision_seals")
    # of later migrations
    for column in ("request_digest", "lease"):
        connection.execute(f"alter table ops_runs drop column {column}")
    later = (
        "leases lease_watches alerts alert_deliveries connectors connector_deliveries syncs questions "
        "cause_notes feature_sets"
    )
    for table in (f"ops_{name}" for name in later.split()):
        connection.execute(f"drop table {table}")
    connection.execute("alter table ops_intake_memory drop column reason")
    for statement in migrations_of("control")[7].statements:
        connection.execute(statement)
    connection.execute(
        "insert into ops_audit (recorded_at, action, author, subject, detail) "
        "values ('2026-01-01T00:00:00Z', 'export', 'Ada', 'fct_encounter', '{}')"
    )
    connection.execute("delete from ops_migrations where number >= 9")
    connection.close()
    assert wrong_of(settings) == {}
    with open_control(settings) as control:
        assert [(each.action, each.target) for each in audit.newest(control, 9)] == [
            ("take over", name),
            ("export", "fct_encounter"),
        ]


def test_a_record_names_who_acts(settings):
    with actor.acting_as(actor.Actor("https://login.example#7", ("reviewer",))):
        correction(settings)
    correction(settings)
    with open_control(settings) as control:
        assert [each.subject for each in audit.newest(control, 2)] == [
            actor.os_user().subject,
            "https://login.example#7",
        ]
