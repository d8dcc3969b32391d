"""Rows wait for causes: each row for one at least, and what a decision on a cause is said to do is
what the next build does.
"""

import shutil

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.quality.suggestions import suggestions
from pipeline.quality.waiting_rows import WaitingRows
from pipeline.services.overview import overview
from pipeline.services.quarantine import causes, corrections, decisions
from pipeline.services.quarantine.shown_effect import told_events
from pipeline.services.run import runs
from pipeline.services.upload import loads
from pipeline.store.sqlite.database import open_warehouse
from tests.factories import encounter, encounter_id, npi, patient, small_world, write_delivery
from tests.warehouse import query


@pytest.fixture
def sample(sample_home, tmp_path):
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "sample"))


@pytest.fixture
def broken(sample, tmp_path):
    """The sample and a delivery with several things wrong, some in one row."""
    world = {
        "patients": [
            patient(9001, gender="männlich"),
            patient(9002, gender="weiblich"),
            patient(9003, birth_date="1945-13-15"),
            patient(9004, gender="männlich", birth_date="1946-14-15"),
        ],
        "encounters": [
            encounter("a", 1, 9001),  # a provider that nobody describes, and a patient that waits
            encounter("b", 1, 1, paid_amount="0"),
            encounter("c", 1, 1, paid_amount="-5", cpt="0000X"),
        ],
    }
    runs.run_now(sample, verb="run", paths=[write_delivery(tmp_path / "more", **world)])
    for load_id, status in query(sample.home, "select load_id, gate from ops_loads"):
        if status == "held":
            loads.release(sample, load_id)
    runs.run_now(sample, verb="build")
    return sample


def found(settings, rule_id, **wanted):
    (cause,) = (
        each
        for each in causes.causes(settings).causes.causes
        if each.rule.rule_id == rule_id
        and all(getattr(each, name) == value for name, value in wanted.items())
    )
    return cause


def promoted(settings) -> dict[str, int]:
    return {
        entity: query(settings.home, f"select count(*) from promoted_{entity}")[0][0]
        for entity in load_contracts()
    }


def gained(before, after) -> dict[str, int]:
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def test_the_sample_waits_for_two_causes_and_two_decisions_empty_the_quarantine(sample):
    now = causes.causes(sample).causes
    assert (now.waiting, now.undecided) == (71, 71)
    provider, network = now.causes
    assert provider.holds_back.by_source == {
        "providers": 1,
        "encounters": 62,
        "adverse_events": 5,
    }
    assert provider.holds_back.paid_amount_usd == 240_917 and provider.form == ""
    assert (network.form, network.values) == ("999999999", (("224645979", 3),))
    for cause, left in ((provider, 3), (network, 0)):
        for each in decisions.suggestions(sample):
            if each.row_id in cause.rows:
                corrections.correct(
                    sample, each.entity, [each.row_id], {each.column: each.new}, "so", "Ada"
                )
        assert causes.causes(sample).causes.undecided == left
    before = promoted(sample)
    runs.run_now(sample, verb="build")
    assert causes.causes(sample).causes == causes.Causes((), 0, 0)
    assert gained(before, promoted(sample)) == {
        "providers": 1,
        "encounters": 62,
        "adverse_events": 5,
        "employer_networks": 3,
    }


def test_every_waiting_row_is_in_a_cause_or_follows_one(broken):
    with open_warehouse(broken) as connection:
        waiting = WaitingRows(
            connection, load_contracts(), told_events(connection), suggestions(connection)
        )
    now = causes.causes(broken).causes
    own = {(cause.entity, row) for cause in now.causes for row in cause.rows}
    assert waiting.followers(own) == set(waiting.cells) and len(waiting.cells) == now.waiting
    assert all(bool(waiting.reasons[row]) == (row in own) for row in waiting.cells)
    assert overview.overview(broken).holds_back.rows == now.waiting


def test_values_of_one_form_are_one_cause_and_no_patient_value_is_told(broken):
    gender = found(broken, "PAT-04")
    assert (gender.form, len(gender.rows), gender.alone) == ("a", 3, 2)
    born = found(broken, "PAT-06")
    assert (born.form, len(born.rows), born.values) == ("9999-99-99", 2, ())
    assert found(broken, "PAT-04").files == ("patients.csv",)


def test_a_provider_that_nobody_describes_is_the_cause_and_not_its_encounters_one_by_one(broken):
    missing = found(broken, "ENC-06")
    assert (missing.missing, missing.keys) == ("providers", 2), "two, so neither is suggested"
    assert len(missing.rows) == 65 and dict(missing.values)[npi(1)] == 3
    assert missing.alone == 62, "one waits for its patient, two for themselves"


@pytest.mark.parametrize("rule_id", ["PAT-04", "ENC-06", "PAT-06"])
def test_what_a_waiver_is_said_to_promote_is_promoted(broken, rule_id):
    cause = found(broken, rule_id)
    said = causes.waiver(broken, cause.entity, rule_id, cause.rows)
    if said.firm:
        assert said.released.rows == 0 or said.firm < len(cause.rows)
        with pytest.raises(Exception, match="cannot be waived"):
            decisions.waive(broken, cause.entity, cause.rows, "so", "Ada", rule_id=rule_id)
        return
    before = promoted(broken)
    decisions.waive(broken, cause.entity, cause.rows, "so", "Ada", rule_id=rule_id)
    runs.run_now(broken, verb="build")
    assert gained(before, promoted(broken)) == said.released.by_source
    stay = query(
        broken.home,
        f"select count(*) from quarantine_{cause.entity} where _row_id in "
        f"({', '.join(repr(row) for row in cause.rows)})",
    )[0][0]
    assert bool(stay) == bool(said.staying)


@pytest.mark.parametrize(
    ("absent", "child", "keys"), [("providers", "ENC-06", 4), ("patients", "ENC-08", 12)]
)
def test_a_source_that_never_came_is_the_cause_of_what_waits_for_it(
    sample, settings, tmp_path, absent, child, keys
):
    world = small_world()
    del world[absent]
    runs.run_now(settings, verb="run", paths=[write_delivery(tmp_path / "part", **world)])
    cause = found(settings, child)
    assert (cause.missing, cause.keys, len(cause.rows)) == (absent, keys, 24)
    assert bool(cause.values) == (absent == "providers"), "ids of patients are not told"
    assert cause.holds_back.by_source == {"encounters": 24} and cause.holds_back.leaves_out
    assert encounter_id(0) not in repr(causes.causes(settings))


def test_a_decision_on_the_parent_decides_its_followers_and_taking_it_back_does_not(sample):
    provider = found(sample, "PRV-01")
    ids = decisions.reject(sample, "providers", provider.rows, "unknown", "Ada")
    assert causes.causes(sample).causes.undecided == 3
    assert found(sample, "PRV-01").undecided == ()
    assert decisions.waiting_for_a_build(sample, ids) == ids
    decisions.revert_all(sample, ids, "a slip", "Ada")
    assert causes.causes(sample).causes.undecided == 71
    assert decisions.waiting_for_a_build(sample, ids) == []


def test_one_value_is_offered_where_it_can_be_right(broken):
    assert causes.settable(found(broken, "PAT-04"), ("x", "y")) == "gender"
    own_keys = found(broken, "ENC-06")
    assert causes.settable(own_keys, own_keys.rows) == "npi", "no key of an encounter"
    provider = found(broken, "PRV-01")
    assert causes.settable(provider, provider.rows) == "npi"
    assert causes.settable(provider, ("x", "y")) is None, "each provider has an NPI of its own"
