"""Delivered rows in the narrow table and in the view that readers know."""

import sqlite3

import pytest

from pipeline.store.browse.tables import has_rowid
from pipeline.store.sqlite.statements import column_types
from pipeline.store.warehouse import loads, raw_tables
from pipeline.store.warehouse.raw_tables import MOST_VALUES

ROWS_AT_ONCE = raw_tables.ROWS_AT_ONCE[0]
COLUMNS = ("npi", "note")
LINEAGE = "_row_id, _load_id, _source_file, _source_row_number, _loaded_at"
#: What an older version created.
WIDE = (
    "create table raw_claims (npi text, gone text, _extra text, _row_id text not null, "
    "_load_id text not null, _source_file text not null, _source_row_number integer not null, "
    "_loaded_at text not null)",
    "create index ix_raw_claims__load on raw_claims (_load_id)",
)


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    loads.create(connection)
    return connection


def load(connection, file: str, columns, rows, at_once: bool) -> str:
    load_id = loads.open_load(connection, "claims", file, file, "d", f"time of {file}")
    load_seq = loads.get(connection, load_id)["load_seq"]
    before = raw_tables.last_row(connection, "raw_claims")
    if at_once:
        cells = [cell for row in rows for cell in row]
        raw_tables.append(connection, "raw_claims", columns, cells, load_seq, 2)
    else:
        numbered = ([*row, None, line] for line, row in enumerate(rows, start=2))
        raw_tables.insert(connection, "raw_claims", columns, numbered, load_seq)
    last = raw_tables.last_row(connection, "raw_claims")
    shape = dict.fromkeys(("encoding", "delimiter", "quotechar", "line_ending"))
    counts = loads.LoadCounts(len(rows), 0)
    loads.close_load(connection, load_id, counts, shape, {}, (before + 1, last))
    return load_id


@pytest.mark.parametrize("count", [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, 3 * ROWS_AT_ONCE + 1])
def test_many_rows_at_once_are_the_rows_one_by_one(connection, count):
    raw_tables.create(connection, {"raw_claims": COLUMNS})
    rows = [[str(at), None if at % 3 == 0 else f"ü{at}"] for at in range(count)]
    load(connection, "a.csv", COLUMNS, rows, at_once=False)
    load(connection, "b.csv", COLUMNS, rows, at_once=True)
    found = connection.execute(f"select npi, note, _extra, {LINEAGE} from raw_claims").fetchall()
    assert found == [
        (*row, None, f"{load_id}-{line}", load_id, file, line, f"time of {file}")
        for load_id, file in (("L00001", "a.csv"), ("L00002", "b.csv"))
        for line, row in enumerate(rows, start=2)
    ]


