"""What runs leave for the pages: trends, changes, rule results of one run, the guided first
visit.
"""

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.services.overview import overview, tour
from pipeline.services.quality import rules
from pipeline.services.quarantine import decisions as decision_service
from pipeline.services.run import model_graph, results, runs
from pipeline.store.control import decisions, run_nodes
from pipeline.store.control import runs as run_records
from pipeline.store.control.control_file import open_control
from tests.warehouse import copied


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home")


def runs_of(settings, seconds_by_model: dict[str, list[float]]) -> None:
    """Runs that succeeded, one a place in the lists."""
    for place in range(max(map(len, seconds_by_model.values()))):
        with open_control(settings) as control:
            run, _ = run_records.request(control, "build", [], None, False, [], "test", pid=1)
            for name, seconds_by_run in seconds_by_model.items():
                run_nodes.upsert(
                    control,
                    run.run_id,
                    f"model.{name}",
                    name,
                    "enterprise_datasets",
                    "model",
                    "success",
                    None,
                    seconds_by_run[place],
                    None,
                    None,
                )
            run_records.finish(control, run.run_id, "succeeded")


def test_a_model_that_got_slower_is_told_apart_from_one_that_always_was(settings):
    runs_of(
        settings, {"slow": [9.0, 9.1, 9.0], "slower": [1.0, 1.1, 3.0], "quick": [0.01, 0.01, 0.05]}
    )
    trends = results.model_trends(settings).set_index("name")
    assert trends.index.tolist() == ["slower", "slow", "quick"]
    assert trends["slower"].tolist() == [True, False, False]
    assert (trends.loc["slower", "usual"], trends.loc["slower", "seconds"]) == (
        pytest.approx(1.05),
        3.0,
    )
    assert trends.loc["slow", "history"] == [9.0, 9.1, 9.0]


def test_two_runs_are_too_few_to_call_a_model_slower(settings):
    runs_of(settings, {"slower": [1.0, 3.0]})
    assert not results.model_trends(settings)["slower"].any()


def test_the_graph_places_parents_before_children_and_every_model_once(settings):
    graph = model_graph.graph(settings, runs.no_steps())
    spots = {node.place.name: (node.place.column, node.place.row) for node in graph.nodes}
    assert len(spots) == len(graph.nodes) > 70
    assert [
        edge
        for edge in graph.edges
        if graph.node(edge[0]).place.layer != "landing_zone" and spots[edge[0]] >= spots[edge[1]]
    ] == []
    assert {node.state for node in graph.nodes} == {model_graph.NOT_STARTED} == {graph.absent}


def test_a_failed_test_shows_on_the_model_that_it_reads(sample_home):
    settings = load_settings(home=sample_home)
    steps = runs.progress(settings, "R000001").nodes
    assert {node.state for node in model_graph.graph(settings, steps).nodes} == {"done"}
    broken = steps.assign(
        status=steps["status"].mask(steps["name"] == "unique_provider_scorecard_npi", "error")
    )
    node = model_graph.graph(settings, broken).node("provider_scorecard")
    assert (node.state, node.failed_tests) == ("failed", ("unique_provider_scorecard_npi",))


def test_every_model_and_its_tests_show_the_sql_that_ran(sample_home):
    settings = load_settings(home=sample_home)
    statements = model_graph.statements(settings, "provider_scorecard")
    assert (
        "select" in statements["provider_scorecard"]
        and "{{" not in statements["provider_scorecard"]
    )
    assert "unique_provider_scorecard_npi" in statements
    assert model_graph.is_compiled(settings, "provider_scorecard")


def test_sql_is_shown_as_written_before_the_first_build(settings):
    assert "{{" in model_graph.statements(settings, "provider_scorecard")["provider_scorecard"]
    assert not model_graph.is_compiled(settings, "provider_scorecard")


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
    (decision,) = decision_service.correct(
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


def test_there_is_no_first_visit_to_other_data(settings):
    assert tour.state(settings) is None
