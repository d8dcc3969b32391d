"""What a repair is said to release is what the next build releases."""

import shutil

import pytest

from pipeline.config import load_settings
from pipeline.services.quarantine import corrections, decisions, recheck
from pipeline.services.quarantine.what_if import what_if
from pipeline.services.run import runs
from pipeline.store.sqlite.database import open_warehouse
from tests.warehouse import query

SILVER = {
    "encounters": "std_encounters",
    "adverse_events": "std_adverse_events",
    "providers": "std_providers",
}


@pytest.fixture
def sample(sample_home):
    return load_settings(home=sample_home)


def provider_repair(settings):
    return next(
        suggestion
        for suggestion in decisions.suggestions(settings)
        if suggestion.entity == "providers"
    )


def test_a_provider_takes_along_its_encounters_and_their_adverse_events_as_the_build_then_does(
    sample_home, tmp_path
):
    settings = load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))
    repair = provider_repair(settings)
    effect = what_if(settings, "providers", ((repair.row_id, (("npi", repair.new),)),))
    gold = effect.gold
    before = {
        name: query(settings.home, f"select count(*) from {table}")[0][0]
        for name, table in SILVER.items()
    }
    ((paid,),) = query(settings.home, "select sum(paid_amount_usd) from std_encounters")
    performing = {
        npi
        for npi, cpt in query(settings.home, "select npi, cpt from fct_encounter")
        if cpt in gold.procedures
    }
    assert gold.providers_moved == len(performing) > 1
    corrections.correct(
        settings, "providers", [repair.row_id], {"npi": repair.new}, "as suggested", "Ada"
    )
    runs.run_now(settings, layers=["landing_zone", "standard_model", "enterprise_datasets"])
    after = {
        name: query(settings.home, f"select count(*) from {table}")[0][0]
        for name, table in SILVER.items()
    }
    ((paid_after,),) = query(settings.home, "select sum(paid_amount_usd) from std_encounters")
    assert {name: after[name] - before[name] for name in SILVER} == effect.released.by_source
    assert effect.released.encounters > 1 and effect.released.adverse_events > 0
    assert effect.released.paid_amount_usd == pytest.approx(paid_after - paid)
    (mover,) = gold.providers
    assert [(mover.npi, mover.encounters[1], mover.paid_usd[1], mover.adverse_events[1])] == query(
        settings.home,
        "select npi, encounter_count, paid_sum_usd, adverse_event_count from provider_scorecard where npi = ?",
        repair.new,
    )
    assert (mover.encounters[0], mover.paid_usd[0], mover.adverse_events[0]) == (0, 0.0, 0)
    performed = query(
        settings.home,
        "select distinct cpt from std_encounters where npi = ? order by 1",
        repair.new,
    )
    assert list(gold.procedures) == [cpt for (cpt,) in performed]
    # the statements of a second build look at less than those of the first; a row is judged by them
    # all the same
    ((row,),) = query(settings.home, "select min(_row_id) from row_verdicts_encounters")
    assert [
        rule.rule_id for rule in recheck.recheck(settings, "encounters", row, {"cpt": "12"})
    ] == ["ENC-09", "ENC-10"]


def test_events_of_a_few_encounters_that_would_come_are_not_told(sample_home, tmp_path):
    settings = load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))
    repair = provider_repair(settings)
    with open_warehouse(settings, write=True) as connection:
        connection.execute("""update row_verdicts_encounters set _failed = json_insert(_failed, '$[#]',
            json('{"rule":"ENC-09","name":"encounters__cpt__shape","column":"cpt","action":"quarantine"}'))
            where _row_id in (select _row_id from quarantine_encounters order by _row_id limit 57)""")
    effect = what_if(settings, "providers", ((repair.row_id, (("npi", repair.new),)),))
    (mover,) = effect.gold.providers
    assert 0 < mover.encounters[1] < 11 and mover.adverse_events is None


def test_a_repair_that_fails_releases_nothing(sample):
    repair = provider_repair(sample)
    effect = what_if(sample, "providers", ((repair.row_id, (("npi", "123"),)),))
    assert [rule.rule_id for rule in effect.still_failing[repair.row_id]] == ["PRV-02"]
    assert (effect.released.rows, effect.released.by_source) == (0, {})


def test_a_row_that_waits_for_another_reason_does_not_follow_its_parent(sample_home, tmp_path):
    settings = load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))
    repair = provider_repair(settings)
    whole = what_if(settings, "providers", ((repair.row_id, (("npi", repair.new),)),)).released
    with open_warehouse(settings, write=True) as connection:
        connection.execute("""update row_verdicts_encounters set _failed = json_insert(_failed, '$[#]',
            json('{"rule":"ENC-09","name":"encounters__cpt__shape","column":"cpt","action":"quarantine"}'))
            where _row_id = (select min(_row_id) from quarantine_encounters)""")
    assert (
        what_if(
            settings, "providers", ((repair.row_id, (("npi", repair.new),)),)
        ).released.encounters
        == whole.encounters - 1
    )


def test_many_rows_are_judged_up_to_a_limit_that_is_told(sample, monkeypatch):
    monkeypatch.setattr("pipeline.services.quarantine.what_if.JUDGED", 20)
    rows = [
        row_id
        for (row_id,) in query(sample.home, "select _row_id from quarantine_encounters limit 23")
    ]
    effect = what_if(sample, "encounters", tuple((row_id, (("cpt", "27130"),)) for row_id in rows))
    assert len(effect.still_failing) == 20 and effect.left_out == 3


def test_a_row_that_is_promoted_already_does_not_count(sample):
    ((row_id, name),) = query(
        sample.home, "select _row_id, provider_name from promoted_providers limit 1"
    )
    effect = what_if(sample, "providers", ((row_id, (("provider_name", f"{name}, MD"),)),))
    assert effect.still_failing == {row_id: ()} and effect.released.rows == 0
