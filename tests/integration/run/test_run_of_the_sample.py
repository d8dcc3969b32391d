"""What a run of the sample leaves for the pages: its graph, its SQL, its rule results, the guided
first visit.
"""

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.services.overview import overview, tour
from pipeline.services.quality import rules
from pipeline.services.quarantine import corrections
from pipeline.services.quarantine import decisions as decision_service
from pipeline.services.run import model_graph, results, run_steps, runs
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from tests.warehouse import copied


def test_a_failed_test_shows_on_the_model_that_it_reads(sample_home):
    settings = load_settings(home=sample_home)
    steps = run_steps.progress(settings, "R000001").nodes
    assert {node.state for node in model_graph.graph(settings, steps).nodes} == {"done"}
    broken = steps.assign(
        status=steps["status"].mask(steps["name"] == "unique_provider_scorecard_npi", "error")
    )
    node = model_graph.graph(settings, broken).node("provider_scorecard")
    assert (node.state, node.failed_tests) == ("failed", ("unique_provider_scorecard_npi",))


def test_the_parts_of_a_run_sum_to_what_it_took(sample_home):
    run = run_steps.progress(load_settings(home=sample_home), "R000001").run
    parts = run.result["seconds_by_part"]
    layers = {layer["name"]: layer["duration_seconds"] for layer in run.result["layers"]}
    assert list(parts) == ["load", "prepare", *layers, "conclude", "publish"]
    assert sum(parts.values()) == pytest.approx(run.result["duration_seconds"], abs=0.01)
    assert run.duration_seconds == pytest.approx(run.result["duration_seconds"], abs=2)
    assert all(parts[name] >= seconds - 0.01 for name, seconds in layers.items())


def test_every_model_and_its_tests_show_the_sql_that_ran(sample_home):
    settings = load_settings(home=sample_home)
    statements = model_graph.statements(settings, "provider_scorecard")
    assert (
        "select" in statements["provider_scorecard"]
        and "{{" not in statements["provider_scorecard"]
    )
    assert "unique_provider_scorecard_npi" in statements
    assert model_graph.is_compiled(settings, "provider_scorecard")


def test_rule_results_of_a_run_are_those_of_data_quality(sample_home):
    settings = load_settings(home=sample_home)
    rule_frame = results.rule_results(settings, "R000001")
    now, then = rules.rules(settings), rules.rules(settings, "R000001")
    pick = ["rule_name", "entity", "failing_rows", "status"]
    pd.testing.assert_frame_equal(now[pick], then[pick])
    assert rule_frame["previous_rows"].isna().all()
    assert set(rules.rules(settings, "R999999")["status"]) == {"not applicable"}


def test_the_first_visit_leads_from_the_sample_to_what_a_repair_promoted(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    assert (tour.state(settings).step, tour.state(settings).files, tour.state(settings).loaded) == (
        1,
        6,
        2383,
    )
    tour.mark_seen(settings)
    tour_state = tour.state(settings)
    first = min(
        decision_service.suggestions(settings),
        key=lambda row: (row.entity, row.column, row.old or "", row.new),
    )
    assert (tour_state.step, first.entity, tour_state.rows_of_suggestion) == (
        2,
        "employer_networks",
        3,
    )
    provider = next(
        suggestion
        for suggestion in decision_service.suggestions(settings)
        if suggestion.entity == "providers"
    )
    (decision,) = corrections.correct(
        settings, "providers", [provider.row_id], {"npi": provider.new}, "as suggested", "test"
    )
    assert tour.state(settings).step == 3

    runs.run_now(settings, layers=["landing_zone"])
    tour_state = tour.state(settings)
    assert (tour_state.step, tour_state.outcome.repairs, tour_state.outcome.waiting) == (4, 1, 3)
    assert tour_state.outcome.promoted == (
        ("encounters", 62),
        ("adverse_events", 5),
        ("providers", 1),
    )
    changed = results.since_last(settings, "R000002")
    assert changed[0] == "R000001"
    home_overview = overview.overview(settings)
    assert home_overview.quality["quarantined"].tolist() == [71, 3]
    assert {layer.label: (layer.state, layer.change) for layer in home_overview.layers}[
        "landing_zone"
    ] == (
        "up to date",
        0,
    )
    assert [layer.state for layer in home_overview.layers[1:]] == ["out of date"] * 3
    with open_control(settings) as control:
        decisions.revert_all(control, [decision], "again", "test")
    assert tour.state(settings).step == 2
    tour.close(settings)
    assert tour.state(settings) is None
