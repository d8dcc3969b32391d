"""A layer that was built by dbt once is built from the recorded plan: the same tables and verdicts,
and dbt again as soon as anything is new.
"""

import os
import signal
import sqlite3
import threading
import time
from dataclasses import replace

import pytest

from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.home_files import prepare_home
from pipeline.transform.build_plan import PlanStore
from pipeline.transform.one_transaction import one_transaction
from pipeline.transform.plan_run import PlanDeviates
from pipeline.transform.project import Project
from tests.integration.transform.planned_builds import (
    build,
    by,
    insert,
    no_dbt,
    verdicts,
)
from tests.integration.transform.tiny_project import LAYERS, content_of, rows_of


def test_what_dbt_said_once_is_said_again_without_it(home, asking, monkeypatch):
    insert(home, 2)
    first, second = build(home, asking), build(home, asking)
    assert by(first) == ["dbt", "dbt"] and by(second) == ["dbt", "dbt"], "other tables stand now"
    content = content_of(home)
    no_dbt(monkeypatch)
    third = build(home, asking)
    assert by(third) == ["plan", "plan"]
    assert verdicts(third) == verdicts(second) and content_of(home) == content
    assert ("warn", 1) in {(node.status, node.failures) for step in third for node in step.nodes}


def test_another_home_in_the_same_state_needs_no_dbt(home, asking, tmp_path, monkeypatch):
    build(home, asking)
    no_dbt(monkeypatch)
    other = replace(home, home=tmp_path / "other")
    prepare_home(other)
    with open_warehouse(other, write=True) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table outside (id integer)")
    assert by(build(other, asking)) == ["plan", "plan"]
    assert content_of(other) == content_of(home)
    assert (other.dbt_dir / "target" / "manifest.json").exists()
    compiled = other.dbt_dir / "target" / "compiled" / "tiny" / "models" / "first" / "asks.sql"
    assert "as has_few" in compiled.read_text()


def test_data_may_change_as_long_as_the_answers_are_known(home, asking):
    build(home, asking)
    build(home, asking)
    insert(home, 2)
    assert by(build(home, asking)) == ["plan", "plan"]
    assert rows_of(home, "asks") == [(1, 2)]


def test_an_answer_that_dbt_has_not_heard_ends_the_plan_and_is_learned(home, asking):
    build(home, asking)
    build(home, asking)
    before = content_of(home)
    insert(home, 7)
    with pytest.raises(PlanDeviates, match="an answer that dbt has not heard yet"):
        build(home, asking)
    assert rows_of(home, "asks") == [(1, 0)]
    assert by(build(home, asking, dbt_from=LAYERS[0])) == ["dbt", "dbt"]
    assert rows_of(home, "asks") == [(0, 7)]
    with open_warehouse(home, write=True) as connection:
        connection.execute("delete from outside")
    assert by(build(home, asking)) == ["plan", "plan"], "both answers are known now"
    assert content_of(home) == before


def test_what_was_built_while_a_file_changed_is_not_taken_for_the_plan_of_the_new_file(
    home, asking
):
    path = asking / "models/first/asks.sql"

    def change(_) -> None:
        path.write_text(path.read_text().replace("< 3", "< 1"))

    build(home, asking)
    with one_transaction(home) as transaction:
        project = Project(home, transaction, "2026-01-01", on_node=change, project_dir=asking)
        project.parse()
        for layer in LAYERS:
            project.build(layer)
    insert(home, 2)
    assert by(build(home, asking)) == ["dbt", "dbt"]
    assert rows_of(home, "asks") == [(0, 2)], "as the new file says"


@pytest.mark.parametrize(
    "name",
    ["models/first/kept.sql", "models/first/first.yml", "dbt_project.yml", "seeds/colours.csv"],
)
def test_a_changed_file_makes_it_another_plan(home, asking, name):
    build(home, asking)
    build(home, asking)
    path = asking / name
    end = (
        "3,green\n" if path.suffix == ".csv" else f"\n{'--' if path.suffix == '.sql' else '#'} x\n"
    )
    path.write_text(path.read_text() + end)
    assert by(build(home, asking)) == ["dbt", "dbt"]


def test_a_full_refresh_is_a_call_of_its_own(home, asking):
    build(home, asking)
    build(home, asking)
    assert by(build(home, asking, full_refresh=True)) == ["dbt", "dbt"]
    assert by(build(home, asking, full_refresh=True)) == ["plan", "plan"]


@pytest.mark.parametrize("values", [[None, None], [1]])
def test_a_test_that_fails_is_left_to_dbt(home, asking, values):
    """With severity error, that is: a statement that fails likewise."""
    (asking / "models/first/outer.sql").write_text("select id from outside")
    (asking / "models/first/outer.yml").write_text(
        "models: [{name: outer, columns: [{name: id, data_tests: [not_null]}]}]"
    )
    insert(home, 2)
    build(home, asking)
    build(home, asking)
    with open_warehouse(home, write=True) as connection:
        connection.executemany("update outside set id = ?", [(value,) for value in values])
    if None in values:
        with pytest.raises(PlanDeviates, match="not_null_outer_id"):
            build(home, asking)
        steps = build(home, asking, dbt_from=LAYERS[0])
        assert (steps[0].status, steps[0].by) == ("error", "dbt")
    else:
        assert by(build(home, asking)) == ["plan", "plan"]


def test_a_failing_statement_is_left_to_dbt_and_leaves_nothing_behind(home, asking):
    build(home, asking)
    build(home, asking)
    with open_warehouse(home, write=True) as connection:
        connection.execute("drop table outside")
    before = content_of(home)
    with pytest.raises(PlanDeviates):
        build(home, asking)
    assert content_of(home) == before


def test_the_setting_dbt_neither_follows_nor_records(home, asking):
    settings = replace(home, builder="dbt")
    for _ in range(3):
        assert by(build(settings, asking)) == ["dbt", "dbt"]
    assert PlanStore(settings.plan_dir, asking, settings.target).load() is None


def test_a_signal_ends_a_long_statement_at_once(home, asking):
    (asking / "models/first/long.sql").write_text(
        "with recursive n(i) as (select 1 union all select i + 1 from n "
        "where i < (select count(*) * 40000000 from outside)) select max(i) as size from n"
    )
    (asking / "models/first/long.yml").write_text(
        "models: [{name: long, config: {materialized: table}}]"
    )
    build(home, asking)
    build(home, asking)
    before = content_of(home)
    insert(home, 1)
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        build(home, asking)
    assert time.monotonic() - started < 8
    with open_warehouse(home, write=True) as connection:
        connection.execute("delete from outside")
    assert content_of(home) == before


def test_a_disk_that_is_full_ends_the_run_with_its_cause(home, asking):
    (asking / "models/first/large.sql").write_text(
        "{{ config(materialized='table') }} select randomblob(1000000) as bytes from outside"
    )
    build(home, asking)
    build(home, asking)
    insert(home, 2)
    with one_transaction(home) as transaction:
        (pages,) = transaction.connection.execute("pragma page_count").fetchone()
        transaction.connection.execute(f"pragma max_page_count = {pages + 20}")
        project = Project(home, transaction, "2026-01-01", project_dir=asking)
        project.parse()
        with pytest.raises(sqlite3.OperationalError, match="full"):
            project.build(LAYERS[0])
        if not transaction.connection.in_transaction:
            transaction.connection.execute("begin")  # SQLite itself has rolled back
