"""Which rows the rules after promotion look at again: those that a change concerns, and never fewer
than a look at all of them would find. What came decides no statement, so the recorded plan leads
through whatever comes.
"""

import sqlite3
from dataclasses import replace

import pytest

from pipeline.config import Settings
from pipeline.orchestrate.results import RunResult
from pipeline.services.run import runs
from tests.dbt.hidden_edges import hidden_edges
from tests.dbt.random_history import AS_OF, ENTITIES, History
from tests.factories import adverse_event, encounter, small_world, write_delivery
from tests.warehouse import contents, copied, differences, query

LAYERS = ["landing_zone"]
#: Events and encounters of a first load: more than the changes that are never too many to follow.
MANY = 1_100
WATCHED = """create trigger if not exists watch_reviews after insert on ops_rows_to_review begin
    insert into watched_reviews values (new.entity, new.row_id); end"""


def landing_zone(settings: Settings, **request) -> RunResult:
    return runs.run_now(settings, verb="build", layers=LAYERS, as_of=AS_OF, **request)


def deliver(settings: Settings, folder, **rows) -> RunResult:
    paths = [write_delivery(folder, **rows)]
    return runs.run_now(settings, verb="run", layers=LAYERS, as_of=AS_OF, paths=paths)


def watch(settings: Settings) -> None:
    """From now on every row that is reviewed is noted."""
    with sqlite3.connect(settings.warehouse_path) as warehouse:
        warehouse.execute("create table watched_reviews (entity text, row_id text)")
        warehouse.execute(WATCHED)
    warehouse.close()


def reviewed(settings: Settings) -> dict[str, int]:
    """Rows reviewed since the watch began, by source."""
    return dict(
        query(settings.home, "select entity, count(*) from watched_reviews group by entity")
    )


def large_world(size: int) -> dict[str, list[dict]]:
    world = small_world()
    world["encounters"] = [encounter(number, patient_number=3) for number in range(size)]
    world["adverse_events"] = [adverse_event(number) for number in range(size)]
    return world


@pytest.fixture
def watched(settings, tmp_path) -> Settings:
    """A home with a first load, most of it events, whose plan is known."""
    deliver(settings, tmp_path / "first", **large_world(MANY))
    deliver(settings, tmp_path / "second", adverse_events=[adverse_event(1)])
    home = replace(settings, home=tmp_path / "watched")
    deliver(home, tmp_path / "again", **large_world(MANY))
    watch(home)
    return home


def test_a_first_delivery_is_reviewed_where_it_concerns_something_and_by_the_plan(
    watched, tmp_path
):
    came = deliver(watched, tmp_path / "few", encounters=[encounter("new", paid_amount="7")])
    assert {layer.built_by for layer in came.layers} == {"plan"}
    assert reviewed(watched) == {"encounters": 1, "patients": 1}


def test_changes_of_more_than_half_are_reviewed_whole_and_by_the_plan(watched, tmp_path):
    changed = [
        encounter(number, patient_number=3, paid_amount=str(900 + number)) for number in range(MANY)
    ]
    came = deliver(watched, tmp_path / "many", encounters=changed)
    assert {layer.built_by for layer in came.layers} == {"plan"}
    assert reviewed(watched)["encounters"] == 2 * MANY  # the rows before and those that came
    assert_as_after_a_full_refresh(watched, tmp_path)


def assert_as_after_a_full_refresh(settings: Settings, folder, told: object = None) -> None:
    """What a look at every row would say, is said."""
    other = copied(settings.home, folder / "refreshed")
    other = replace(other, gate_threshold=settings.gate_threshold)
    landing_zone(other, full_refresh=True)
    names = ("dq_", "row_verdicts_")
    assert differences(contents(settings.home, names), contents(other.home, names)) == [], told


@pytest.mark.parametrize("seed", [3, 4, 8])
def test_random_deliveries_and_decisions_are_reviewed_as_a_look_at_all_rows_would(
    settings, tmp_path, seed
):
    history = History(replace(settings, gate_threshold=0.6), tmp_path / "deliveries", seed)
    history.deliver(ENTITIES, 10, defects=0.1)
    landing_zone(history.settings)
    for turn in range(4):
        history.chance.choice(
            [
                lambda: history.deliver((history.chance.choice(ENTITIES),), 3),
                lambda: history.deliver(ENTITIES, 2),
                history.undo,
            ]
        )()
        history.decide()
        landing_zone(history.settings)
        assert_as_after_a_full_refresh(history.settings, tmp_path / f"{turn}", history.log)
    # the last statements of these builds are incremental ones
    assert hidden_edges(history.settings.dbt_dir) == [], history.log
