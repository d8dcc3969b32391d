"""Who is told of what: once, without a value of a delivery, and never at the cost of a run."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.declared.alert_rules import EVENTS, Quiet
from pipeline.orchestrate import alerting, runner
from pipeline.orchestrate.alert_conditions import WATCHED, word
from pipeline.orchestrate.queue import RunRequest, record_request
from pipeline.services.run import alerts as service
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.control import run_nodes
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite import clock
from pipeline.store.sqlite.database import open_warehouse
from tests.unit.orchestrate.alert_homes import failing, told, webhook
from tests.unit.orchestrate.stand_in import outcome

PATIENT = "Jane Roe 1950-01-31"


def test_a_failure_that_repeats_is_told_once_and_again_after_a_success(home, hook, builds):
    settings = home(webhook(hook))
    failing(settings, builds)
    failing(settings, builds)
    assert told(hook) == ["failed"]
    builds.append(outcome())
    runner.run_here(settings, RunRequest())
    assert told(hook) == ["failed"]
    assert [each.alert.closed_at is None for each in service.listed(settings)] == [False]
    failing(settings, builds)
    assert told(hook) == ["failed", "failed"]


def test_a_state_that_lasts_is_told_again_after_the_hours_that_are_declared(
    home, hook, builds, monkeypatch
):
    settings = home("repeat_hours = 3\n" + webhook(hook))
    failing(settings, builds)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    service.check(settings)
    assert told(hook) == ["failed"]
    latest = later + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: latest)
    service.check(settings)
    service.check(settings)
    assert told(hook) == ["failed", "failed"]


def test_quiet_hours_hold_back_all_but_what_is_excepted(home, hook, builds, monkeypatch):
    settings = home(
        '[quiet]\nfrom = 22:00:00\nuntil = 06:00:00\ntimezone = "Europe/Berlin"\nexcept = ["held"]\n'
        + webhook(hook)
    )
    at = datetime(2031, 7, 1, 21, 30, tzinfo=UTC)  # half past eleven in Berlin
    monkeypatch.setattr(clock, "now", lambda: at)
    monkeypatch.setattr(alerting, "now", lambda: at)
    failing(settings, builds)
    assert told(hook) == []
    builds.append(outcome(held=("L00001",)))
    runner.run_here(settings, RunRequest())
    assert told(hook) == ["held"]
    failing(settings, builds)
    morning = at + timedelta(hours=6, minutes=31)
    monkeypatch.setattr(alerting, "now", lambda: morning)
    service.check(settings)
    assert told(hook) == ["held", "failed"]


@given(st.times(), st.times(), st.datetimes(min_value=datetime(2001, 1, 1)))
def test_hours_of_the_day_and_the_rest_of_it_share_no_moment(start, end, moment):
    moment = moment.replace(tzinfo=UTC)
    day, night = Quiet(**{"from": start, "until": end}), Quiet(**{"from": end, "until": start})
    if start == end:
        assert not day.holds(moment)
    else:
        assert day.holds(moment) != night.holds(moment)
        assert day.holds(datetime.combine(moment, start, UTC))
        assert not day.holds(datetime.combine(moment, end, UTC))


def test_a_channel_hears_only_of_its_events(home, hook, builds):
    settings = home(webhook(hook, 'events = ["held"]'))
    failing(settings, builds)
    builds.append(outcome(held=("L00001", "L00002")))
    runner.run_here(settings, RunRequest())
    assert told(hook) == ["held"]
    assert "L00001, L00002" in hook.documents[0]["alerts"][0]["text"]


def test_runs_and_loads_that_are_late_waiting_old_or_damaged_are_told(
    home, hook, builds, monkeypatch
):
    settings = home(
        "repeat_hours = 100\n[limits]\nlate_hours = 26\nrun_minutes = 60\ngate_hours = 4\ndead_letters = 3\n"
        "[limits.fresh_hours]\npatients = 24\nproviders = 24\n" + webhook(hook)
    )
    prepare_warehouse(settings, {})
    now = clock.now()
    with open_warehouse(settings, write=True) as warehouse:
        for number, (source, gate, rejected) in enumerate(
            [("patients", "held", 3), ("encounters", "open", 2)], 1
        ):
            warehouse.execute(
                "insert into ops_loads (load_id, entity, source_file, sha256, status, gate, loaded_at, rejected) "
                "values (?, ?, ?, 'x', 'loaded', ?, ?, ?)",
                (f"L{number:05}", source, f"{PATIENT}.csv", gate, clock.utc_now(), rejected),
            )
    builds.append(outcome())
    runner.run_here(settings, RunRequest())
    # a source that never came is as late as one that has not come for long
    assert sorted(told(hook)) == ["dead_letters", "freshness"]
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=30))
    monkeypatch.setattr("pipeline.orchestrate.alert_conditions.now", clock.now)
    service.check(settings)
    assert sorted(told(hook)[2:]) == ["freshness", "gate", "late"]
    record_request(settings, RunRequest())
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=32))
    monkeypatch.setattr("pipeline.orchestrate.alert_conditions.now", clock.now)
    service.check(settings)
    assert told(hook)[-1] == "late"
    assert PATIENT not in str(hook.documents)


def test_nothing_that_an_error_a_file_or_a_step_says_leaves_in_an_alert(
    home, hook, mailbox, builds, monkeypatch
):
    settings = home(
        webhook(hook)
        + f'[[channels]]\nkind = "email"\nname = "ops"\nhost = "127.0.0.1"\nport = {mailbox.port}\n'
        'security = "none"\nfrom = "icon@example.org"\nto = ["ops@example.org"]\n'
    )
    with open_control(settings) as control:
        run, _ = record_request(settings, RunRequest(requested_by=PATIENT), pid=1)
        run_nodes.upsert(
            control, run.run_id, PATIENT, PATIENT, "silver", "test", "error", None, None, 1, PATIENT
        )
    failing(settings, builds, f"value {PATIENT} is wrong")
    service.check(settings)
    sent = str(hook.requests) + "".join(message.as_string() for message in mailbox.messages)
    assert "failed" in sent
    assert not any(part in sent for part in PATIENT.split())


@given(st.text(max_size=40))
def test_a_word_of_an_alert_is_an_id_or_no_word(text):
    assert word(text) in (text, "(unnamed)")
    assert " " not in word(text).replace("(unnamed)", "") and "\n" not in word(text)


def test_every_event_has_a_condition():
    assert set(EVENTS) == {*WATCHED, "drift", "task"}


def test_quiet_hours_without_end_are_none():
    assert not Quiet(**{"from": time(5), "until": time(5)}).holds(datetime.now(UTC))


def test_a_task_is_told_each_time_it_fails_but_not_beside_its_run(home, hook, builds):
    settings = home(webhook(hook))
    for _ in range(2):
        service.check(settings, "dag.push")
    assert told(hook) == ["task", "task"]
    failing(settings, builds)
    service.check(settings, "dag.build")
    assert told(hook) == ["task", "task", "failed"]
    assert {each.alert.closed_at is None for each in service.listed(settings)} == {True, False}
