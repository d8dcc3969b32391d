"""Trouble with disk and files is told in plain words; a stranger's exception never quotes a
value.
"""

import errno
import sqlite3

import pytest

from pipeline.errors import as_pipeline_error, of_the_machine, speaks_of_the_machine


def of_sqlite(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("caught", "message", "hint"),
    [
        (of_sqlite("SQLITE_FULL"), "the disk is full", "free some space"),
        (of_sqlite("SQLITE_IOERR_SHMSIZE"), "cannot be read or written", "space"),
        (of_sqlite("SQLITE_READONLY_DBMOVED"), "cannot be written", "belong to you"),
        (of_sqlite("SQLITE_CORRUPT_INDEX"), "is damaged", "backup"),
        (of_sqlite("SQLITE_NOTADB"), "not a database", "--home"),
        (of_sqlite("SQLITE_BUSY_SNAPSHOT"), "in use by another process", "wait"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full", "free some space"),
    ],
)
def test_trouble_with_the_machine_is_one_plain_sentence_with_what_to_do(caught, message, hint):
    error = of_the_machine(caught)
    assert message in error.what and hint in error.hint and "words of SQLite" not in str(error)


def test_a_statement_that_is_wrong_is_a_defect_and_no_trouble_of_the_machine():
    with pytest.raises(sqlite3.OperationalError) as raised:
        sqlite3.connect(":memory:").execute("select * from no_such_table")
    assert of_the_machine(raised.value) is None and of_the_machine(ValueError("x")) is None


def test_a_process_that_is_told_to_end_is_no_defect():
    failure = as_pipeline_error(SystemExit(143))
    assert "told to end" in failure.what and "defect" not in str(failure)


def test_the_words_of_sqlite_tell_the_machine_from_the_rows(tmp_path):
    """Each error is provoked, for dbt hands on the words only."""

    def words(path, *statements: str, mode: str = "rwc") -> str:
        with pytest.raises(sqlite3.Error) as raised:
            connection = sqlite3.connect(
                f"file:{path}?mode={mode}", uri=True, timeout=0, isolation_level=None
            )
            for statement in statements:
                connection.execute(statement)
        return str(raised.value)

    table = tmp_path / "a.db"
    full = (
        "create table t (a unique)",
        "pragma max_page_count = 4",
        "insert into t values (zeroblob(90000))",
    )
    assert speaks_of_the_machine(words(table, *full))
    assert speaks_of_the_machine(words(table, "insert into t values (1)", mode="ro"))
    assert speaks_of_the_machine(words(tmp_path / "none" / "b.db", "select 1 from t"))
    (tmp_path / "c.db").write_bytes(b"no database at all, but long enough to be one" * 100)
    assert speaks_of_the_machine(words(tmp_path / "c.db", "select 1 from t"))
    holder = sqlite3.connect(table, isolation_level=None)
    holder.execute("begin immediate")
    assert speaks_of_the_machine(words(table, "insert into t values (1)"))
    holder.close()
    for wrong in (
        "select json('{')",
        "select * from nothing",
        "select sum(9223372036854775807) from (select 1 union all select 2)",
        "insert into t values (7), (7)",
    ):
        assert not speaks_of_the_machine(words(table, wrong)), wrong
