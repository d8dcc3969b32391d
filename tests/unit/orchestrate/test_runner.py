"""A run is recorded however it ends. The build itself is stood in for here; tests/dbt runs the real
one.
"""

import os
import signal
from dataclasses import replace

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused, PipelineBusy, PipelineError, RunCancelled, RunFailed
from pipeline.orchestrate import intake, queue, runner
from pipeline.orchestrate.inputs import build_identity
from pipeline.orchestrate.listener import RunListener
from pipeline.orchestrate.lock import hold_lock, lock_holder
from pipeline.orchestrate.queue import RunRequest, record_request
from pipeline.orchestrate.results import RunResult
from pipeline.orchestrate.steps import STEPS, layers_named
from pipeline.store.control import process_identity, run_nodes, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import transaction
from pipeline.store.warehouse import builds
from pipeline.transform.records import NodeResult, PlannedNode
from tests.factories import patient, write_delivery
from tests.unit.orchestrate.stand_in import outcome


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", wait_seconds=0)


@pytest.fixture
def stand_in(monkeypatch):
    def become(end):
        def build(settings, request, listener):
            listener.on_plan(
                [
                    PlannedNode("m.a", "a", "landing_zone", "model"),
                    PlannedNode("m.b", "b", "landing_zone", "model"),
                ]
            )
            listener.on_node(
                NodeResult("m.a", "a", "landing_zone", "model", "success", seconds=0.1)
            )
            listener.check()
            return end(settings, request.run_id) if callable(end) else end

        monkeypatch.setattr(runner, "build", build)

    return become


class Listener(RunListener):
    def __init__(self):
        self.heard = []

    def loading(self, path, percent):
        self.heard.append(("loading", path, percent))

    def plan(self, nodes):
        self.heard.append(("plan", [node.name for node in nodes]))

    def note(self, node):
        self.heard.append(("note", node.name))


def raising(error):
    def end(settings, run_id):
        raise error

    return end


def last_run(settings):
    with open_control(settings) as control:
        run = runs.recent(control, 1)[0]
        return run, run_nodes.of_run(control, run.run_id)


def test_a_run_that_succeeds_is_recorded_with_rows_and_result(settings, stand_in):
    stand_in(outcome())
    listener = Listener()
    result = runner.run_here(settings, RunRequest(), listener)
    run, nodes = last_run(settings)
    assert (result.status, run.status, run.as_of, run.pid) == (
        "succeeded",
        "succeeded",
        "2026-01-01",
        os.getpid(),
    )
    assert run.result["build_id"] == "b1" and [node["rows"] for node in nodes] == [3, None]
    assert listener.heard == [("plan", ["a", "b"]), ("note", "a")]
    assert lock_holder(settings) is None


def test_a_run_tells_how_far_each_path_is_loaded(settings, tmp_path):
    folder = str(write_delivery(tmp_path / "new", patients=[patient(1)]))
    listener = Listener()
    runner.run_here(settings, RunRequest("ingest", paths=(folder,)), listener)
    assert listener.heard[-1] == ("loading", folder, 100)


def test_a_run_with_a_load_at_the_gate_is_held(settings, stand_in):
    stand_in(outcome(held=["L00003"]))
    assert runner.run_here(settings, RunRequest()).status == "held"
    assert last_run(settings)[0].status == "held"


@pytest.mark.parametrize(
    ("error", "raised", "status"),
    [
        (RunFailed("a model failed"), RunFailed, "failed"),
        (KeyboardInterrupt(), RunCancelled, "cancelled"),
        (ValueError("a bug"), RunFailed, "failed"),
        (InputRefused("nothing is loaded"), InputRefused, "failed"),
    ],
)
def test_a_run_that_ends_badly_is_recorded_and_lets_go_of_the_lock(
    settings, stand_in, error, raised, status
):
    stand_in(raising(error))
    with pytest.raises(raised):
        runner.run_here(settings, RunRequest())
    run, nodes = last_run(settings)
    assert run.status == status and run.error
    assert [node["status"] for node in nodes] == ["success", "skipped"]
    assert lock_holder(settings) is None


def test_a_cancel_that_was_asked_for_ends_the_run_at_the_next_step(settings, stand_in, monkeypatch):
    stand_in(outcome())
    run, _ = record_request(settings, RunRequest())
    with open_control(settings) as control:
        runs.ask_to_cancel(control, run.run_id)
    with pytest.raises(RunCancelled):
        runner.run_queued(settings, run)
    assert last_run(settings)[0].status == "cancelled"


@pytest.mark.usefixtures("python_handles_sigint")
@pytest.mark.parametrize(
    "made_of_it", [RunFailed("dbt failed"), SystemError("no exception set"), RuntimeError("what?")]
)
def test_a_run_was_cancelled_whatever_a_library_made_of_the_interrupt(
    settings, stand_in, made_of_it
):
    def end(settings, run_id):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise made_of_it from None

    stand_in(end)
    with pytest.raises(RunCancelled):
        runner.run_here(settings, RunRequest("build"))
    assert last_run(settings)[0].status == "cancelled"


