"""Tables and queries of a database: what came since the last sync, each row once."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from pipeline.connect.failures import SourceFailed
from pipeline.errors import InputRefused
from pipeline.services.upload import connectors
from pipeline.store.control.control_file import open_control
from tests.sftp import PASSWORD
from tests.sources import postgres_programs, postgres_server

SCHEMA = (
    "create table patients (patient_id text, gender text, birth_date date, changed_at timestamp)"
)


class Source:
    """A database that a test writes to, whatever its engine."""

    def __init__(self, address, connect, secrets, mark):
        self.address, self.connect, self.secrets, self.mark = address, connect, secrets, mark
        self.do("drop table if exists patients")
        self.do(SCHEMA)

    def do(self, statement, *rows):
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            if rows:
                cursor.executemany(statement, rows)
            else:
                cursor.execute(statement)
            connection.commit()

    def insert(self, first, last, moment):
        marks = ", ".join([self.mark] * 4)
        rows = [(f"P{number:06d}", "female", "1950-01-02", moment) for number in range(first, last)]
        self.do(f"insert into patients values ({marks})", *rows)


@pytest.fixture(scope="session")
def postgres():
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not on this machine; the same is proved on SQLite")
    with postgres_server(programs) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_TEST_PASSWORD", PASSWORD)
    if request.param == "sqlite":
        path = tmp_path / "source.db"
        return Source(f"sqlite:///{path}", lambda: sqlite3.connect(path), {}, "?")
    import psycopg

    address = request.getfixturevalue("postgres")
    secrets = {"password": "ICON_TEST_PASSWORD"}
    return Source(
        address.replace("://", "://sender@"),
        lambda: psycopg.connect(address, user="sender", password=PASSWORD),
        secrets,
        "%s",
    )


def test_rows_come_once_also_those_that_share_a_moment(place, database):
    database.insert(0, 5, "2026-01-01 10:00:00")
    place.add(database.address, database.secrets, table="patients", cursor="changed_at")
    first = place.sync()
    (file,) = first.files
    assert (file.state, file.rows, file.read_as) == ("loaded", 5, ("patients",))
    assert [each.state for each in place.sync().files] == ["nothing_new"]
    database.insert(5, 7, "2026-01-01 10:00:00")
    database.insert(7, 9, "2026-01-01 10:00:01")
    database.insert(0, 1, "2026-01-01 10:00:01")
    assert [each.rows for each in place.sync().files] == [5]
    assert place.patients() == sorted(["P000000", *(f"P{number:06d}" for number in range(9))])
    assert [each.state for each in place.sync().files] == ["nothing_new"]
    names = [name for _, name, _ in place.loads()]
    assert all(name.startswith("patients_20") and name.endswith("Z.csv") for name in names)


def test_a_query_is_read_and_cannot_write(place, database):
    database.insert(0, 3, "2026-01-01 10:00:00")
    place.add(
        database.address,
        database.secrets,
        query="select patient_id, gender, birth_date from patients where gender = 'female' and '1:2' <> ':x';",
        cursor="patient_id",
    )
    assert [each.rows for each in place.sync().files] == [3]
    connectors.remove(place.settings, "source")
    place.add(
        database.address,
        database.secrets,
        query="with gone as (delete from patients returning *) select * from gone",
    )
    with pytest.raises(SourceFailed):
        place.sync()
    with closing(database.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("select count(*) from patients")
        assert cursor.fetchone() == (3,)
    connectors.remove(place.settings, "source")
    place.add(database.address, database.secrets, query="select 1; drop table patients")
    with pytest.raises(InputRefused, match="not one SELECT"):
        place.sync()


def test_a_table_without_a_cursor_is_a_delivery_whenever_it_changed(place, database):
    database.insert(0, 3, "2026-01-01 10:00:00")
    place.add(database.address, database.secrets, table="patients")
    assert [each.state for each in place.sync().files] == ["loaded"]
    assert [each.state for each in place.sync().files] == ["already_loaded"]
    database.insert(3, 4, "2026-01-01 10:00:00")
    assert [each.rows for each in place.sync().files] == [4]


def test_rows_that_were_refused_are_not_passed_over(place, database):
    database.insert(0, 3, "2026-01-01 10:00:00")
    query = "select patient_id as a, changed_at as b from patients"
    place.add(database.address, database.secrets, query=query, cursor="b")
    assert [each.state for each in place.sync().files] == ["refused"]
    assert [each.state for each in place.sync().files] == ["refused"]
    with open_control(place.settings) as control:
        assert control.execute("select cursor from ops_connectors").fetchone() == (None,)


def test_rows_without_a_value_of_the_cursor_are_told(place, database):
    database.insert(0, 2, "2026-01-01 10:00:00")
    database.insert(2, 5, None)
    place.add(database.address, database.secrets, table="patients", cursor="changed_at")
    for state in ("loaded", "nothing_new"):
        first, second = place.sync().files
        assert {first.state, second.state} == {state, "left_out"}
        assert any("3 rows have no value" in str(each.reason) for each in (first, second))


def test_rows_that_a_database_holds_for_one_moment_come_once(place, tmp_path):
    database = Source(
        f"sqlite:///{tmp_path}/source.db", lambda: sqlite3.connect(tmp_path / "source.db"), {}, "?"
    )
    database.do("drop table patients")
    database.do(SCHEMA.replace("patient_id text", "patient_id text collate nocase"))
    rows = [("b", "female", "1950-01-02", ""), ("B", "male", "1950-01-02", "")]
    database.do("insert into patients values (?, ?, ?, ?)", *rows)
    place.add(database.address, table="patients", cursor="patient_id")
    assert [each.rows for each in place.sync().files] == [2]
    assert [each.state for each in place.sync().files] == ["nothing_new"]


def test_the_hour_that_comes_twice_comes_once(place, postgres, monkeypatch):
    import psycopg

    monkeypatch.setenv("ICON_TEST_PASSWORD", PASSWORD)
    monkeypatch.setenv("PGTZ", "Europe/Berlin")
    database = Source(
        postgres.replace("://", "://sender@"),
        lambda: psycopg.connect(postgres, user="sender", password=PASSWORD),
        {"password": "ICON_TEST_PASSWORD"},
        "%s",
    )
    database.do("drop table patients")
    database.do(SCHEMA.replace("timestamp", "timestamptz"))
    place.add(database.address, database.secrets, table="patients", cursor="changed_at")
    database.insert(0, 2, "2026-10-25 00:30:00+00")
    assert [each.rows for each in place.sync().files] == [2]
    assert [each.state for each in place.sync().files] == ["nothing_new"]
    database.insert(2, 3, "2026-10-25 01:30:00+00")
    assert [each.rows for each in place.sync().files] == [1]
    monkeypatch.setenv("PGTZ", "America/New_York")
    assert [each.state for each in place.sync().files] == ["nothing_new"]
    database.insert(3, 4, "9999-12-31 23:59:59+00")
    assert [each.rows for each in place.sync().files] == [1]
    assert [each.state for each in place.sync().files] == ["nothing_new"]


def test_a_whole_table_that_is_refused_is_told_once_a_sync(place, database):
    database.insert(0, 3, "2026-01-01 10:00:00")
    place.add(database.address, database.secrets, query="select patient_id as a from patients")
    for _ in range(3):
        assert [each.state for each in place.sync().files] == ["refused"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"table": "nobody"}, "no such table or column"),
        ({"table": "patients", "cursor": "nothing"}, "no such table or column"),
        (
            {"query": "select patient_id from patients", "cursor": "gender"},
            "no such table or column",
        ),
    ],
)
def test_what_is_not_there_is_said(place, database, options, said):
    place.add(database.address, database.secrets, **options)
    with pytest.raises(SourceFailed, match=said):
        place.sync()


def test_a_wrong_password_is_said_without_the_login(place, postgres, monkeypatch):
    monkeypatch.setenv("ICON_TEST_PASSWORD", "wrong-one")
    place.add(
        postgres.replace("://", "://sender@"), {"password": "ICON_TEST_PASSWORD"}, table="patients"
    )
    with pytest.raises(SourceFailed, match="refuses the login") as refused:
        place.sync()
    words = refused.value.one_line
    assert "127.0.0.1" in words and "sender" not in words and "wrong-one" not in words


MEASURED = """
import resource, sys
from pathlib import Path
from pipeline.connect.definition import Definition
from pipeline.connect.tables import Table
for rows in (5_000, 100_000):
    options = {"query": f"select i as patient_id, repeat('x', 400) as note "
               f"from generate_series(1, {rows}) as i", "cursor": "patient_id"}
    table = Table(Definition("source", sys.argv[1], options, {"password": "ICON_TEST_PASSWORD"}))
    came = table.fetch(next(table.list(None)), Path(sys.argv[2]), None)
    assert came.rows == rows
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_the_same_for_twenty_times_the_rows(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_TEST_PASSWORD", PASSWORD)
    address, to = postgres.replace("://", "://sender@"), tmp_path / "rows.csv"
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, address, str(to)],
        capture_output=True,
        text=True,
        check=True,
    )
    few, many = map(int, measured.stdout.split())
    assert to.stat().st_size > 40_000_000 and many - few < 8_000, (few, many)
