import signal
import subprocess
import sys
import time

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.ingest.batch import load_paths
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.sqlite.database import open_warehouse

LOAD = """
import sys
from pipeline.config import load_settings
from pipeline.ingest.batch import load_paths
def progress(name, done, total):
    print(done, flush=True)
load_paths(load_settings(home=sys.argv[1]), [sys.argv[2]], progress=progress)
"""
ROWS = 120_000


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_killed_load_leaves_all_of_it_or_nothing(tmp_path, share):
    settings = load_settings(home=tmp_path / "home")
    prepare_warehouse(
        settings, {contract.raw_table: contract.delivered for contract in load_contracts().values()}
    )
    file = tmp_path / "patients.csv"
    file.write_text(
        "patient_id,gender,birth_date\n"
        + "".join(f"{at},female,1950-01-02\n" for at in range(ROWS))
    )
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD, str(settings.home), str(file)],
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if int(line) >= share * file.stat().st_size:
            break
    time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with open_warehouse(settings) as connection:
        (rows,) = connection.execute("select count(*) from raw_patients").fetchone()
        recorded = connection.execute("select received from ops_loads").fetchall()
        (sound,) = connection.execute("pragma integrity_check").fetchone()
    assert (rows, recorded) in [(0, []), (ROWS, [(ROWS,)])] and sound == "ok"
    (again,) = load_paths(settings, [file])
    assert (again.status, again.received) == ("already_loaded" if rows else "loaded", ROWS)
