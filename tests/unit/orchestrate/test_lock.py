"""One process at a time; a dead holder is no holder."""

import os
import subprocess
import sys
import time

import pytest

from pipeline.config import PROJECT_DIR, load_settings
from pipeline.errors import PipelineBusy
from pipeline.orchestrate.lock import hold_lock, lock_holder

HOLD = """
import sys, time
from pipeline.config import load_settings
from pipeline.orchestrate.lock import hold_lock
with hold_lock(load_settings(home=sys.argv[1]), "another build"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home")


@pytest.fixture
def other_process(settings):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_process_is_told_who_is_at_work(settings, other_process):
    with (
        pytest.raises(PipelineBusy, match=f"another build .process {other_process.pid}."),
        hold_lock(settings, "mine", 0.1),
    ):
        pass
    assert lock_holder(settings).pid == other_process.pid


def test_the_lock_goes_with_a_killed_holder(settings, other_process):
    other_process.kill()
    other_process.wait()
    assert lock_holder(settings) is None
    with hold_lock(settings, "mine", 0.1):
        assert lock_holder(settings).who == "mine"


def test_looking_at_the_lock_does_not_keep_it_from_anybody(settings):
    with hold_lock(settings, "first"):
        pass
    assert lock_holder(settings) is None
    with hold_lock(settings, "second", 0.0):
        assert lock_holder(settings).pid == os.getpid()


def test_waiting_ends_when_the_lock_is_let_go(settings, other_process):
    started = time.monotonic()
    os.kill(other_process.pid, 9)
    with hold_lock(settings, "mine", 5.0):
        assert time.monotonic() - started < 4
