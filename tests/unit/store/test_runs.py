"""Runs and their nodes in the control file."""

import pytest

from pipeline.config import load_settings
from pipeline.store.control import run_nodes, run_results, runs
from pipeline.store.control.control_file import open_control


@pytest.fixture
def control(tmp_path):
    with open_control(load_settings(home=tmp_path)) as connection:
        yield connection


def ask(control, **changes):
    return runs.request(
        control,
        **{
            "verb": "build",
            "layers": ["landing_zone"],
            "as_of": None,
            "full_refresh": False,
            "paths": [],
            "requested_by": "somebody",
        }
        | changes,
    )


def finished(control, status="succeeded"):
    run, _ = ask(control, pid=1)
    runs.finish(control, run.run_id, status)
    return run.run_id


def test_asking_while_a_run_is_active_returns_that_run(control):
    first, is_new = ask(control)
    assert is_new and first.status == "queued"
    assert ask(control, layers=["standard_model"]) == (first, False)
    runs.start(control, first.run_id, 42)
    again, is_new = ask(control)
    assert not is_new and again.run_id == first.run_id and again.pid == 42


def test_a_cancelled_run_never_starts(control):
    run, _ = ask(control)
    assert runs.cancel_if_queued(control, run.run_id)
    assert not runs.start(control, run.run_id, 42)
    assert runs.get(control, run.run_id).status == "cancelled"


def test_the_end_of_a_run_is_written_once(control):
    run_id = finished(control)
    runs.finish(control, run_id, "failed", "too late")
    assert runs.get(control, run_id).status == "succeeded"


def test_run_ids_go_on_counting_and_the_newest_comes_first(control):
    assert [finished(control) for _ in range(3)] == ["R000001", "R000002", "R000003"]
    assert [run.run_id for run in runs.recent(control, 2)] == ["R000003", "R000002"]


def test_nodes_are_planned_then_updated_in_place(control):
    run, _ = ask(control)
    run_nodes.plan(
        control,
        run.run_id,
        [("m.a", "a", "landing_zone", "model"), ("t.b", "b", "landing_zone", "test")],
    )
    run_nodes.upsert(
        control,
        run.run_id,
        "m.a",
        "a",
        "landing_zone",
        "model",
        "running",
        "2026-01-01T00:00:00Z",
        None,
        None,
        None,
    )
    run_nodes.upsert(
        control, run.run_id, "m.a", "a", "landing_zone", "model", "success", None, 1.5, None, None
    )
    run_nodes.note_rows(control, run.run_id, {"a": 7})
    run_nodes.close_open(control, run.run_id)
    a, b = run_nodes.of_run(control, run.run_id)
    assert (a["status"], a["seconds"], a["rows"], a["started_at"]) == (
        "success",
        1.5,
        7,
        "2026-01-01T00:00:00Z",
    )
    assert b["status"] == "skipped"


def test_the_time_a_node_takes_is_that_of_its_last_published_run(control):
    for status, seconds in (("succeeded", 1.0), ("held", 2.0), ("failed", 9.0)):
        run, _ = ask(control, pid=1)
        run_nodes.upsert(
            control,
            run.run_id,
            "m.a",
            "a",
            "landing_zone",
            "model",
            "success",
            None,
            seconds,
            None,
            None,
        )
        runs.finish(control, run.run_id, status)
    finished(control)
    assert run_nodes.typical_seconds(control) == {"m.a": 2.0}


def test_first_seen_stays_and_the_builds_are_counted(control):
    run_results.note_quarantined(control, {"patients": ["L00001-2"]})
    first = run_results.first_seen(control)[("patients", "L00001-2")]
    run_results.note_quarantined(control, {"patients": ["L00001-2", "L00001-3"]})
    history = run_results.first_seen(control)
    assert history[("patients", "L00001-2")]["builds_open"] == 2
    assert history[("patients", "L00001-2")]["first_seen_at"] == first["first_seen_at"]
    assert history[("patients", "L00001-3")]["builds_open"] == 1
