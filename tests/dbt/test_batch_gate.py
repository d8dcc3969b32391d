"""The batch gate through whole builds: what it holds, what stays published meanwhile, and how it
opens.
"""

import json

import pytest

from pipeline.cli import main
from pipeline.services.quarantine import decisions
from pipeline.services.upload import loads
from tests.dbt.test_delivery_histories import Story
from tests.factories import encounter, encounter_id, npi, provider, small_world, write_delivery
from tests.warehouse import open_quarantine, query


@pytest.fixture
def story(settings, tmp_path) -> Story:
    return Story(settings, tmp_path)


def gate_of(story: Story, load_id: str) -> str:
    ((gate,),) = query(story.home, "select gate from ops_loads where load_id = ?", load_id)
    return gate


def build_by_command_line(story: Story, capsys) -> tuple[int, dict]:
    capsys.readouterr()
    code = main.main(
        ["--home", str(story.home), "build", "landing_zone", "standard_model", "--json"]
    )
    return code, json.loads(capsys.readouterr().out)


def test_a_held_load_reaches_silver_only_by_a_release_and_older_versions_stay(story, capsys):
    story.deliver(**small_world())
    newer = [encounter(1, 2, 2, paid_amount="4321"), encounter("good", 1, 1)]
    bad = [encounter("bad", 1, 1, cpt="99999"), encounter("worse", 1, 1, paid_amount="0")]
    (load,) = loads.ingest(
        story.settings, [write_delivery(story.folder / "doubtful", encounters=newer + bad)]
    )
    code, document = build_by_command_line(story, capsys)
    assert (code, document["status"], document["held_loads"]) == (3, "held", [load.load_id])
    assert document["quarantine"]["encounters"] == 4
    assert story.status("encounters", encounter_id(1)) == ["promoted", "quarantined"]
    assert query(story.home, "select count(*) from std_encounters") == [(24,)]
    assert {row.rules for row in decisions.rows(story.settings, "encounters", "FIL-10")} >= {
        ("FIL-10",)
    }

    loads.release(story.settings, load.load_id, "the sender confirmed it", "test")
    code, document = build_by_command_line(story, capsys)
    assert (code, document["status"], document["held_loads"]) == (0, "succeeded", [])
    assert story.status("encounters", encounter_id(1)) == ["superseded", "promoted"]
    assert open_quarantine(story.home) == {"encounters": 2}
    assert gate_of(story, load.load_id) == "released"


def test_a_held_load_opens_by_itself_when_its_rows_are_repaired(story):
    world = small_world()
    missing = world["providers"].pop()
    story.deliver(**world)
    (load_id,) = story.deliver(
        encounters=[encounter("one", 4, 1), encounter("two", 4, 2), encounter("three", 1, 3)]
    )
    assert gate_of(story, load_id) == "held"
    assert query(
        story.home,
        "select count(*) from std_encounters where encounter_id = ?",
        encounter_id("three"),
    ) == [(0,)]
    story.deliver(providers=[provider(4)])
    assert missing["npi"] == npi(4) and gate_of(story, load_id) == "open"
    assert open_quarantine(story.home) == {}
    assert query(story.home, "select count(*) from std_encounters") == [(27,)]
