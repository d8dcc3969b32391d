"""Every row judged on request, in a process of its own."""

import os
import sqlite3

import pytest

from pipeline.errors import PipelineError
from pipeline.orchestrate.lock import holder_of
from pipeline.services.upload import full_preflight, preflight, tray
from tests.integration.upload.dropped import drop, only


def test_a_cancelled_check_leaves_nothing_and_can_be_asked_for_again(own):
    people = "".join(f"{9_000_000 + n},male,1950-01-02\n" for n in range(300_000))
    tray_id = drop(own, "patients.csv", f"patient_id,gender,birth_date\n{people}")
    files, before = tray.waiting(own), {path.name for path in own.tray_dir.iterdir()}
    full_preflight.start(own, files)
    while not full_preflight.running(own).pid:
        assert full_preflight.running(own) is not None
    pid = full_preflight.running(own).pid
    full_preflight.cancel(own)
    assert full_preflight.running(own) is None and full_preflight.result(own, files) is None
    assert {path.name for path in own.tray_dir.iterdir()} - before <= {
        full_preflight.LOCK,
        full_preflight.SCRATCH,
    }
    assert list((own.tray_dir / full_preflight.SCRATCH).iterdir()) == []
    assert holder_of(own.tray_dir / full_preflight.LOCK) is None and os.waitpid(pid, 0)[0] == pid
    assert tray.waiting(own) == files and [file.tray_id for file in files] == [tray_id]
    full_preflight.start(own, files)
    assert full_preflight.running(own) is not None
    full_preflight.cancel(own)


def test_a_check_that_is_cancelled_before_it_begins_does_not_begin(own):
    tray_id = drop(own, "patients.csv", "patient_id,gender,birth_date\n7,male,1950-01-02\n")
    full_preflight.ask(own)
    full_preflight.cancel(own)
    with pytest.raises(SystemExit, match="cancelled"):
        full_preflight.judge_whole(own, [tray_id])
    assert (
        full_preflight.running(own) is None
        and full_preflight.result(own, tray.waiting(own)) is None
    )


def test_a_check_that_breaks_off_says_why(own, monkeypatch):
    tray_id = drop(own, "patients.csv", "patient_id,gender,birth_date\n7,male,1950-01-02\n")
    full_preflight.ask(own)
    monkeypatch.setattr(
        preflight, "check", lambda *_: (_ for _ in ()).throw(PipelineError("is full", "disk"))
    )
    with pytest.raises(PipelineError):
        full_preflight.judge_whole(own, [tray_id])
    assert "disk: is full" in full_preflight.result(own, tray.waiting(own)).broke_off


def test_all_rows_are_judged_by_a_process_of_its_own_whose_answer_holds_for_these_files_only(own):
    drop(
        own,
        "patients.csv",
        "patient_id,gender,birth_date\n7,male,1950-01-02\n8,unknown,1950-01-02\n",
    )
    files = tray.waiting(own)
    assert full_preflight.result(own, files) is None
    full_preflight.ask(own)
    assert full_preflight.running(own).seconds_left is None
    full_preflight.judge_whole(own, [file.tray_id for file in files])
    assert full_preflight.result(own, files).reports == {
        files[0].tray_id: full_preflight.result(own, files).reports[files[0].tray_id]
    }
    assert full_preflight.result(own, files).reports[files[0].tray_id].fates == only(own).fates
    assert full_preflight.running(own) is None
    drop(own, "patients_2.csv", "patient_id,gender,birth_date\n9,male,1950-01-02\n")
    assert full_preflight.result(own, tray.waiting(own)) is None


def test_a_reader_of_the_warehouse_takes_no_answer_away(own):
    """Who reads first makes an empty log, who reads last may take it away: neither is a commit."""
    tray_id = drop(own, "patients.csv", "patient_id,gender,birth_date\n7,male,1950-01-02\n")
    files = tray.waiting(own)
    full_preflight.ask(own)
    full_preflight.judge_whole(own, [tray_id])
    log = own.warehouse_path.with_name(own.warehouse_path.name + "-wal")
    log.unlink(missing_ok=True)
    assert full_preflight.result(own, files) is not None
    log.touch()
    assert full_preflight.result(own, files) is not None
    log.unlink()
    with sqlite3.connect(own.warehouse_path) as connection:
        connection.execute("create table of_somebody (a)")
    assert full_preflight.result(own, files) is None
    connection.close()
