"""A schedule in a time zone, carried out by the worker."""

import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli import main
from pipeline.connect.schedule import next_time
from pipeline.errors import InputRefused
from pipeline.orchestrate import scheduled, worker
from pipeline.services.upload import connectors
from pipeline.store.control import alerts, connector_schedules, runs
from pipeline.store.control import connectors as stored
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import FORMAT, now
from tests.receivers import http_server
from tests.unit.connect.conftest import patients


@pytest.fixture(autouse=True)
def no_process(monkeypatch):
    """Whoever asks for a sync would start a worker."""
    monkeypatch.setattr("pipeline.services.upload.connectors.ensure_worker", lambda _: None)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-27T12:00", "2026-03-28T01:30"),
        ("2026-03-28T12:00", "2026-03-29T01:00"),  # 02:30 does not exist: 03:00 in summer time
        ("2026-03-29T12:00", "2026-03-30T00:30"),
        ("2026-10-24T12:00", "2026-10-25T00:30"),  # 02:30 exists twice: once
        ("2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_a_moment_is_that_of_the_time_zone(after, expected):
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_time("30 2 * * *", "Europe/Berlin", moment) == f"{expected}:00Z"


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("* * *", "UTC"),
        ("61 * * * *", "UTC"),
        ("0 0 30 2 *", "UTC"),
        ("0 0 * * *", "../../etc/passwd"),
        ("0 0 * * *", ""),
    ],
)
def test_what_is_no_schedule_is_refused(place, cron, zone):
    place.add(str(place.source))
    with pytest.raises(InputRefused):
        connectors.schedule(place.settings, "source", cron, zone)
    assert connectors.listed(place.settings)[0].next_at is None


def make_due(place) -> None:
    with open_control(place.settings) as control:
        earlier = (now() - timedelta(minutes=5)).strftime(FORMAT)
        control.execute("update ops_connectors set next_at = ?", (earlier,))


def test_what_is_due_is_synced_once_and_built(place):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    assert scheduled.carry_out_due(place.settings) is None
    planned = connectors.schedule(place.settings, "source", "0 3 * * *", "America/New_York")
    assert planned.next_at > now().strftime(FORMAT)
    assert scheduled.carry_out_due(place.settings) is None
    make_due(place)
    assert "1 loaded, R000001 is queued" in scheduled.carry_out_due(place.settings)
    assert scheduled.carry_out_due(place.settings) is None
    (listed,) = connectors.listed(place.settings)
    assert listed.next_at == planned.next_at and listed.last_status == "done"
    with open_control(place.settings) as control:
        assert stored.syncs(control)[0]["asked_by"] == "schedule"
        assert runs.active(control).requested_by == "sync source"


def test_a_paused_connector_is_not_synced_until_it_is_resumed_or_asked(place):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    connectors.schedule(place.settings, "source", "*/5 * * * *", "UTC")
    make_due(place)
    connectors.pause(place.settings, "source")
    assert scheduled.carry_out_due(place.settings) is None
    assert not scheduled.is_awaited(place.settings)
    connectors.ask(place.settings, "source")
    assert "1 loaded" in scheduled.carry_out_due(place.settings)
    (listed,) = connectors.listed(place.settings)
    assert listed.is_paused and listed.next_at is None
    assert connectors.resume(place.settings, "source").next_at is not None
    assert connectors.unschedule(place.settings, "source").next_at is None


def test_a_sync_that_fails_waits_for_its_next_time_and_is_on_record(place):
    place.add(str(place.source))
    connectors.schedule(place.settings, "source", "*/5 * * * *", "UTC")
    place.source.rmdir()
    make_due(place)
    assert "holds nothing under this address" in scheduled.carry_out_due(place.settings)
    (listed,) = connectors.listed(place.settings)
    assert listed.last_status == "failed" and listed.next_at > now().strftime(FORMAT)
    assert "holds nothing" in listed.last_error


def test_a_sync_that_fails_is_an_alert_until_one_succeeds(place, tmp_path, monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", "secret")
    with http_server() as hook:
        (tmp_path / "alerts.toml").write_text(
            'page = "https://workbench.example/"\nname = "Test"\n[[channels]]\nkind = "webhook"\n'
            f'name = "hook"\nurl = "http://127.0.0.1:{hook.port}/in"\nsecret_env = "HOOK_SECRET"\n'
        )
        place.settings = replace(place.settings, alerts_file=tmp_path / "alerts.toml")
        place.add(str(place.source))
        connectors.schedule(place.settings, "source", "*/5 * * * *", "UTC")
        place.source.rename(tmp_path / "Jane Roe")
        for _ in range(2):
            make_due(place)
            scheduled.carry_out_due(place.settings)
        ((_, _, body),) = hook.requests
        assert b"connector source failed" in body and b"Jane" not in body
        (tmp_path / "Jane Roe").rename(place.source)
        make_due(place)
        scheduled.carry_out_due(place.settings)
        with open_control(place.settings) as control:
            assert alerts.open_alerts(control) == []


def test_what_was_brought_before_a_worker_died_is_built_by_the_next(place):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    connectors.schedule(place.settings, "source", "*/5 * * * *", "UTC")
    place.sync()
    make_due(place)
    assert "0 loaded, R000001 is queued" in scheduled.carry_out_due(place.settings)


def test_the_worker_stays_while_a_sync_is_awaited_and_carries_it_out(place, monkeypatch):
    monkeypatch.setattr(worker, "SYNC_LOOK_SECONDS", 0.05)
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    connectors.schedule(place.settings, "source", "*/5 * * * *", "UTC")
    carried_out = []
    monkeypatch.setattr(worker, "_carry_out", lambda settings, run: carried_out.append(end(run)))

    def end(run):
        with open_control(place.settings) as control:
            runs.cancel_if_queued(control, run.run_id)
        return run.requested_by

    serving = threading.Thread(target=worker._serve, args=(place.settings, 0.3))
    serving.start()
    time.sleep(0.6)
    assert serving.is_alive() and carried_out == []
    make_due(place)
    deadline = time.monotonic() + 20
    while not carried_out and time.monotonic() < deadline:
        time.sleep(0.05)
    assert carried_out == ["sync source"] and len(place.loads()) == 1
    connectors.pause(place.settings, "source")
    serving.join(20)
    assert not serving.is_alive()


def test_the_command_line_of_a_schedule(place, capsys):
    place.add(str(place.source))

    def call(*words):
        code = main.main(["--home", str(place.settings.home), *words, "--json"])
        return code, json.loads(capsys.readouterr()[0])

    code, document = call(
        "connectors", "schedule", "source", "0 3 * * 1-5", "--timezone", "Europe/Berlin"
    )
    assert code == 0 and document["next_at"] and document["cron"] == "0 3 * * 1-5"
    assert call("connectors", "pause", "source")[1]["next_at"] is None
    assert call("connectors", "resume", "source")[1]["next_at"] == document["next_at"]
    assert call("sync", "source", "--enqueue")[1]["enqueued"] == ["source"]
    assert call("connectors", "schedule", "source", "--off")[1]["cron"] is None
    assert call("connectors", "schedule", "source")[0] == 2
    with open_control(place.settings) as control:
        assert connector_schedules.all_schedules(control)["source"].asked_by
