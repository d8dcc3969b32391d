"""The plans that were recorded: how many are kept, and what becomes of one that nobody can read."""

import os

from pipeline.transform import build_plan
from pipeline.transform.build_plan import KEPT_PLANS, PlanStore
from tests.integration.transform.planned_builds import build, by


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
