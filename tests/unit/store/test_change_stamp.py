"""The stamp by which answers are kept: one change a commit, and none before it."""

import shutil
import sqlite3

from pipeline.services.settings.settings import data_stamp
from pipeline.store.control.control_file import open_control
from pipeline.store.control.decisions import NewDecision, record
from pipeline.store.sqlite.change_stamp import stamp
from pipeline.store.sqlite.database import open_warehouse


def test_a_build_changes_the_stamp_at_its_commit_and_not_while_it_writes(home):
    with open_warehouse(home, write=True) as connection:
        connection.execute("pragma cache_size = 2")
        before = stamp(home.warehouse_path)
        connection.execute("begin immediate")
        connection.execute("create table t (a)")
        connection.executemany("insert into t values (?)", [("x" * 1000,)] * 2_000)
        log = home.warehouse_path.with_name(home.warehouse_path.name + "-wal")
        assert log.stat().st_size > 1_000_000
        assert stamp(home.warehouse_path) == before
        connection.execute("commit")
        assert stamp(home.warehouse_path) != before


def test_a_file_that_takes_the_place_of_another_has_a_stamp_of_its_own(home, tmp_path):
    copy = shutil.copy(home.warehouse_path, tmp_path / "copy.db")
    before = stamp(home.warehouse_path)
    home.warehouse_path.unlink()
    assert stamp(home.warehouse_path) == (0, 0, 0)
    shutil.move(copy, home.warehouse_path)
    replaced = stamp(home.warehouse_path)
    assert replaced != before
    writer = sqlite3.connect(home.warehouse_path)
    writer.execute("create table t (a)")
    writer.close()
    assert stamp(home.warehouse_path) != replaced


def test_a_decision_leaves_answers_of_the_warehouse_alone(home):
    with open_control(home) as control:
        unchanged, dropped = data_stamp(home, of_warehouse_alone=True), data_stamp(home)
        record(control, [NewDecision("reject", "patients", "L00001-1", "a test", "tester")])
        assert data_stamp(home, of_warehouse_alone=True) == unchanged
        assert data_stamp(home) != dropped
