"""How runs end that somebody ends: a signal is a cancellation with an answer and a record, a kill
after the commit loses no result.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.run import runs
from pipeline.store.control import run_results
from pipeline.store.control.control_file import open_control

KILLED_BEFORE_THE_RECORD = """
import os, sys
from pipeline.orchestrate import runner
runner.record_success = lambda *end: os.kill(os.getpid(), 9)
from pipeline.cli.main import main
main(sys.argv[1:])
"""
ANOTHER_DAY = "2031-05-06"


@pytest.fixture
def home(sample_home, tmp_path):
    copy = tmp_path / "home"
    shutil.copytree(sample_home, copy)
    return copy


def command(home, *words, code=("-m", "pipeline")):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(PROJECT_DIR), os.environ["PYTHONPATH"]]),
    }
    return subprocess.Popen(
        [sys.executable, *code, "--home", str(home), *words, "--json"],
        cwd=PROJECT_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # as a shell starts a job in the background
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cancels_a_run_with_an_answer_and_a_record(home, number):
    settings = load_settings(home=home)
    before = runs.recent(settings, 1).iloc[0]
    process = command(home, "build", "--as-of", ANOTHER_DAY, "--full-refresh")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and runs.active(settings) is None:
        time.sleep(0.02)
    process.send_signal(number)
    answer = json.loads(process.communicate(timeout=120)[0])
    assert (process.returncode, answer["error"]["kind"]) == (130, "RunCancelled")
    record = runs.recent(settings, 1).iloc[0]
    assert record.run_id > before.run_id
    assert (record.run_id, record.status) == (answer["run_id"], "cancelled")


def test_a_run_killed_between_its_commit_and_its_record_has_all_its_results(home, tmp_path):
    twin = tmp_path / "twin"
    shutil.copytree(home, twin)
    whole = runs.run_now(load_settings(home=twin), as_of=ANOTHER_DAY)

    settings = load_settings(home=home)
    process = command(home, "build", "--as-of", ANOTHER_DAY, code=("-c", KILLED_BEFORE_THE_RECORD))
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL

    run = runs.get(settings, whole.run_id)
    timeless = {"duration_seconds": 0.0, "layers": (), "seconds_by_part": {}}
    expected = json.loads(json.dumps(replace(whole, **timeless).as_dict()))
    assert {**run.result, **timeless, "layers": []} == expected
    assert (run.status, run.as_of) == (whole.status, ANOTHER_DAY)
    results = []
    for each in (settings, load_settings(home=twin)):
        with open_control(each) as control:
            open_rows = run_results.first_seen(control)
        results.append({row: seen["builds_open"] for row, seen in open_rows.items()})
    assert results[0] == results[1] != {}
