"""Who is told of what: once, without a value of a delivery, and never at the cost of a run."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import load_settings
from pipeline.declared.alert_rules import EVENTS, Quiet, read_alert_rules
from pipeline.errors import InputRefused, RunFailed
from pipeline.orchestrate import alerting, runner
from pipeline.orchestrate.alert_conditions import WATCHED, word
from pipeline.orchestrate.queue import RunRequest, record_request
from pipeline.services.run import alerts as service
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.control import run_nodes
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite import clock
from pipeline.store.sqlite.database import open_warehouse
from tests.receivers import http_server, smtp_server
from tests.unit.orchestrate.stand_in import outcome

PATIENT = "Jane Roe 1950-01-31"
HEAD = 'page = "https://workbench.example/"\nname = "Test home"\n'


@pytest.fixture
def hook():
    with http_server() as hook:
        yield hook


@pytest.fixture
def mailbox():
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Makes settings with an alerts file that says so."""
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + base64.b64encode(b"key").decode())

    def made(text, **more):
        file = tmp_path / "alerts.toml"
        file.write_text(HEAD + text)
        return load_settings(home=tmp_path / "home", alerts_file=file, wait_seconds=0, **more)

    return made


def webhook(hook, extra=""):
    return (
        f'[[channels]]\nkind = "webhook"\nname = "hook"\nurl = "http://127.0.0.1:{hook.port}/in"\n'
        f'secret_env = "HOOK_SECRET"\n{extra}\n'
    )


def failing(settings, builds, text="a model failed"):
    builds.append(RunFailed(text))
    with pytest.raises(RunFailed):
        runner.run_here(settings, RunRequest())


def told(hook):
    return [alert["event"] for document in hook.documents for alert in document["alerts"]]


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


def test_a_webhook_is_signed_and_links_to_the_page_of_the_run(home, hook, builds):
    settings = home(webhook(hook))
    failing(settings, builds)
    ((path, headers, body),) = hook.requests
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"key", signed, hashlib.sha256).digest()).decode()
    assert path == "/in" and headers["webhook-signature"] == f"v1,{expected}"
    (alert,) = hook.documents[0]["alerts"]
    assert alert["link"] == "https://workbench.example/run_history?run=R000001"
    assert hook.documents[0]["name"] == "Test home"


def test_mail_goes_out_by_login(home, mailbox, builds, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "right")
    settings = home(
        f'[[channels]]\nkind = "email"\nname = "ops"\nhost = "127.0.0.1"\nport = {mailbox.port}\n'
        'security = "none"\nuser = "icon"\npassword_env = "MAIL_PASSWORD"\n'
        'from = "icon@example.org"\nto = ["ops@example.org", "night@example.org"]\n'
    )
    failing(settings, builds)
    (message,) = mailbox.messages
    assert message["Subject"] == "Test home: failed"
    assert message["To"] == "ops@example.org, night@example.org"
    body = message.get_payload(decode=True).decode()
    assert "Run R000001 (build) failed" in body
    assert "https://workbench.example/run_history?run=R000001" in body
    assert mailbox.logins == [("icon", "right")]


def test_mail_does_not_fall_back_to_a_line_without_encryption(home, mailbox, builds, capsys):
    settings = home(
        f'[[channels]]\nkind = "email"\nname = "ops"\nhost = "127.0.0.1"\nport = {mailbox.port}\n'
        'from = "icon@example.org"\nto = ["ops@example.org"]\n'
    )
    failing(settings, builds)
    assert mailbox.messages == []
    assert "alert not sent: channel ops" in capsys.readouterr().err


def test_slack_gets_text_at_a_secret_address(home, hook, builds, monkeypatch):
    monkeypatch.setenv("SLACK", f"http://127.0.0.1:{hook.port}/services/T0/secret")
    settings = home('[[channels]]\nkind = "slack"\nname = "chat"\nurl_env = "SLACK"\n')
    failing(settings, builds)
    assert [path for path, _, _ in hook.requests] == ["/services/T0/secret"]
    (document,) = hook.documents
    assert "<https://workbench.example/run_history?run=R000001|Open>" in document["text"]


@pytest.mark.parametrize("trouble", ["status", "redirect", "nobody", "no secret", "wrong file"])
def test_an_alert_that_cannot_be_sent_fails_no_run_and_is_told(
    home, hook, builds, capsys, monkeypatch, trouble
):
    settings = home(webhook(hook))
    if trouble == "status":
        hook.status = 500
    elif trouble == "redirect":
        hook.status, hook.location = 302, f"http://127.0.0.1:{hook.port}/elsewhere"
    elif trouble == "nobody":
        settings = home(webhook(replace(hook, port=1)))
    elif trouble == "no secret":
        monkeypatch.delenv("HOOK_SECRET")
    else:
        settings.alerts_file.write_text("page = 3")
    builds.append(outcome(held=("L00001",)))
    assert runner.run_here(settings, RunRequest()).status == "held"
    assert "alert not sent: " in capsys.readouterr().err
    assert [path for path, _, _ in hook.requests if path == "/elsewhere"] == []
    if trouble == "wrong file":
        return
    (alert,) = service.listed(settings)
    (delivery,) = alert.deliveries
    assert (delivery.attempts, delivery.sent_at) == (1, None) and delivery.error
    # the next look tries again, and the channel hears of it once
    monkeypatch.setenv("HOOK_SECRET", "key")
    hook.status, hook.location = 200, ""
    before = len(hook.requests)
    settings = home(webhook(hook))
    for _ in range(2):
        assert service.check(settings).failures == ()
    assert told(hook)[before:] == ["held"]


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


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "channels"),
        ('[[channels]]\nkind = "pager"\nname = "p"\n', "pager"),
        ('[[channels]]\nkind = "slack"\nname = "p"\nurl_env = "A"\nurl = "x"\n', "url"),
        (
            '[[channels]]\nkind = "webhook"\nname = "p"\nurl = "http://far.example/"\nsecret_env = "A"\n',
            "https only",
        ),
        (
            '[[channels]]\nkind = "email"\nname = "p"\nhost = "far.example"\nsecurity = "none"\n'
            'user = "u"\npassword_env = "A"\nfrom = "a@b.c"\nto = ["a@b.c"]\n',
            "starttls or tls",
        ),
        (
            '[[channels]]\nkind = "email"\nname = "p"\nhost = "h"\nfrom = "a@b.c\\nBcc: x"\nto = ["a"]\n',
            "from",
        ),
        ('[quiet]\nfrom = 22:00:00\nuntil = 06:00:00\ntimezone = "Mars/Base"\n', "timezone"),
        ("[limits]\nlate_hours = 0\n", "late_hours"),
        ("nonsense", "TOML"),
    ],
)
def test_a_file_that_says_something_else_is_refused_with_its_place(home, text, place):
    with pytest.raises(InputRefused, match=place):
        read_alert_rules(home(text).alerts_file)


def test_without_a_file_nobody_is_told_and_nothing_is_read(tmp_path, builds):
    settings = load_settings(home=tmp_path / "home", wait_seconds=0)
    failing(settings, builds)
    assert service.listed(settings) == []
    with pytest.raises(InputRefused, match="alerts_file"):
        service.check(settings)


def test_a_try_reaches_every_channel_and_says_which_fail(home, hook):
    broken = webhook(replace(hook, port=1)).replace('"hook"', '"broken"')
    outcome = service.try_channels(home(webhook(hook) + broken))
    assert outcome["hook"] is None and "broken" in str(outcome["broken"])
    assert "nothing is wrong" in hook.documents[0]["alerts"][0]["text"]


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
