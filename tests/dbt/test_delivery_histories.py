"""What becomes of a key over several deliveries: versions, re-sends, late parents, undone loads.
Silver and its ledger only.
"""

import pytest

from pipeline.config import Settings
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.factories import (
    encounter,
    encounter_id,
    network,
    npi,
    patient,
    provider,
    small_world,
    write_delivery,
)
from tests.warehouse import contents, copied, differences, open_quarantine, query

SILVER_COLUMNS = {
    "patients": ("patient_id", "gender", "birth_date"),
    "providers": ("npi", "provider_name", "zip5", "zip4"),
    "encounters": ("encounter_id", "npi", "patient_id", "cpt", "paid_amount_usd"),
    "adverse_events": ("encounter_id",),
    "referrals": ("referral_id", "patient_id", "cpt", "zip5", "employer_id"),
    "employer_networks": ("employer_id", "npi"),
}
LAYERS = ["landing_zone", "standard_model"]


class Story:
    """Deliveries and decisions on one home, built after each."""

    def __init__(self, settings: Settings, folder) -> None:
        self.settings, self.folder, self.count = settings, folder, 0

    @property
    def home(self):
        return self.settings.home

    def deliver(self, **rows) -> list[str]:
        self.count += 1
        folder = write_delivery(self.folder / f"delivery_{self.count}", **rows)
        result = runs.run_now(self.settings, verb="run", layers=LAYERS, paths=[folder])
        return [load.load_id for load in result.loads]

    def build(self) -> None:
        runs.run_now(self.settings, verb="build", layers=LAYERS)

    def undo(self, load_id: str) -> None:
        loads.undo(self.settings, load_id)
        self.build()

    def status(self, entity: str, key: str) -> list[str]:
        return [
            status
            for (status,) in query(
                self.home,
                f"select _status from row_verdicts_{entity} where _key = ? order by _load_seq, _source_row_number",
                key,
            )
        ]

    def assert_equals_full_refresh(self) -> None:
        self.count += 1
        other = copied(self.home, self.folder / f"copy_{self.count}")
        runs.run_now(other, verb="build", layers=LAYERS, full_refresh=True)
        assert differences(contents(self.home), contents(other.home)) == []


def business_columns(home) -> dict[str, list[tuple]]:
    """Silver without the lineage, which names the load."""
    return {
        f"std_{entity}": sorted(query(home, f"select {', '.join(names)} from std_{entity}"))
        for entity, names in SILVER_COLUMNS.items()
    }


@pytest.fixture
def story(settings, tmp_path) -> Story:
    return Story(settings, tmp_path)


def test_a_new_version_replaces_the_old_and_an_unchanged_one_is_a_duplicate(story):
    story.deliver(**small_world())
    story.deliver(
        encounters=[
            encounter(1, 2, 2, cpt="24538", paid_amount="4321"),
            encounter(2, 3, 3, cpt="27130", paid_amount="920"),
        ]
    )
    assert story.status("encounters", encounter_id(1)) == ["superseded", "promoted"]
    assert story.status("encounters", encounter_id(2)) == ["promoted", "duplicate"]
    assert query(
        story.home,
        "select rule_id, action from dq_encounters inner join row_verdicts_encounters using (_row_id) "
        "where _status = 'duplicate'",
    ) == [("ROW-05", "fix")]
    assert query(
        story.home,
        "select paid_amount_usd from std_encounters where encounter_id = ?",
        encounter_id(1),
    ) == [(4321.0,)]
    story.assert_equals_full_refresh()


def test_a_bad_new_version_waits_and_the_good_old_one_stays(story):
    story.deliver(**small_world())
    story.deliver(encounters=[encounter(1, 2, 2, cpt="99999")])
    assert story.status("encounters", encounter_id(1)) == ["promoted", "quarantined"]
    story.deliver(encounters=[encounter(1, 2, 2, paid_amount="77")])
    assert story.status("encounters", encounter_id(1)) == ["superseded", "superseded", "promoted"]
    story.assert_equals_full_refresh()


def test_content_that_comes_back_is_a_new_version_with_a_flag(story):
    story.deliver(**small_world())
    story.deliver(encounters=[encounter(1, 2, 2, paid_amount="1")])
    story.deliver(encounters=[encounter(1, 2, 2, cpt="24538", paid_amount="910")])
    assert story.status("encounters", encounter_id(1)) == ["superseded", "superseded", "promoted"]
    assert query(
        story.home,
        "select count(*) from dq_encounters where rule_id = 'ROW-06' and action = 'flag'",
    ) == [(1,)]


def test_children_follow_a_late_parent_and_leave_with_an_undone_one(story):
    world = small_world()
    late = world["providers"].pop()
    story.deliver(**world)
    waiting = open_quarantine(story.home)["encounters"]
    assert waiting == 6
    (load_id,) = story.deliver(providers=[late])
    assert open_quarantine(story.home) == {}
    story.assert_equals_full_refresh()
    story.undo(load_id)
    assert open_quarantine(story.home) == {"encounters": waiting, "adverse_events": 2}
    assert query(story.home, "select count(*) from std_encounters where npi = ?", late["npi"]) == [
        (0,)
    ]
    story.assert_equals_full_refresh()


