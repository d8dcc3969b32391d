"""What runs leave for the pages: trends, changes, rule results of one run, the guided first
visit.
"""

import pytest

from pipeline.config import load_settings
from pipeline.services.overview import tour
from pipeline.services.run import model_graph, results, run_steps
from pipeline.store.control import run_nodes
from pipeline.store.control import runs as run_records
from pipeline.store.control.control_file import open_control


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
    graph = model_graph.graph(settings, run_steps.no_steps())
    spots = {node.place.name: (node.place.column, node.place.row) for node in graph.nodes}
    assert len(spots) == len(graph.nodes) > 70
    assert [
        edge
        for edge in graph.edges
        if graph.node(edge[0]).place.layer != "landing_zone" and spots[edge[0]] >= spots[edge[1]]
    ] == []
    assert {node.state for node in graph.nodes} == {model_graph.NOT_STARTED} == {graph.absent}


def test_sql_is_shown_as_written_before_the_first_build(settings):
    assert "{{" in model_graph.statements(settings, "provider_scorecard")["provider_scorecard"]
    assert not model_graph.is_compiled(settings, "provider_scorecard")


def test_there_is_no_first_visit_to_other_data(settings):
    assert tour.state(settings) is None
