"""What the audit trail does not bear out reaches no build, and the run says so."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.access import audit
from pipeline.services.quarantine import decisions
from pipeline.services.run import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse


@pytest.fixture
def settings(sample_home, tmp_path):
    """A copy of the finished sample."""
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))


def test_a_forged_decision_is_not_built_and_the_run_and_the_status_say_so(settings):
    with open_warehouse(settings) as warehouse:
        rows = [row for (row,) in warehouse.execute("select _row_id from raw_patients limit 2")]
    true, forged = decisions.reject(settings, "patients", rows, "test rows", "Ada")
    with open_control(settings) as control:
        control.execute(
            "update ops_decisions set author = 'Grace' where decision_id = ?", (forged,)
        )
    result = runs.run_now(settings)
    assert result.unverified_decisions == {forged: "was changed after it was made"}
    with open_warehouse(settings) as warehouse:
        assert [row for (row,) in warehouse.execute("select decision_id from ops_decisions")] == [
            true
        ]
        noted = warehouse.execute("select n, hash from ops_audit_heads").fetchall()
    state = audit.verify(settings)
    assert state.decisions == {forged: "was changed after it was made"} and not state.problems
    assert noted and runs.get(settings, result.run_id).result["unverified_decisions"]


def held(settings) -> list[str]:
    with open_warehouse(settings) as warehouse:
        return [
            name
            for (name,) in warehouse.execute(
                "select load_id from ops_loads where gate = 'held' order by load_id"
            )
        ]


#: Releases a load and dies before the warehouse hears of it.
KILLED = """
import os, signal, sys
from pipeline.config import load_settings
from pipeline.services.upload import loads
from pipeline.store.warehouse import loads as stored
stored.set_gate = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
loads.release(load_settings(home=sys.argv[1]), sys.argv[2], "looked at it", "Ada")
"""


def test_a_release_that_is_killed_between_the_two_files_has_its_author_and_takes_effect(settings):
    with open_warehouse(settings, write=True) as warehouse:
        (load_id,) = warehouse.execute(
            "select load_id from ops_loads where entity = 'patients'"
        ).fetchone()
        warehouse.execute("update ops_loads set gate = 'held' where load_id = ?", (load_id,))
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.home), load_id], cwd=PROJECT_DIR
    )
    assert process.returncode == -signal.SIGKILL
    assert held(settings) == [load_id] and audit.verify(settings).is_good
    with open_control(settings) as control:
        assert control.execute("select load_id, author from ops_gate_releases").fetchall() == [
            (load_id, "Ada")
        ]
    runs.run_now(settings)
    with open_warehouse(settings) as warehouse:
        assert warehouse.execute(
            "select gate from ops_loads where load_id = ?", (load_id,)
        ).fetchone() == ("released",)


def test_a_gate_that_nobody_is_on_record_to_have_opened_is_judged_again(settings):
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("update ops_loads set gate = 'released'")
    runs.run_now(settings)
    with open_warehouse(settings) as warehouse:
        assert warehouse.execute(
            "select count(*) from ops_loads where gate = 'released'"
        ).fetchone() == (0,)


#: Records decisions one after another until it dies.
DECIDING = """
import sys
from pipeline.config import load_settings
from pipeline.services.quarantine import decisions
settings = load_settings(home=sys.argv[1])
print("ready", flush=True)
while True:
    decisions.reject(settings, "patients", sys.argv[2:], "test rows", "Ada")
"""


def test_a_decision_is_never_without_its_record_whenever_the_process_dies(settings):
    with open_warehouse(settings) as warehouse:
        rows = [row for (row,) in warehouse.execute("select _row_id from raw_patients limit 3")]
    for wait in (0.05, 0.11, 0.23):
        process = subprocess.Popen(
            [sys.executable, "-c", DECIDING, str(settings.home), *rows],
            cwd=PROJECT_DIR,
            stdout=subprocess.PIPE,
        )
        process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert audit.verify(settings).is_good
    assert len(decisions.audit_trail(settings)) % len(rows) == 0
