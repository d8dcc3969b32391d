"""Tables and columns of an older version get the names of now; no value changes."""

import sqlite3

from pipeline.store.warehouse import renaming
from pipeline.store.warehouse.renaming import rename

TABLES = {"old": "int_old"}
COLUMNS = {"feat_x": {"oe_td": "ratio_to_date", "n": "encounter_count"}, "gone": {"a": "b"}}


def older() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(
        """create table old (a integer);
        create table feat_x (npi text, n integer, oe_td real);
        create index ix_old__a on old (a);
        create index ix_feat_x on feat_x (n);
        create view feat_x_latest as select * from feat_x;
        create view broken as select * from nothing_of_that_name;
        insert into feat_x values ('1', 12, 0.5)"""
    )
    return connection


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"pragma table_info({table})")]


def test_names_change_and_values_stay():
    connection = older()
    rename(connection, TABLES, COLUMNS)
    assert columns(connection, "int_old") == ["a"] and columns(connection, "old") == []
    indexes = connection.execute("select name from sqlite_master where type = 'index'").fetchall()
    assert indexes == [("ix_feat_x",)], "the build makes those of a renamed table anew"
    assert columns(connection, "feat_x_latest") == ["npi", "encounter_count", "ratio_to_date"]
    assert connection.execute("select * from feat_x").fetchall() == [("1", 12, 0.5)]


def test_a_second_time_changes_nothing_and_a_table_that_stands_twice_stays_once():
    connection = older()
    rename(connection, TABLES, COLUMNS)
    connection.execute("create table old (a integer)")
    connection.execute("insert into old values (1)")
    rename(connection, TABLES, COLUMNS)
    assert columns(connection, "old") == []
    assert connection.execute("select count(*) from int_old").fetchone() == (0,)


def test_it_is_undone_with_the_transaction_of_the_build():
    connection = older()
    connection.execute("begin immediate")
    rename(connection, TABLES, COLUMNS)
    connection.execute("rollback")
    assert columns(connection, "feat_x") == ["npi", "n", "oe_td"]


def test_versions_of_an_older_home_no_longer_hold_their_rows():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table feat_x (k, feature_version, row_version, row_hash)")
    connection.execute("create table other (row_hash)")
    connection.execute(
        "insert into feat_x values ('1', 2, 1, '2|73|female'), ('1', 2, 2, 'retired')"
    )
    connection.execute("insert into other values ('2|73|female')")
    for _ in range(2):
        renaming.name_versions(connection)
        hashes = connection.execute("select row_hash from feat_x order by row_version").fetchall()
        assert hashes == [("2.1",), ("2.2",)]
    assert connection.execute("select row_hash from other").fetchone() == ("2|73|female",)
