"""Runs of chosen models in whole builds: what they publish is what a build of everything would have
published.
"""

import json
import sqlite3

import pytest

from pipeline.cli import main
from pipeline.errors import InputRefused, RunFailed
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import run_steps, runs, selection
from pipeline.services.run.selection import freshness
from pipeline.store.sqlite.database import open_warehouse
from pipeline.transform.dbt_project import DbtProject
from tests.warehouse import contents, copied, differences, query


@pytest.fixture
def settings(sample_home, tmp_path):
    return copied(sample_home, tmp_path / "home")


def repair(settings) -> None:
    """Take the suggested value of the provider, which releases 62 encounters."""
    row = next(
        suggestion
        for suggestion in decisions.suggestions(settings)
        if suggestion.entity == "providers"
    )
    corrections.correct(
        settings, "providers", [row.row_id], {row.column: row.new}, "as suggested", "test"
    )


def models_run(settings, run_id: str) -> set[str]:
    nodes = run_steps.progress(settings, run_id).nodes
    return set(nodes[(nodes["kind"] == "model") & (nodes["status"] == "success")]["name"])


def test_one_model_comes_alone_while_all_is_up_to_date_and_brings_its_neighbours_when_it_is_not(
    settings, capsys
):
    before = contents(settings.home)
    assert not freshness(settings).layers_behind
    result = runs.run_now(settings, selection=["provider_scorecard"])
    assert models_run(settings, result.run_id) == {"provider_scorecard"}
    assert differences(before, contents(settings.home)) == []

    repair(settings)
    runs.run_now(settings, layers=["landing_zone", "standard_model"])
    assert freshness(settings).layers_behind == {"enterprise_datasets", "feature_store"}
    capsys.readouterr()
    assert (
        main.main(
            ["--home", str(settings.home), "build", "--select", "provider_case_mix", "--json"]
        )
        == 0
    )
    selection_report = json.loads(capsys.readouterr().out)["selection"]
    assert selection_report["asked"] == ["provider_case_mix"]
    assert {"int_provider_risk_cell", "case_mix_reference"} <= set(selection_report["behind"])
    assert {"provider_scorecard", "feat_provider", "feat_provider_latest"} <= set(
        selection_report["made_from_it"]
    )
    state = contents(settings.home)
    assert (
        "dim_procedure" in selection_report["behind"]
        and "network_roster_audit" not in selection_report["models"]
    )
    assert freshness(settings).layers_behind == {"enterprise_datasets"}

    runs.run_now(settings)
    assert [
        line
        for line in differences(state, contents(settings.home))
        if line.split(":")[0] in selection_report["models"]
    ] == []
    assert not freshness(settings).layers_behind


def test_what_is_not_judged_again_keeps_the_inputs_of_its_landing_zone(settings):
    stamp = query(settings.home, "select * from ops_build")
    repair(settings)
    runs.run_now(settings, layers=["enterprise_datasets"])
    assert query(settings.home, "select * from ops_build") == stamp
    with pytest.raises(InputRefused, match="are judged by"):
        runs.run_now(settings, selection=["fct_encounter"], as_of="2030-01-01")


@pytest.fixture
def left_to_dbt(monkeypatch) -> list[str]:
    """The layers that dbt was asked to build, one after the other."""
    layers, build = [], DbtProject.build

    def note(self, layer, *arguments, **named):
        layers.append(layer.label)
        return build(self, layer, *arguments, **named)

    monkeypatch.setattr(DbtProject, "build", note)
    return layers


def test_failed_only_builds_what_failed_and_is_refused_after_a_success(settings, left_to_dbt):
    with pytest.raises(InputRefused, match="did not fail"):
        selection.failed_again(settings)
    # the plan of a build on what stands is known from here on
    runs.run_now(settings, as_of="2030-01-01")
    left_to_dbt.clear()
    lost = query(settings.home, "select encounter_id from std_encounters limit 1")[0][0]
    with open_warehouse(settings, write=True) as warehouse:
        row = warehouse.execute(
            "select * from std_encounters where encounter_id = ?", (lost,)
        ).fetchone()
        warehouse.execute("delete from std_encounters where encounter_id = ?", (lost,))
    with pytest.raises(RunFailed):
        # by another day: with nothing new, nothing is looked at
        runs.run_now(settings, as_of="2031-01-01")
    # the plan leads up to the layer that fails; then begins the search for the cause
    assert left_to_dbt[0] == "standard_model"
    again = selection.failed_again(settings)
    assert again.layers == () and set(again.selection) <= set(
        selection.preview(settings, again.selection).models["standard_model"]
    )
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute(
            f"insert into std_encounters values ({', '.join('?' * len(row))})", tuple(row)
        )
    result = runs.run_now(settings, selection=again.selection)
    assert result.status == "succeeded"
    assert models_run(settings, result.run_id) == set(again.selection)


def test_a_decision_that_waits_makes_failed_only_the_whole_run(settings):
    repair(settings)
    with sqlite3.connect(settings.home / "icon_health.db") as warehouse:
        warehouse.execute("delete from std_patients where rowid = 1")
    warehouse.close()
    with pytest.raises(RunFailed):
        runs.run_now(settings)
    assert len(selection.failed_again(settings).layers) == 4
