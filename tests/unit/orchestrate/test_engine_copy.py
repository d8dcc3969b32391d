"""What becomes of the file of a copy: only what is whole and equal takes its place, whenever the
process that makes it dies, and one process makes it at a time.
"""

import os
import signal
import subprocess
import sys

import pytest

from pipeline.config.project import PROJECT_DIR
from pipeline.errors import InputRefused, PipelineBusy, RunFailed
from pipeline.orchestrate import engine_copy

pytest.importorskip("dbt.adapters.duckdb")
#: Updates `argv[2]`, and stands still in the step `argv[3]`.
STANDS_STILL = """
import sys, time
from pathlib import Path
from pipeline.config import load_settings
from pipeline.orchestrate import engine_copy

def step(settings, name, file, lock):
    file.write_text("half done")
    if name == sys.argv[3]:
        print("there", flush=True)
        time.sleep(60)
    return {}

engine_copy.carried_out = step
engine_copy._state_of_build = lambda settings: ("build", "moment")
engine_copy.update_in_duckdb(load_settings(home=Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.fixture
def steps(monkeypatch):
    """Names of the steps that were asked for; `answers` may be changed."""
    asked, answers = [], {"update": {"raw_patients": 1}, "copy": {"raw_patients": 9}}
    answers |= {"build": 3, "compare": []}

    def step(settings, name, file, lock):
        asked.append(name)
        file.write_text(f"{file.read_text() if file.exists() else ''} {name}")
        return answers[name]

    monkeypatch.setattr(engine_copy, "carried_out", step)
    monkeypatch.setattr(engine_copy, "_state_of_build", lambda settings: ("build", "moment"))
    return asked, answers


@pytest.fixture
def file(tmp_path):
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "copy.duckdb"
    path.write_text("old")
    return path


def test_an_update_goes_on_from_the_file(settings, file, steps):
    made = engine_copy.update_in_duckdb(settings, file)
    assert (made.is_anew, made.copied) == (False, {"raw_patients": 1})
    assert file.read_text() == "old update build compare"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("why", ["asked", "no successor"])
def test_an_update_may_begin_anew(settings, file, steps, why):
    _, answers = steps
    if why == "no successor":
        answers["update"] = None
    made = engine_copy.update_in_duckdb(settings, file, full_refresh=why == "asked")
    assert (made.is_anew, made.copied) == (True, {"raw_patients": 9})
    assert file.read_text() == " copy build compare"


def test_what_differs_leaves_the_file_as_it_was(settings, file, steps):
    _, answers = steps
    answers["compare"] = [
        {"relation": "a", "sqlite_rows": 2, "duckdb_rows": 1, "only_sqlite": 1, "columns": ["x"]}
    ]
    assert not engine_copy.update_in_duckdb(settings, file).is_equal
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


def test_a_home_that_is_built_meanwhile_is_no_copy(settings, file, steps, monkeypatch):
    builds = iter([("one", "moment"), ("two", "moment")])
    monkeypatch.setattr(engine_copy, "_state_of_build", lambda settings: next(builds))
    with pytest.raises(RunFailed, match="built meanwhile"):
        engine_copy.update_in_duckdb(settings, file)
    assert file.read_text() == "old"


def test_a_log_that_is_not_in_the_file_is_no_copy(settings, file, steps, monkeypatch):
    step = engine_copy.carried_out

    def leaves_a_log(settings, name, path, lock):
        path.with_name(f"{path.name}.wal").touch()
        return step(settings, name, path, lock)

    monkeypatch.setattr(engine_copy, "carried_out", leaves_a_log)
    with pytest.raises(RunFailed, match="did not finish its file"):
        engine_copy.update_in_duckdb(settings, file)
    assert file.read_text() == "old"


def test_there_is_nothing_to_update_before_the_first_copy(settings, tmp_path, steps):
    with pytest.raises(InputRefused, match="no such file"):
        engine_copy.update_in_duckdb(settings, tmp_path / "none.duckdb")


@pytest.mark.parametrize("step", ["update", "build", "compare"])
def test_a_killed_update_leaves_the_file_and_the_next_one_clears_up(settings, file, steps, step):
    command = [sys.executable, "-c", STANDS_STILL, settings.home, file, step]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT_DIR) as process:
        assert process.stdout.readline() == "there\n"
        with pytest.raises(PipelineBusy, match="another process makes this file"):
            engine_copy.update_in_duckdb(settings, file)
        os.kill(process.pid, signal.SIGKILL)
    assert file.read_text() == "old"
    assert engine_copy.update_in_duckdb(settings, file).is_equal
    assert file.read_text() == "old update build compare"
    assert list(file.parent.iterdir()) == [file]
