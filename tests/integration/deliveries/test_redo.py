"""A delivery that was undone comes back as it was: the same ids, verdicts and decisions; what that
would do is said before, and comes so.
"""

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.access import audit
from pipeline.services.access.roles import NotAllowed
from pipeline.services.deliveries import deliveries
from pipeline.services.run import runs
from pipeline.services.upload import loads, purge, redoing
from pipeline.store.control.actor import Actor, acting_as
from tests.conftest import SAMPLE_DIR
from tests.warehouse import copied, query


@pytest.fixture
def own(sample_home, tmp_path):
    return load_settings(home=copied(sample_home, tmp_path / "home").home)


def load_of(settings, entity: str) -> str:
    ((load_id,),) = query(settings.home, "select load_id from ops_loads where entity = ?", entity)
    return load_id


def fates(settings) -> dict[str, list[tuple]]:
    return {
        source: query(
            settings.home,
            f"select _row_id, _status, _failed, _content from row_verdicts_{source} order by 1",
        )
        for source in ("encounters", "adverse_events")
    }


def build(settings) -> None:
    assert runs.run_now(settings, verb="build", layers=["landing_zone"]).status == "succeeded"


def test_what_comes_back_is_foretold_and_is_as_before_it_was_undone(own):
    before, load_id = fates(own), load_of(own, "encounters")
    loads.undo(own, load_id)
    assert redoing.redone(own, load_id).is_untouched
    build(own)
    assert not fates(own)["encounters"]
    (waiting,) = query(
        own.home, "select count(*) from row_verdicts_adverse_events where _status = 'quarantined'"
    )[0]
    told = redoing.redone(own, load_id)
    assert not told.is_untouched and not told.refusal and not told.left_out
    assert told.fates == {"encounters": {"promoted": 938, "quarantined": 62}}
    released = told.releases.released.by_source["adverse_events"]
    assert [load["redone_at"] is None for load in redoing.redo_together(own, [load_id])] == [False]
    assert audit.newest(own, 1)[0].action == "redo"
    build(own)
    assert fates(own) == before
    (still,) = query(
        own.home, "select count(*) from row_verdicts_adverse_events where _status = 'quarantined'"
    )[0]
    assert waiting - still == released
    assert deliveries.of_load(own, load_id).state == "in the tables"


def test_what_cannot_come_back_says_why_and_nothing_of_the_others_does(own):
    first, second = load_of(own, "encounters"), load_of(own, "adverse_events")
    loads.undo_together(own, [first, second])
    again = loads.ingest(own, [SAMPLE_DIR / "adverse_events.csv"])[0]
    assert redoing.redone(own, first, second).refusal == (
        f"{second} was loaded again meanwhile, as {again.load_id}"
    )
    with pytest.raises(InputRefused, match="loaded again meanwhile"):
        redoing.redo_together(own, [first, second])
    with pytest.raises(InputRefused, match="is in force"):
        redoing.redo_together(own, [load_of(own, "patients")])
    with acting_as(Actor("eve", ("reviewer",))), pytest.raises(NotAllowed):
        redoing.redo_together(own, [first])
    purge.purge(own, first, "asked to forget it", "Ada")
    assert "was purged" in redoing.redone(own, first).refusal
    states = query(own.home, "select count(*) from ops_loads where redone_at is not null")
    assert states == [(0,)]
