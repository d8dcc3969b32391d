"""Opening files: private, never in each other's way, never touched beside SQLite."""

import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import Database, open_scratch, open_warehouse
from pipeline.store.sqlite.migrations import Migration, migrate, migrations_of
from pipeline.store.sqlite.statements import transaction

READ_IN_ANOTHER_PROCESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("select count(*) from sqlite_master").fetchone()
connection.close()
"""


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_home_and_files_belong_to_their_owner_only(home):
    with open_control(home), open_warehouse(home, write=True) as connection:
        connection.execute("create table t (a)")
        assert mode_of(home.home) == 0o700
        assert {mode_of(path) for path in home.home.glob("*.db*")} == {0o600}


def test_reading_an_empty_home_says_what_to_do(tmp_path):
    with pytest.raises(InputRefused, match="icon-health run"):
        open_warehouse(load_settings(home=tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_reader_cannot_write_and_a_scratch_reader_only_temporarily(home):
    with (
        open_warehouse(home) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("create table t (a)")
    with open_scratch(home) as connection:
        connection.execute("create temp table t as select 1 as a")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("create table t (a)")


def test_opening_and_closing_a_second_connection_keeps_the_locks_of_the_first(home):
    """A process that closes any descriptor of the file loses its locks; the next one to leave would
    take the log away.
    """
    with open_warehouse(home, write=True) as first:
        first.execute("create table t (a)")
        open_warehouse(home, write=True).close()
        open_warehouse(home).close()
        subprocess.run(
            [sys.executable, "-c", READ_IN_ANOTHER_PROCESS, str(home.warehouse_path)], check=True
        )
        assert home.warehouse_path.with_name("icon_health.db-wal").exists()


def test_many_first_openings_at_once_make_one_sound_file(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    failures = []

    def open_and_write(name: str) -> None:
        try:
            with open_control(settings) as connection:
                connection.execute("insert into ops_tour values (?, '2026-01-01')", (name,))
        except Exception as error:
            failures.append(error)

    threads = [
        threading.Thread(target=open_and_write, args=(f"shape {number}",)) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with open_control(settings) as connection:
        assert connection.execute("select count(*) from ops_tour").fetchone() == (8,)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_file_that_is_no_database_is_an_error_in_words(home):
    home.warehouse_path.write_bytes(b"this is no database" * 100)
    with pytest.raises(PipelineError, match="icon_health.db: not a database .*--home"):
        open_warehouse(home)


def test_a_home_that_cannot_be_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputRefused, match="--home"):
        open_control(load_settings(home=tmp_path / "file"))


def test_a_transaction_is_all_or_nothing(home):
    with open_control(home) as connection:
        with pytest.raises(ZeroDivisionError), transaction(connection):
            connection.execute("insert into ops_tour values ('a', 'b')")
            raise ZeroDivisionError
        assert connection.execute("select count(*) from ops_tour").fetchone() == (0,)


def test_migrations_are_applied_once_and_in_order():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for file in ("warehouse", "control", "drafts", "inbox"):
        migrations = migrations_of(file)
        assert [migration.number for migration in migrations] == list(range(1, len(migrations) + 1))
        assert all(migration.name and migration.statements for migration in migrations)
    control = migrations_of("control")
    assert migrate(connection, control) == [migration.number for migration in control]
    assert migrate(connection, control) == []


def test_a_migration_that_fails_leaves_neither_its_tables_nor_its_record():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    bad = (
        Migration(1, "good", ("create table a (x)",)),
        Migration(2, "bad", ("create table b (x)", "create nonsense")),
    )
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, bad)
    assert connection.execute(
        "select name from sqlite_master where name in ('a', 'b')"
    ).fetchall() == [("a",)]
    assert connection.execute("select max(number) from ops_migrations").fetchone() == (1,)


def test_a_file_of_a_newer_version_is_left_alone():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, migrations_of("control"))
    with pytest.raises(PipelineError, match="newer version"):
        migrate(connection, migrations_of("control")[:1])


def test_a_control_file_that_cannot_be_written_is_named_and_not_taken_for_a_new_one(
    home, monkeypatch
):
    open_control(home).close()
    readonly = sqlite3.OperationalError("attempt to write a readonly database")
    readonly.sqlite_errorname = "SQLITE_READONLY"

    class Frozen(Database):
        def execute(self, sql, *parameters):
            if "ops_migrations" in sql:
                raise readonly
            return super().execute(sql, *parameters)

    monkeypatch.setattr("pipeline.store.sqlite.database.Database", Frozen)
    with pytest.raises(PipelineError, match="control.db: cannot be written"):
        open_control(home)