def test_losing_a_parent_holds_back_its_children_and_not_the_whole_load(story):
    load_ids = story.deliver(**small_world())
    providers = query(story.home, "select load_id from ops_loads where entity = 'providers'")[0][0]
    assert providers in load_ids
    story.deliver(providers=[provider(1), provider(2)])
    story.undo(providers)
    assert open_quarantine(story.home)["encounters"] == 12
    assert query(story.home, "select count(*) from std_encounters") == [(12,)]
    assert query(story.home, "select distinct gate from ops_loads") == [("open",)]


def test_undoing_every_load_leaves_empty_tables_and_the_raw_rows(story):
    for load_id in story.deliver(**small_world()):
        loads.undo(story.settings, load_id)
    story.build()
    assert query(story.home, "select count(*) from std_encounters") == [(0,)]
    assert query(story.home, "select count(*) from raw_encounters") == [(24,)]
    assert query(story.home, "select count(*) from ledger") == [(0,)]


def test_an_undone_file_can_be_loaded_again(story):
    world = small_world()
    before = story.deliver(**world)
    state = business_columns(story.home)
    for load_id in before:
        loads.undo(story.settings, load_id)
    again = story.deliver(**world)
    assert set(again).isdisjoint(before)
    assert business_columns(story.home) == state


def test_a_network_list_is_replaced_as_a_whole(story):
    story.deliver(**small_world())
    story.deliver(employer_networks=[network(1, 3, 4)])
    listed = query(
        story.home, "select npi from std_employer_networks where employer_id = '91001' order by npi"
    )
    assert [row[0] for row in listed] == sorted([npi(1), npi(3), npi(4)])
    assert query(
        story.home,
        "select _status, count(*) from row_verdicts_employer_networks group by 1 order by 1",
    ) == [("duplicate", 2), ("promoted", 3), ("superseded", 1)]
    story.deliver(employer_networks=[{"employer_id": "91001", "in_network_npis": ""}])
    assert len(query(story.home, "select npi from std_employer_networks")) == 3
    story.assert_equals_full_refresh()


def test_a_provider_without_npi_is_closed_when_its_row_arrives_complete(story):
    world = small_world()
    world["providers"].append(provider(9, npi=""))
    story.deliver(**world)
    assert open_quarantine(story.home) == {"providers": 1}
    (load_id,) = story.deliver(providers=[provider(9)])
    assert open_quarantine(story.home) == {}
    story.assert_equals_full_refresh()
    story.undo(load_id)
    assert open_quarantine(story.home) == {"providers": 1}


def test_two_versions_in_one_file_are_held_until_one_is_rejected(story):
    world = small_world()
    world["patients"] += [patient(50), patient(50, gender="unknown")]
    story.deliver(**world)
    rows = query(story.home, "select _row_id from quarantine_patients order by _source_row_number")
    assert len(rows) == 2
    decision = decisions.reject(
        story.settings, "patients", [rows[1][0]], reason="mistyped", by="test"
    )
    story.build()
    assert story.status("patients", patient(50)["patient_id"]) == ["promoted", "rejected"]
    story.assert_equals_full_refresh()
    decisions.revert(story.settings, decision[0], reason="was right", by="test")
    story.build()
    assert story.status("patients", patient(50)["patient_id"]) == ["quarantined", "quarantined"]
    story.assert_equals_full_refresh()


def test_a_correction_promotes_the_row_and_its_children_and_survives_a_resend(story):
    world = small_world()
    world["providers"][0] = provider(1, npi="")
    story.deliver(**world)
    assert open_quarantine(story.home)["encounters"] == 6
    ((row_id,),) = query(story.home, "select _row_id from quarantine_providers")
    (decision,) = corrections.correct(
        story.settings, "providers", [row_id], {"npi": npi(1)}, reason="registry", by="test"
    )
    story.build()
    assert open_quarantine(story.home) == {}
    assert query(story.home, "select npi from raw_providers where _row_id = ?", row_id)[0][0] in (
        "",
        None,
    )
    story.deliver(providers=[provider(1, npi=""), provider(2)])
    assert open_quarantine(story.home) == {}
    story.assert_equals_full_refresh()
    decisions.revert(story.settings, decision, reason="wrong person", by="test")
    story.build()
    assert open_quarantine(story.home) == {"providers": 1, "encounters": 6}
    story.assert_equals_full_refresh()


def test_a_waived_row_is_promoted_until_the_waiver_expires(story):
    world = small_world()
    world["encounters"].append(encounter("denied", paid_amount="0"))
    story.deliver(**world)
    ((row_id,),) = query(story.home, "select _row_id from quarantine_encounters")
    decisions.waive(
        story.settings,
        "encounters",
        [row_id],
        rule_id="ENC-12",
        reason="charity care",
        by="test",
        expires_on="2998-12-31",
    )
    story.build()
    assert open_quarantine(story.home) == {}
    assert query(
        story.home,
        "select action from dq_encounters where _row_id = ? and rule_id = 'ENC-12'",
        row_id,
    ) == [("waived",)]
    runs.run_now(story.settings, verb="build", layers=LAYERS, as_of="2999-01-01")
    assert open_quarantine(story.home) == {"encounters": 1}


def test_the_same_bytes_again_change_nothing(story, tmp_path):
    story.deliver(**small_world())
    before = contents(story.home)
    result = runs.run_now(
        story.settings, verb="run", layers=LAYERS, paths=[tmp_path / "delivery_1"]
    )
    assert {load.status for load in result.loads} == {"already_loaded"}
    assert differences(before, contents(story.home)) == []
