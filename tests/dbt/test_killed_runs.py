"""A run of the command line that is killed: the published tables stay as they were, byte for byte,
and the next run is right.
"""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR
from pipeline.orchestrate.lock import lock_holder
from pipeline.services.run import runs, status
from tests.factories import encounter, patient, small_world, write_delivery
from tests.warehouse import open_quarantine, query, silver_counts

LAYERS = ["landing_zone", "standard_model"]
PATIENCE_SECONDS = 120.0
NEWS = {
    "patients": [patient(40)],
    "encounters": [encounter("new", 1, 40), encounter(1, 2, 2, paid_amount="4321")],
}


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> Settings:
    """A home with a small world in silver, and a delivery that is loaded but not built."""
    runs.run_now(
        settings,
        verb="run",
        layers=LAYERS,
        paths=[write_delivery(tmp_path / "first", **small_world())],
    )
    runs.run_now(settings, verb="ingest", paths=[write_delivery(tmp_path / "second", **NEWS)])
    return settings


def killed_midway(settings: Settings, signal_number: int) -> subprocess.CompletedProcess:
    """Start a build by the command line, send it the signal while it judges rows, and wait for its
    end.
    """
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pipeline",
            "--home",
            str(settings.home),
            "build",
            *LAYERS,
            "--json",
        ],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while rows_written(settings) == 0:
        assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal_number)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def rows_written(settings: Settings) -> int:
    """Models that the newest run has built so far."""
    connection = sqlite3.connect(f"file:{settings.control_path}?mode=ro", uri=True)
    try:
        ((count,),) = (
            connection.execute("""select count(*) from ops_run_nodes where kind = 'model' and status = 'success'
            and run_id = (select max(run_id) from ops_runs where status = 'running')""").fetchall()
        )
        return count
    finally:
        connection.close()


def published_bytes(home: Path) -> dict[str, list[tuple]]:
    """Every row of every table in the order in which it lies there, control tables included."""
    names = [
        name
        for (name,) in query(
            home, "select name from sqlite_master where type = 'table' order by name"
        )
    ]
    return {name: query(home, f'select * from "{name}"') for name in names}


def test_a_killed_run_leaves_every_table_as_it_was_and_the_next_one_publishes(built):
    before = published_bytes(built.home)
    killed = killed_midway(built, signal.SIGKILL)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "")
    assert published_bytes(built.home) == before
    assert query(built.home, "pragma integrity_check") == [("ok",)]
    home_status = status.status(built)
    assert (home_status.active_run, home_status.last_run["status"]) == (None, "failed")
    assert "the process died" in home_status.last_run["error"]

    interrupted = killed_midway(built, signal.SIGINT)
    assert interrupted.returncode == 130
    assert json.loads(interrupted.stdout)["status"] == "cancelled"
    assert published_bytes(built.home) == before

    runs.run_now(built, layers=LAYERS)
    assert silver_counts(built.home) == {
        "std_patients": 13,
        "std_providers": 4,
        "std_encounters": 25,
        "std_adverse_events": 2,
        "std_referrals": 3,
        "std_employer_networks": 3,
    }
    assert open_quarantine(built.home) == {}
    assert not list((built.home / "delivered").glob(".*")) and lock_holder(built) is None
