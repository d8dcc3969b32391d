"""dbt with less talk: the same reports, the same types, and warnings that must stop a build do."""

import pytest

from pipeline.transform.lean_dbt import HEARD, lean_dbt
from tests.integration.transform.tiny_project import LAYERS, build_all


def test_every_node_is_reported_as_it_starts_and_as_it_ends(published, project_dir):
    heard = []
    build_all(published, project_dir, on_node=heard.append)
    started = [node.name for node in heard if node.status == "running"]
    ended = [node.name for node in heard if node.status == "success"]
    assert sorted(started) == sorted(ended)
    assert {"colours", "seen", "kept", "grown", "keeps_every_row"} <= set(ended)
    assert {node.layer for node in heard} == {layer.label for layer in LAYERS}


def test_only_events_that_are_reported_reach_a_listener():
    from dbt.events.types import CompiledNode, MainEncounteredError
    from dbt_common.events.event_manager_client import add_callback_to_manager
    from dbt_common.events.functions import fire_event

    heard = []
    lost: list[BaseException] = []
    with lean_dbt(lost.append):
        add_callback_to_manager(lambda message: heard.append(message.info.name))
        fire_event(CompiledNode(node_name="kept", compiled="select 1"))
        fire_event(MainEncounteredError(exc="it broke"))
    assert heard == ["MainEncounteredError"]
    assert set(heard) <= set(HEARD)
    assert lost == []


def test_a_warning_that_is_declared_an_error_still_stops_dbt():
    from dbt.events.types import NoNodesForSelectionCriteria
    from dbt_common.events.event_manager_client import get_event_manager
    from dbt_common.events.functions import warn_or_error
    from dbt_common.exceptions import EventCompilationError

    lost: list[BaseException] = []
    with lean_dbt(lost.append):
        get_event_manager().warn_error = True
        with pytest.raises(EventCompilationError):
            warn_or_error(NoNodesForSelectionCriteria(spec_raw="nothing"))
    assert lost == []


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": 1, "b": "007", "c": None}, {"a": 2, "b": "null", "c": None}],
        [{"a": 1.5, "b": "", "c": True}, {"a": None, "b": "2026-01-01", "c": False}],
        [],
    ],
)
def test_a_result_has_the_types_and_values_that_dbt_gives_it(rows):
    from dbt_common.clients.agate_helper import table_from_data_flat

    stock = table_from_data_flat(rows, ["a", "b", "c"])
    lost: list[BaseException] = []
    with lean_dbt(lost.append):
        lean = [table_from_data_flat(rows, ["a", "b", "c"]) for _ in range(2)]
    for table in lean:
        assert [type(kind) for kind in table.column_types] == [
            type(kind) for kind in stock.column_types
        ]
        assert [tuple(row) for row in table.rows] == [tuple(row) for row in stock.rows]
    assert lost == []


def test_dbt_is_as_it_was_afterwards():
    from dbt_common.clients import agate_helper
    from dbt_common.events.event_manager_client import get_event_manager

    before = get_event_manager(), agate_helper.build_type_tester
    lost: list[BaseException] = []
    with lean_dbt(lost.append):
        assert get_event_manager() is not before[0]
    assert (get_event_manager(), agate_helper.build_type_tester) == before
    assert lost == []