def test_a_table_of_many_columns_fits_into_a_statement(connection):
    columns = [f"c{at}" for at in range(MOST_VALUES // ROWS_AT_ONCE + 50)]
    raw_tables.create(connection, {"raw_claims": columns})
    load(connection, "a.csv", columns, [columns] * (ROWS_AT_ONCE + 1), at_once=True)
    assert connection.execute("select count(*), max(c9) from raw_claims").fetchone() == (
        ROWS_AT_ONCE + 1,
        "c9",
    )


def test_columns_that_a_file_lacks_are_null_and_their_order_is_free(connection):
    raw_tables.create(connection, {"raw_claims": COLUMNS})
    load(connection, "a.csv", ["note"], [["x"]], at_once=True)
    load(connection, "b.csv", ["note", "npi"], [["x", "1"]], at_once=True)
    assert connection.execute("select npi, note from raw_claims").fetchall() == [
        (None, "x"),
        ("1", "x"),
    ]


def test_rows_of_an_older_version_are_taken_over_once(connection):
    for statement in WIDE:
        connection.execute(statement)
    old = []
    for number, file in enumerate(["a.csv", "b.csv"], start=1):
        load_id = loads.open_load(connection, "claims", file, file, "d", f"time of {file}")
        lines = [2, 5, 6] if number == 1 else [2]
        old += [
            (f"{line}", "g", None, f"{load_id}-{line}", load_id, file, line, f"time of {file}")
            for line in lines
        ]
    connection.executemany(f"insert into raw_claims values ({', '.join('?' * 8)})", old)
    before = connection.execute(f"select npi, gone, _extra, {LINEAGE} from raw_claims").fetchall()
    for _ in range(2):
        raw_tables.create(connection, {"raw_claims": COLUMNS})
        (schema,) = connection.execute("pragma schema_version").fetchone()
        rows = connection.execute(f"select npi, gone, _extra, {LINEAGE} from raw_claims")
        assert rows.fetchall() == before
    raw_tables.create(connection, {"raw_claims": COLUMNS})
    assert connection.execute("pragma schema_version").fetchone() == (schema,)
    assert connection.execute("select distinct note from raw_claims").fetchall() == [(None,)]
    ranges = connection.execute("select load_id, first_row, last_row from ops_loads").fetchall()
    assert ranges == [("L00001", 1, 3), ("L00002", 4, 4)]
    load(connection, "c.csv", COLUMNS, [["7", "new"]], at_once=True)
    newest = connection.execute("select _row_id, npi, note from raw_claims").fetchall()[-1]
    assert newest == ("L00003-2", "7", "new")


def test_a_list_of_loads_of_an_older_version_learns_where_rows_are(connection):
    for column in ("first_row", "last_row"):
        connection.execute(f"alter table ops_loads drop column {column}")
    loads.create(connection)
    loads.create(connection)
    assert {"first_row", "last_row"} <= column_types(connection, "ops_loads").keys()


def test_a_new_column_of_the_contract_shows_in_the_view(connection):
    raw_tables.create(connection, {"raw_claims": COLUMNS})
    load(connection, "a.csv", COLUMNS, [["1", "x"]], at_once=True)
    raw_tables.create(connection, {"raw_claims": (*COLUMNS, "late")})
    load(connection, "b.csv", (*COLUMNS, "late"), [["2", "y", "z"]], at_once=True)
    assert connection.execute("select npi, late from raw_claims").fetchall() == [
        ("1", None),
        ("2", "z"),
    ]


def test_a_load_is_found_without_reading_the_others(connection):
    raw_tables.create(connection, {"raw_claims": COLUMNS})
    load(connection, "a.csv", COLUMNS, [["1", "x"]], at_once=True)
    for statement in (
        "select * from raw_claims where _load_id = 'L00001'",
        "with new as (select load_id from ops_loads where load_seq > 7), delivered as (select * from raw_claims) "
        "select delivered._row_id from new cross join delivered where delivered._load_id = new.load_id",
        "select max(rowid) from raw_claims",
        "select * from raw_claims as shown where shown.rowid = 7",
    ):
        plan = [row[3] for row in connection.execute(f"explain query plan {statement}")]
        assert any("SEARCH cells" in step for step in plan), plan
        assert not any("SCAN cells" in step or "AUTOMATIC" in step for step in plan), plan


def test_row_numbers_are_passed_on_and_are_no_column(connection):
    raw_tables.create(connection, {"raw_claims": COLUMNS})
    assert has_rowid(connection, "raw_claims")
    assert list(column_types(connection, "raw_claims")) == [
        *COLUMNS,
        "_extra",
        *LINEAGE.split(", "),
    ]


def test_a_bench_has_rows_of_its_own(connection):
    raw_tables.create(connection, {"raw_claims": COLUMNS})
    load(connection, "a.csv", COLUMNS, [["1", "x"]], at_once=True)
    connection.execute("create temp table ops_loads as select * from main.ops_loads")
    raw_tables.create_source(connection, "raw_claims", COLUMNS, "temp")
    raw_tables.insert(connection, "raw_claims", COLUMNS, [["9", "y", None, 4]], 1)
    assert connection.execute("select npi from main.raw_claims").fetchall() == [("1",)]
    assert connection.execute("select npi from temp.raw_claims").fetchall() == [("9",)]
