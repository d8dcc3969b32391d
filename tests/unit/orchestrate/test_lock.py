"""One process at a time; a dead holder is no holder, and one that stood still publishes nothing."""

import os
import signal
import subprocess
import sys
import time

import pytest

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import PipelineBusy
from pipeline.orchestrate.lock import hold_lock, lock_holder
from pipeline.orchestrate.queue import RunRequest, close_dead_runs, record_request
from pipeline.store.backup import back_up, restore
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from pipeline.transform.one_transaction import one_transaction
from tests.warehouse import query

HOLD = """
import sys, time
from pipeline.config import load_settings
from pipeline.orchestrate.lock import hold_lock
with hold_lock(load_settings(home=sys.argv[1]), "another build"):
    print("held", flush=True)
    time.sleep(60)
"""
#: Publishes a row in one transaction as a build does; stands still in the middle, or before.
PUBLISH = """
import sys
from pipeline.config import load_settings
from pipeline.errors import LeaseLost
from pipeline.orchestrate.lock import hold_lock
from pipeline.transform.one_transaction import one_transaction
def stop(place):
    if place == sys.argv[2]:
        print("here", flush=True)
        sys.stdin.readline()
settings = load_settings(home=sys.argv[1], lease_seconds=1)
try:
    with hold_lock(settings, "a slow build"):
        stop("before")
        with one_transaction(settings) as transaction:
            transaction.connection.execute("insert into published values ('slow')")
            stop("within")
except LeaseLost as lost:
    print("lost", lost.exit_code, flush=True)
"""
#: Adds one to a number in a file, slowly, as often as it gets the lock.
COUNT = """
import sys, time
from pathlib import Path
from pipeline.config import load_settings
from pipeline.orchestrate.lock import hold_lock
settings, file = load_settings(home=sys.argv[1]), Path(sys.argv[2])
for _ in range(int(sys.argv[3])):
    with hold_lock(settings, "a count", 60):
        number = int(file.read_text())
        time.sleep(0.01)
        file.write_text(str(number + 1))
"""


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", lease_seconds=1)


def started(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
    )


@pytest.fixture
def other_process(settings):
    process = started(HOLD, settings.home)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_told_who_is_at_work(settings, other_process):
    with (
        pytest.raises(PipelineBusy, match=f"another build .process {other_process.pid}."),
        hold_lock(settings, "mine", 0.1),
    ):
        pass
    assert lock_holder(settings).pid == other_process.pid


def test_the_lock_goes_with_a_killed_holder_that_nobody_has_asked_about(settings, other_process):
    """A killed child is a process until its parent asks for its end; it holds nothing all the
    same, and the seconds of its lease are not waited for.
    """
    began = time.monotonic()
    os.kill(other_process.pid, signal.SIGKILL)
    with hold_lock(settings, "mine", 5.0):
        assert time.monotonic() - began < 1
        assert lock_holder(settings).who == "mine"
    assert lock_holder(settings) is None


def test_looking_at_the_lock_does_not_keep_it_from_anybody(settings):
    with hold_lock(settings, "first"):
        pass
    assert lock_holder(settings) is None
    with hold_lock(settings, "second", 0.0):
        assert lock_holder(settings).pid == os.getpid()


def test_a_second_thread_of_the_holder_waits_like_everybody(settings):
    with hold_lock(settings, "first"), pytest.raises(PipelineBusy, match="first"):
        with hold_lock(settings, "second", 0.2):
            pass


def test_a_holder_that_works_for_many_leases_keeps_it(settings, other_process):
    ending = time.monotonic() + 3.5
    while time.monotonic() < ending:
        assert lock_holder(settings).pid == other_process.pid
        time.sleep(0.1)


def test_processes_that_race_never_work_at_once(settings, tmp_path):
    counter = tmp_path / "count"
    counter.write_text("0")
    racers = [started(COUNT, settings.home, counter, 12) for _ in range(3)]
    assert [racer.wait(120) for racer in racers] == [0, 0, 0]
    for racer in racers:
        racer.communicate()
    assert counter.read_text() == "36"


@pytest.mark.parametrize("place", ["before", "within"])
def test_who_stands_still_and_wakes_after_a_takeover_publishes_nothing(settings, place):
    prepare_warehouse(settings, {})
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("create table published (writer text)")
    slow = started(PUBLISH, settings.home, place)
    assert slow.stdout.readline() == "here\n"
    os.kill(slow.pid, signal.SIGSTOP)
    with hold_lock(settings, "a takeover", 20.0) as mine:
        os.kill(slow.pid, signal.SIGCONT)
        out, _ = slow.communicate("go on\n", timeout=60)
        assert out == "lost 75\n"
        assert query(settings.home, "select * from published") == []
        with one_transaction(settings) as transaction:
            transaction.connection.execute("insert into published values ('fast')")
    assert query(settings.home, "select * from published") == [("fast",)]
    assert query(settings.home, "select number from ops_fence") == [(mine.number,)]


def test_a_run_is_dead_with_its_lease_even_when_its_process_number_is_at_work_again(settings):
    """The number of a process on another machine may be that of the owner here."""
    with hold_lock(settings, "a build"):
        run, _ = record_request(settings, RunRequest(), pid=os.getpid())
        close_dead_runs(settings)
        with open_control(settings) as control:
            assert runs.get(control, run.run_id).status == "running"
    with hold_lock(settings, "another build"):
        close_dead_runs(settings)
    with open_control(settings) as control:
        assert runs.get(control, run.run_id).status == "failed"


def test_a_backup_that_was_taken_during_a_run_is_not_locked(settings, tmp_path):
    with hold_lock(settings, "a build"):
        back_up(settings, tmp_path / "backup")
        other = load_settings(home=tmp_path / "other")
        restore(other, tmp_path / "backup")
        with hold_lock(other, "another home", 0.0):
            assert lock_holder(settings).who == "a build"
