"""The worker is a process of its own: started when needed, one a home, gone when idle or when its
home is.
"""

import os
import shutil
import signal
import time

import pytest

from pipeline.config import load_settings
from pipeline.orchestrate import worker
from pipeline.orchestrate.lock import lock_holder
from pipeline.services.run import run_steps, runs
from pipeline.services.upload import connectors
from pipeline.store.control import runs as run_records
from pipeline.store.control.control_file import open_control
from tests.warehouse import copied, query


def until(condition, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


@pytest.fixture
def settings(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    yield settings
    pid = worker.worker_pid(settings) if settings.home.exists() else None
    if pid:
        os.kill(pid, signal.SIGTERM)
        until(lambda: worker.worker_pid(settings) is None)


def test_a_request_outlives_the_worker_that_was_to_carry_it_out(settings):
    # the home is empty, so each run ends by being refused: what counts here is who carries it out
    # and that it is recorded
    run = runs.submit(settings)
    assert until(lambda: worker.worker_pid(settings))
    assert runs.submit(settings).run_id == run.run_id
    first = worker.worker_pid(settings)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: worker.worker_pid(settings) is None)

    worker.ensure_worker(settings)
    worker.ensure_worker(settings)
    ended = runs.wait(settings, run.run_id, 30)
    assert (ended.status, "nothing is loaded" in ended.error) == ("failed", True)
    assert ended.pid == worker.worker_pid(settings) != first

    os.kill(ended.pid, signal.SIGINT)
    again = runs.submit(settings)
    assert runs.wait(settings, again.run_id, 30).pid == ended.pid

    # moved away in one step: a deletion file by file races with the worker closing its files
    settings.home.rename(settings.home.with_name("gone"))
    assert until(lambda: not _lives(ended.pid))
    assert not settings.home.exists()


def test_a_worker_nobody_asks_ends_and_a_new_request_starts_another(settings):
    with open_control(settings):
        worker.ensure_worker(settings, idle_seconds=0)
        assert until(lambda: worker.worker_pid(settings))
        assert until(lambda: worker.worker_pid(settings) is None)


def test_a_worker_told_to_end_while_it_builds_ends_and_says_so_and_leaves_the_tables(
    sample_home, tmp_path
):
    settings = load_settings(home=shutil.copytree(sample_home, tmp_path / "sample"))
    before = query(settings.home, "select count(*), sum(encounter_count) from provider_scorecard")
    run = runs.submit(settings, full_refresh=True)
    assert until(
        lambda: "success" in set(run_steps.progress(settings, run.run_id).nodes["status"]), 120
    )
    pid = worker.worker_pid(settings)
    os.kill(pid, signal.SIGTERM)
    assert until(lambda: not _lives(pid), 60)
    ended = runs.get(settings, run.run_id)
    assert (ended.status, "was told to end" in ended.error) == ("failed", True)
    assert lock_holder(settings) is None and worker.worker_pid(settings) is None
    assert (
        query(settings.home, "select count(*), sum(encounter_count) from provider_scorecard")
        == before
    )


def test_progress_tells_what_is_done_and_what_is_left(settings):
    with open_control(settings) as control:
        run, _ = run_records.request(
            control, "build", ["landing_zone"], None, False, [], "somebody"
        )
        control.executemany(
            "insert into ops_run_nodes (run_id, node, name, layer, kind, status, seconds, started_at) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    run.run_id,
                    "m.a",
                    "a",
                    "landing_zone",
                    "model",
                    "success",
                    1.0,
                    "2026-01-01T00:00:00Z",
                ),
                (run.run_id, "m.b", "b", "landing_zone", "model", "queued", None, None),
            ],
        )
    progress = run_steps.progress(settings, run.run_id)
    assert (progress.done, progress.total, progress.seconds_left) == (1, 2, None)
    assert "success model a 1.00 s" in progress.log_tail
    assert runs.cancel(settings, run.run_id).status == "cancelled"
    assert runs.recent(settings)["run_id"].tolist() == [run.run_id]


def _lives(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
        os.kill(pid, 0)
    except (ChildProcessError, ProcessLookupError):
        return False
    return True


def test_a_scheduled_sync_is_loaded_and_built_by_the_worker(sample_home, settings, tmp_path):
    copied(sample_home, settings.home)
    source = tmp_path / "source"
    source.mkdir()
    rows = "".join(f"P{number:06d},female,1950-01-02\n" for number in range(5))
    (source / "patients.csv").write_text(f"patient_id,gender,birth_date\n{rows}")
    connectors.add(settings, "drop", str(source), {"settle_seconds": "0"})
    connectors.schedule(settings, "drop", "0 0 1 1 *", "Europe/Berlin")
    connectors.ask(settings, "drop")

    def built():
        with open_control(settings) as control:
            newest = run_records.recent(control, 1)
        return newest and newest[0].requested_by == "sync drop" and newest[0].finished_at

    assert until(built, 60)
    assert query(
        settings.home, "select count(*) from raw_patients where patient_id = 'P000003'"
    ) == [(1,)]
    (connector,) = connectors.listed(settings)
    assert (connector.last_status, connector.next_at[5:10]) == ("done", "12-31")
    assert worker.worker_pid(settings)
