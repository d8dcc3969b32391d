"""What is said of rows before files are loaded, or a load is taken back, is what the build then
does to them.
"""

import pytest

from pipeline.services.run import runs
from pipeline.services.upload import full_preflight, loads, preflight, tray, undoing
from tests.conftest import DELIVERIES_DIR
from tests.integration.upload.dropped import drop
from tests.warehouse import query


def keep(own, *paths) -> None:
    for path in paths:
        with path.open("rb") as stream:
            tray.keep(own, path.name, stream)


def waiting_before(own) -> dict[str, set[str]]:
    return {
        entity: {
            row_id
            for (row_id,) in query(
                own.home,
                f"select _row_id from row_verdicts_{entity} where _status = 'quarantined'",
            )
        }
        for entity in ("providers", "encounters", "adverse_events", "employer_networks")
    }


def fates(own, before: dict[str, set[str]]) -> dict[str, dict[str, int]]:
    """Source -> fate -> rows, of those that waited before."""
    counted: dict[str, dict[str, int]] = {}
    for entity, row_ids in before.items():
        for row_id, status in query(
            own.home, f"select _row_id, _status from row_verdicts_{entity}"
        ):
            if row_id in row_ids:
                of_entity = counted.setdefault(entity, {})
                of_entity[status] = of_entity.get(status, 0) + 1
    return counted


@pytest.fixture
def missing_npi(own) -> str:
    ((npi,),) = query(
        own.home,
        "select distinct npi from row_verdicts_encounters where _status = 'quarantined'",
    )
    return npi


def test_the_provider_that_rows_wait_for_releases_them_as_foretold(own, missing_npi):
    before = waiting_before(own)
    drop(
        own,
        "providers.csv",
        f'npi,provider_name,zip\n{missing_npi},"Cormont, Belin",00501\n',
    )
    foretold = preflight.check(own, tray.waiting(own)).releases
    assert foretold.released.by_source == {"encounters": 62, "adverse_events": 5}
    assert (foretold.released.rows, foretold.released.paid_amount_usd) == (67, 240917.0)
    (effect,) = foretold.gold.providers
    assert effect.npi == missing_npi and effect.encounters == (0, 62) and not foretold.is_least
    full_preflight.ask(own)
    full_preflight.judge_whole(own, [file.tray_id for file in tray.waiting(own)])
    whole = full_preflight.result(own, tray.waiting(own))
    assert whole is not None and whole.releases == foretold
    tray.load(own, [file.tray_id for file in tray.waiting(own)])
    runs.run_now(own, layers=["landing_zone"])
    came = fates(own, before)
    assert came["encounters"] == {"promoted": 62} and came["adverse_events"] == {"promoted": 5}


def test_an_encounter_in_the_tray_does_not_tell_its_outcome(own):
    ((npi,),) = query(own.home, "select min(npi) from std_providers")
    waiting = query(
        own.home,
        "select encounter_id, patient_id, cpt, paid_amount_usd, encounter_id in "
        "(select encounter_id from row_verdicts_adverse_events where _status = 'quarantined') "
        "from row_verdicts_encounters where _status = 'quarantined'",
    )
    said = set()
    for has_event in (True, False):
        encounter_id, patient_id, cpt, paid, _ = next(
            row for row in waiting if bool(row[-1]) is has_event
        )
        drop(
            own,
            "encounters_details.csv",
            "encounter_id,npi,patient_id,cpt,paid_amount\n"
            f"{encounter_id},{npi},{patient_id},{cpt},{paid}\n",
        )
        files = tray.waiting(own)
        foretold = preflight.check(own, files).releases
        said.add((tuple(foretold.released.by_source.items()), foretold.released.leaves_out))
        tray.take_out(own, [file.tray_id for file in files])
    assert said == {((), True)}


def test_a_file_without_what_rows_wait_for_releases_none_of_them(own):
    drop(own, "patients.csv", "patient_id,gender,birth_date\n9999901,male,1950-01-02\n")
    foretold = preflight.check(own, tray.waiting(own)).releases
    assert foretold.released.rows == 0 and foretold.replaced == 0
    assert foretold.gold.providers == ()


def test_a_delivery_does_to_waiting_rows_what_was_foretold(own):
    keep(own, *sorted((DELIVERIES_DIR / "delivery_1").glob("*.csv")))
    before = waiting_before(own)
    foretold = preflight.check(own, tray.waiting(own)).releases
    tray.load(own, [file.tray_id for file in tray.waiting(own)])
    runs.run_now(own, layers=["landing_zone"])
    came = fates(own, before)
    promoted = {entity: each["promoted"] for entity, each in came.items() if "promoted" in each}
    replaced = sum(each.get("superseded", 0) + each.get("duplicate", 0) for each in came.values())
    assert foretold.released.by_source == promoted
    assert foretold.replaced == replaced


def promoted(own) -> dict[str, int]:
    return {
        entity: query(own.home, f"select count(*) from promoted_{entity}")[0][0]
        for entity in ("patients", "providers", "encounters", "adverse_events", "referrals")
    }


@pytest.mark.parametrize("entities", [["providers"], ["adverse_events", "patients"]])
def test_what_undoing_loads_takes_out_is_what_the_build_takes_out(own, entities):
    history = loads.history(own).set_index("entity")
    load_ids, before = history.loc[entities, "load_id"].tolist(), promoted(own)
    foretold = undoing.undone(own, *load_ids)
    loads.undo_together(own, load_ids)
    runs.run_now(own, layers=["landing_zone"])
    after = promoted(own)
    came = {each: before[each] - after[each] for each in before if before[each] != after[each]}
    own_rows, orphans = foretold.own.by_source, foretold.orphans.by_source
    assert came == {each: own_rows.get(each, 0) + orphans.get(each, 0) for each in came}
    assert own_rows == {entity: before[entity] for entity in entities}
    assert foretold.orphans.rows > 0 and not {"adverse_events"} & orphans.keys() & {*entities}
