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

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.home_files import prepare_home
from pipeline.transform import build_plan
from pipeline.transform.build_plan import KEPT_PLANS, PlanStore
from pipeline.transform.dbt_project import DbtProject
from pipeline.transform.one_transaction import one_transaction
from pipeline.transform.plan_run import PlanDeviates
from pipeline.transform.project import Project
from tests.integration.transform.tiny_project import LAYERS, content_of, rows_of

#: What the tiny project lacks: a question to the database, and a test that warns.
ASKING = {
    "models/first/asks.sql": """
{%- set few = run_query('select count(*) < 3 from outside').rows[0][0] if execute else 0 -%}
{{ config(materialized='table') }}
select {{ few }} as has_few, (select count(*) from outside) as size
""",
    "models/first/asks.yml": """
models:
  - name: asks
    columns:
      - name: size
        data_tests:
          - accepted_values: {arguments: {values: [0], quote: false}, config: {severity: warn}}
          - not_null
""",
}


@pytest.fixture
def asking(project_dir):
    for name, text in ASKING.items():
        (project_dir / name).write_text(text, encoding="utf-8")
    return project_dir


@pytest.fixture
def home(tmp_path) -> Settings:
    from pipeline.config import load_settings

    settings = load_settings(home=tmp_path / "plan_home", plan_dir=tmp_path / "plans")
    prepare_home(settings)
    with open_warehouse(settings, write=True) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table outside (id integer)")
    return settings


def build(
    settings: Settings, project_dir, full_refresh: bool = False, dbt_from: Layer | None = None
):
    """Both layers in one transaction; returns the steps."""
    with one_transaction(settings) as transaction:
        project = Project(
            settings,
            transaction,
            "2026-01-01",
            dbt_from=dbt_from,
            project_dir=project_dir,
        )
        project.parse()
        return [project.build(layer, full_refresh) for layer in LAYERS]


def verdicts(steps) -> list[tuple]:
    """All that is told of the nodes, clocks left out."""
    return [
        (node.node, node.name, node.layer, node.kind, node.status, node.failures)
        + ((node.message,) if node.kind == "test" else ())
        for step in steps
        for node in step.nodes
    ]


def insert(settings: Settings, count: int) -> None:
    with open_warehouse(settings, write=True) as connection:
        connection.executemany("insert into outside values (?)", [(n,) for n in range(count)])


def no_dbt(monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("dbt was called")

    monkeypatch.setattr(DbtProject, "_invoke", refuse)


def by(steps) -> list[str]:
    return [step.by for step in steps]


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


def test_the_plans_of_the_last_few_states_of_the_project_are_kept(home, asking):
    for number in range(KEPT_PLANS + 2):
        (asking / "models/first/asks.sql").write_text(f"select {number} as size")
        build(home, asking)
    names = {path.name.partition("-")[0] for path in home.plan_dir.glob("*.json")}
    assert len(names) == KEPT_PLANS
    assert PlanStore(home.plan_dir, asking, home.target).load() is not None, "the newest"


def test_a_plan_that_is_used_outlives_newer_ones_that_are_not(home, asking):
    model = asking / "models/first/asks.sql"
    in_use = model.read_text()
    build(home, asking)
    for number in range(KEPT_PLANS + 2):
        model.write_text(f"select {number} as size")
        build(home, asking)
        model.write_text(in_use)
        assert PlanStore(home.plan_dir, asking, home.target).load() is not None


def test_a_plan_that_another_process_replaces_meanwhile_keeps_its_own_time(
    home, asking, monkeypatch
):
    build(home, asking)
    store = PlanStore(home.plan_dir, asking, home.target)
    other = store.path.with_suffix(".other")
    other.write_bytes(store.path.read_bytes())
    os.utime(other, ns=(1, 1))
    read = build_plan._loaded

    def and_replaced(path, written):
        plan = read(path, written)
        os.replace(other, path)
        return plan

    monkeypatch.setattr(build_plan, "_loaded", and_replaced)
    assert store.load() is not None
    assert store.path.stat().st_mtime_ns == 1


def test_flags_of_dbt_in_the_environment_make_it_another_call(home, asking, monkeypatch):
    build(home, asking)
    build(home, asking)
    monkeypatch.setenv("DBT_FULL_REFRESH", "1")
    assert by(build(home, asking)) == ["dbt", "dbt"]


def test_a_folder_of_plans_that_cannot_be_written_to_keeps_nobody_from_building(home, asking):
    home.plan_dir.write_text("a file where the folder should be")
    for _ in range(2):
        assert by(build(home, asking)) == ["dbt", "dbt"]


def test_a_plan_that_cannot_be_read_is_no_plan(home, asking):
    build(home, asking)
    path = PlanStore(home.plan_dir, asking, home.target).path
    path.write_text(path.read_text()[: path.stat().st_size // 2])
    assert by(build(home, asking)) == ["dbt", "dbt"]
    assert PlanStore(home.plan_dir, asking, home.target).load() is not None


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
