"""A run is one transaction: published as a whole or not at all, and readers never wait."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from threading import Thread

import pytest

from pipeline.config.project import PROJECT_DIR
from pipeline.store.sqlite.database import open_warehouse
from pipeline.transform.one_transaction import (
    SharedCursor,
    SharedHandle,
    TransactionOver,
    dbt_uses,
    one_transaction,
)
from tests.integration.transform.tiny_project import (
    StepFailed,
    build_all,
    content_of,
    rows_of,
    writer_is_kept_out,
)

SLOW = (
    "{{ config(materialized='table') }} with recursive n as (select 1 as i union all select i + 1 from n where i < 300000000) "
    "select count(*) as id, '{{ var('as_of') }}' as as_of from n, (select id from {{ ref('kept') }} limit 1)"
)

BUILD_IN_A_PROCESS = """
import sys
from pathlib import Path
from pipeline.config import load_settings
from pipeline.errors import RunCancelled
from tests.integration.transform.tiny_project import build_all

def tell(node):
    if node.status == "running" and node.name == "grown":
        Path(sys.argv[3]).touch()

try:
    build_all(load_settings(home=sys.argv[1]), Path(sys.argv[2]), as_of="2026-02-02", on_node=tell)
except RunCancelled:
    sys.exit(130)
"""


def test_every_materialization_works_and_a_later_layer_sees_the_earlier_one(published, project_dir):
    assert rows_of(published, "grown") == [(1, "2026-01-01"), (2, "2026-01-01")]
    steps = build_all(published, project_dir, as_of="2026-01-02")
    assert {node.kind for step in steps for node in step.nodes} == {
        "seed",
        "model",
        "test",
        "unit_test",
    }
    assert rows_of(published, "grown") == [(1, "2026-01-02"), (2, "2026-01-02")]
    build_all(published, project_dir, as_of="2026-01-03", full_refresh=True)
    assert rows_of(published, "grown") == [(1, "2026-01-03"), (2, "2026-01-03")]


def test_readers_see_the_old_tables_and_are_not_blocked_until_the_commit(published, project_dir):
    before = content_of(published)
    statements = []

    def look(node):
        if node.status == "success":
            statements.append((content_of(published), writer_is_kept_out(published)))

    build_all(published, project_dir, as_of="2026-02-02", on_node=look)
    assert set(statements) == {(before, True)}
    assert content_of(published) != before


def test_a_failing_model_leaves_everything_as_it_was(published, project_dir):
    before = content_of(published)
    (project_dir / "models/second/grown.sql").write_text(
        "{{ config(materialized='table') }} select no_such_column from {{ ref('kept') }}"
    )
    with pytest.raises(StepFailed, match="no such column"):
        build_all(published, project_dir, as_of="2026-02-02")
    assert content_of(published) == before


def test_a_failing_test_leaves_everything_as_it_was(published, project_dir):
    before = content_of(published)
    (project_dir / "seeds/colours.csv").write_text("id,colour\n1,red\n1,blue\n")
    with pytest.raises(StepFailed, match="unique_kept_id"):
        build_all(published, project_dir, as_of="2026-02-02")
    assert content_of(published) == before


@pytest.mark.parametrize(
    ("signal_number", "exit_code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_a_killed_or_cancelled_build_leaves_everything_as_it_was(
    published, project_dir, tmp_path, signal_number, exit_code
):
    before, model = content_of(published), project_dir / "models/second/grown.sql"
    good, reached = model.read_text(), tmp_path / "reached"
    model.write_text(SLOW)
    arguments = [
        sys.executable,
        "-c",
        BUILD_IN_A_PROCESS,
        str(published.home),
        str(project_dir),
        str(reached),
    ]
    process = subprocess.Popen(
        arguments,
        cwd=PROJECT_DIR,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(PROJECT_DIR), os.environ["PYTHONPATH"]]),
        },
    )
    try:
        deadline = time.monotonic() + 300
        while not reached.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert reached.exists()
        time.sleep(0.3)
        process.send_signal(signal_number)
        assert process.wait(60) == exit_code
    finally:
        process.kill()
    assert content_of(published) == before
    assert not writer_is_kept_out(published)
    model.write_text(good)
    build_all(published, project_dir, as_of="2026-03-03")
    assert rows_of(published, "grown") == [(1, "2026-03-03"), (2, "2026-03-03")]


def test_a_statement_that_comes_too_late_is_refused(published):
    with one_transaction(published) as transaction, dbt_uses(transaction):
        connection, handle = transaction.connection, _handle()
        handle.cursor().execute("create table late (id)")
        connection.execute("rollback")
        with pytest.raises(TransactionOver):
            handle.cursor().execute("insert into late values (1)")
        connection.execute("begin")
    with pytest.raises(sqlite3.Error):
        handle.cursor().execute("insert into late values (1)")


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1])
def test_threads_in_the_middle_of_a_statement_neither_end_the_process_nor_keep_the_lock(
    published, moment
):
    """They fetch while the run is rolled back and its connection closed beneath them."""
    before = content_of(published)
    ends: list[type] = []

    def read(handle):
        try:
            cursor = handle.cursor()
            cursor.execute(
                "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000000) "
                "select i from n"
            )
            for _ in cursor:
                pass
        except (sqlite3.Error, TransactionOver) as error:
            ends.append(type(error))

    with pytest.raises(KeyboardInterrupt), one_transaction(published) as transaction:
        transaction.connection.execute("delete from kept")
        threads = [Thread(target=read, args=(SharedHandle(transaction),)) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(moment)
        raise KeyboardInterrupt
    for thread in threads:
        thread.join(timeout=30)
    assert len(ends) == 3
    assert content_of(published) == before and not writer_is_kept_out(published)


def test_what_dbt_takes_for_transactions_and_closes_changes_nothing(published):
    with one_transaction(published) as transaction, dbt_uses(transaction):
        connection, handle = transaction.connection, _handle()
        cursor = handle.cursor()
        assert isinstance(cursor, SharedCursor)
        for statement in ("BEGIN", "/* a comment */ commit;", "-- another\nrollback"):
            cursor.execute(statement)
        cursor.execute("create temporary table passing as select 1 as id")
        cursor.execute("select id from kept")
        handle.commit()
        handle.rollback()
        handle.close()
        assert connection.in_transaction
        assert not connection.execute("select name from sqlite_temp_master").fetchall()
        connection.execute("drop table kept")


def test_a_transaction_that_sqlite_itself_ended_is_an_error(published):
    before = content_of(published)
    with pytest.raises(TransactionOver), one_transaction(published) as transaction:
        transaction.connection.execute("delete from kept")
        transaction.connection.execute("rollback")
    assert content_of(published) == before


def test_the_write_ahead_log_is_folded_in_after_the_commit(published):
    with open_warehouse(published) as connection, one_transaction(published) as writing:
        writing.connection.execute("delete from kept")
    assert published.warehouse_path.with_name("icon_health.db-wal").stat().st_size == 0
    with open_warehouse(published) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def _handle():
    from types import SimpleNamespace

    from dbt.adapters.sqlite.connections import SQLiteConnectionManager

    return SQLiteConnectionManager.open(SimpleNamespace(state="init", handle=None)).handle
