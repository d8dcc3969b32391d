"""What a scheduler relies on: exit codes, one line, one run a request, a look at a folder."""

import gzip
import json
import os
import shutil
import time

import pytest

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.orchestrate.lock import hold_lock
from pipeline.services.upload import loads
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import loads as stored
from tests.factories import small_world, write_delivery


@pytest.fixture
def home(sample_home, tmp_path):
    copy = tmp_path / "home"
    shutil.copytree(sample_home, copy)
    return copy


def contents(folder):
    """Every file with its bytes, but what SQLite keeps beside a database that is read."""
    return {
        file: file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture
def call(capsys):
    def run(home, *words):
        code = main.main(["--home", str(home), *words])
        out, _ = capsys.readouterr()
        return code, json.loads(out)

    return run


def test_an_inbox_tells_what_is_new_and_writes_nothing(call, tmp_path, settings):
    folder, home = write_delivery(tmp_path / "inbox", **small_world()), settings.home
    code, document = call(tmp_path / "no home", "inbox", str(folder), "--json")
    assert (code, document["new"]) == (0, 6) and not (tmp_path / "no home").exists()

    loads.ingest(settings, [folder])
    before = contents(home)
    assert call(home, "inbox", str(folder), "--json=line") == (4, {"new": 0, "files": 6})
    assert contents(home) == before

    more = small_world()["patients"][:3]
    write_delivery(folder, patients=more)
    (folder / "notes.gz").write_bytes(gzip.compress(b"no table")[:-4])
    states = {
        file["file"]: file["state"]
        for file in call(home, "inbox", str(folder), "--json")[1]["files"]
    }
    assert states["patients.csv"] == "new" and states["providers.csv"] == "loaded"
    code, document = call(home, "inbox", str(folder), "--settled", "3600", "--json")
    assert code == 4 and {"arriving"} == {
        file["state"] for file in document["files"] if file["file"] == "patients.csv"
    }
    old = time.time() - 7200
    os.utime(folder / "patients.csv", (old, old))
    assert call(home, "inbox", str(folder), "--settled", "3600", "--json")[0] == 0


def test_the_gate_tells_which_loads_wait(call, home):
    assert call(home, "gate", "--json") == (0, {"held_loads": []})
    with open_warehouse(load_settings(home=home), write=True) as warehouse:
        stored.set_gate(warehouse, "L00001", "held")
    code, document = call(home, "gate", "--json")
    (load,) = document["held_loads"]
    assert code == 3 and load["load_id"] == "L00001" and 0 <= load["held_share"] <= 1


def test_a_queued_run_is_waited_for_and_shown_and_listed(call, home, tmp_path):
    asked = ("build", "--as-of", "2031-03-04", "--enqueue", "--request-id", "a", "--json=line")
    code, queued = call(home, *asked)
    assert code == 0 and queued["status"] == "queued"
    code, waited = call(home, "runs", "wait", queued["run_id"], "--json=line")
    assert (code, waited["status"], waited["as_of"]) == (0, "succeeded", "2031-03-04")
    assert call(home, *asked)[1]["run_id"] == queued["run_id"]

    file = tmp_path / "run.json"
    shown = call(home, "runs", "show", queued["run_id"], "--json=line", "--out", str(file))[1]
    assert json.loads(file.read_text())["row_counts"] and shown["status"] == "succeeded"
    assert file.stat().st_mode & 0o077 == 0
    listed = call(home, "runs", "list", "--json")[1]["runs"]
    assert listed[0]["run_id"] == queued["run_id"] and listed[0]["request_id"] == "a"


def test_busy_is_a_code_of_its_own_and_comes_as_soon_as_asked(call, home):
    with hold_lock(load_settings(home=home), "somebody"):
        for words in (("build",), ("ingest", str(home)), ("undo", "L00001")):
            started = time.monotonic()
            code, document = call(home, *words, "--wait", "0", "--json")
            assert (code, document["error"]["kind"]) == (75, "PipelineBusy")
            assert time.monotonic() - started < 10


def test_a_sync_that_builds_ends_as_its_build_does(call, home, tmp_path):
    world = small_world()
    for row in world["patients"]:
        row["gender"] = "?"
    source = write_delivery(tmp_path / "source", patients=world["patients"])
    call(home, "connectors", "add", "ward", str(source), "--option", "settle_seconds=0", "--json")
    code, document = call(home, "sync", "--build", "--json")
    assert (code, document["loaded"], document["run"]["status"]) == (3, 1, "held")