@pytest.mark.parametrize("is_here", [True, False])
def test_a_cancel_interrupts_a_process_of_this_machine_only(settings, monkeypatch, is_here):
    """Containers that share a home have numbers of their own: process 1 of the other one is the
    server of this one.
    """
    interrupted = []
    monkeypatch.setattr("os.kill", lambda pid, number: interrupted.append(pid))
    with hold_lock(settings, "a build"):
        run, _ = record_request(settings, RunRequest(), pid=os.getpid())
        if not is_here:
            elsewhere = replace(process_identity.this_process(), place="another container")
            monkeypatch.setattr(process_identity, "this_process", lambda: elsewhere)
        assert queue.cancel(settings, run.run_id).cancel_requested
    assert interrupted == ([os.getpid()] if is_here else [])


def test_a_run_cancelled_in_the_queue_is_not_carried_out(settings, stand_in):
    stand_in(raising(AssertionError("must not run")))
    run, _ = record_request(settings, RunRequest())
    assert queue.cancel(settings, run.run_id).status == "cancelled"
    assert runner.run_queued(settings, run) is None


def test_a_second_run_is_turned_away(settings, stand_in):
    stand_in(lambda settings, run_id: runner.run_here(settings, RunRequest()))
    with pytest.raises(PipelineBusy, match="R000001"):
        runner.run_here(settings, RunRequest())


def test_a_run_whose_process_died_is_closed(settings):
    with hold_lock(settings, "a build"):
        run, _ = record_request(settings, RunRequest(), pid=os.getpid())
        assert queue.active(settings).run_id == run.run_id
    assert queue.active(settings) is None
    assert last_run(settings)[0].status == "failed"
    assert "the process died" in last_run(settings)[0].error


def test_a_run_that_died_after_its_commit_counts_as_published(settings):
    intake.prepare(settings)
    run, _ = record_request(settings, RunRequest(), pid=os.getpid())
    result = RunResult(run.run_id, "held", 1.5, "2026-01-31", "b1", row_counts={"std_patient": 7})
    with open_warehouse(settings, write=True) as warehouse, transaction(warehouse):
        builds.mark_published(warehouse, run.run_id, "b1", result.as_dict())
    queue.close_dead_runs(settings)
    closed = last_run(settings)[0]
    assert (closed.status, closed.as_of) == ("held", "2026-01-31")
    assert closed.error == "the process died after it had published"
    assert closed.result["row_counts"] == {"std_patient": 7}


def test_an_older_run_of_the_same_id_does_not_count_for_one_that_died(settings):
    intake.prepare(settings)
    with open_warehouse(settings, write=True) as warehouse, transaction(warehouse):
        warehouse.execute(
            "insert into ops_published_runs values ('R000001', 'b1', '2020-01-01T00:00:00Z', '{}')"
        )
    record_request(settings, RunRequest(), pid=os.getpid())
    queue.close_dead_runs(settings)
    assert last_run(settings)[0].status == "failed"


def test_a_path_or_layer_or_day_that_does_not_exist_is_refused_before_anything_is_recorded(
    settings,
):
    for changes in ({"paths": ["/no/such/file"]}, {"layers": ["no_layer"]}, {"as_of": "20260101"}):
        with pytest.raises(InputRefused):
            RunRequest.checked(
                **{
                    "verb": "run",
                    "layers": None,
                    "full_refresh": False,
                    "as_of": None,
                    "paths": (),
                    "requested_by": "",
                }
                | changes
            )
    assert not settings.control_path.exists()


def test_the_same_loads_decisions_and_day_give_the_same_build_id():
    load = {"load_id": "L00001", "sha256": "a", "date_order": None, "words": None}
    loads = [load]
    first = build_identity(loads, ["D000001"], "2026-01-01")
    assert first == build_identity(loads, ["D000001"], "2026-01-01") and len(first) == 12
    assert (
        len(
            {
                first,
                build_identity(loads, [], "2026-01-01"),
                build_identity(loads, ["D000001"], "2026-01-02"),
                build_identity([load | {"sha256": "b"}], ["D000001"], "2026-01-01"),
                build_identity([load | {"date_order": "MDY"}], ["D000001"], "2026-01-01"),
                build_identity([load | {"words": "a1"}], ["D000001"], "2026-01-01"),
            }
        )
        == 6
    )


def test_layers_come_in_the_order_of_the_flow_and_each_step_follows_the_one_before():
    assert [layer.label for layer in layers_named(["feature_store", "landing_zone"])] == [
        "landing_zone",
        "feature_store",
    ]
    assert len(layers_named(None)) == 4
    assert [step.after for step in STEPS[1:]] == [(step.name,) for step in STEPS[:-1]]


def test_a_home_whose_warehouse_was_lost_is_not_taken_for_an_empty_one(settings, stand_in):
    assert queue.anything_loaded(settings) is False
    stand_in(outcome())
    runner.run_here(settings, RunRequest(layers=("landing_zone",)))
    for path in settings.home.glob("icon_health.db*"):
        path.unlink()
    with pytest.raises(PipelineError, match="R000001 published into it .*backup"):
        queue.anything_loaded(settings)
