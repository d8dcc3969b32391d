"""Without a source the cause is told before its symptoms: which file is missing, and how many rows
wait for it.
"""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import Settings, load_settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.sources import load_contracts, source_names
from pipeline.services.overview import overview
from pipeline.services.quarantine import causes
from pipeline.services.run import runs
from pipeline.services.upload import loads
from pipeline.services.why import emptiness
from tests.absence import AS_OF, world_without
from tests.factories import patient, small_world, write_delivery
from tests.subsets import gated_home, waiting
from tests.warehouse import copied, query, tables

PARENTS = {parent for name in source_names() for parent in load_contracts()[name].parents.values()}
#: Sets of absent sources: each parent alone, and all of them.
SETS = [*[(name,) for name in sorted(PARENTS)], tuple(sorted(PARENTS))]


@pytest.fixture(params=SETS, ids="-".join)
def home(request, home_store) -> tuple[tuple[str, ...], Settings, Path]:
    """The absent sources, and a home with the gate as it is shipped."""
    folder = gated_home(home_store, request.param)
    return request.param, load_settings(home=folder), folder / "files"


def delivered(folder: Path, source: str) -> list[dict]:
    path = folder / load_contracts()[source].file_name
    return list(csv.DictReader(path.open())) if path.exists() else []


def test_the_next_step_is_the_files_that_rows_wait_for(home):
    absent, settings, files = home
    action = overview.overview(settings).next_action
    wanted = waiting(settings.home, absent)
    for source in wanted or absent:
        assert load_contracts()[source].file_name in f"{action.title} {action.why}"
    for cause in (each for sentences in wanted.values() for each in sentences):
        assert cause in action.why
    assert action.page == "upload" and not action.builds


def test_an_empty_place_names_what_waits_for_a_file(home):
    absent, settings, _ = home
    shortfall = emptiness.shortfall(settings, "provider_scorecard")
    wanted = [each for each in waiting(settings.home, absent).values() if each]
    assert (shortfall is not None) == bool(wanted)
    if shortfall:
        assert shortfall.upload in {load_contracts()[name].file_name for name in absent}
        assert wanted[0][0] in shortfall.sentence


def test_what_waits_at_the_gate_is_counted(home):
    absent, settings, files = home
    held = overview.overview(settings).holds_back
    for source, told in (("encounters", held.encounters), ("adverse_events", held.adverse_events)):
        assert told == (None if source in absent else len(delivered(files, source)))
    assert (held.paid_usd is None) == (held.paid_share is None) == ("encounters" in absent)


def test_every_table_without_rows_names_a_source_that_is_absent(home):
    absent, settings, _ = home
    names = [name for name in tables(settings.home) if name in load_dictionary()]
    empty = [name for name in names if not query(settings.home, f'select 1 from "{name}" limit 1')]
    told = {name: emptiness.of_tables(settings, name) for name in empty}
    assert told and all(told.values())
    for name, cause in told.items():
        if cause.state == emptiness.NOT_DELIVERED:
            assert any(load_contracts()[each].file_name in cause.button for each in absent), name
        else:
            assert cause.state == emptiness.NO_ROWS, name


def test_good_rows_of_a_load_at_the_gate_are_no_cause(home):
    absent, settings, _ = home
    now = causes.causes(settings).causes
    assert {cause.rule.kind for cause in now.causes}.isdisjoint({causes.GATE_KIND})
    assert {cause.missing for cause in now.causes} <= set(absent)


def test_the_file_lets_every_row_go_on(home, tmp_path):
    absent, settings, _ = home
    own = copied(settings.home, tmp_path / "own")
    world = {name: rows for name, rows in world_without(()).items() if name in absent}
    runs.run_now(own, paths=[write_delivery(tmp_path / "more", **world)], verb="run", as_of=AS_OF)
    assert sum(overview.overview(own).quarantine.values()) == 0
    assert causes.causes(own).causes.causes == ()


def test_a_missing_key_is_told_from_a_key_that_waits(tmp_path):
    """Encounters of a patient in quarantine wait for a repair, those of another for a file."""
    world = small_world()
    world["patients"] = [patient(1, gender="?"), *world["patients"][1:9]]
    settings = replace(load_settings(home=tmp_path / "home"), gate_threshold=1.0)
    result = runs.run_now(settings, paths=[write_delivery(tmp_path / "in", **world)], verb="run")
    described = {row["patient_id"] for row in world["patients"]}
    of_nobody = [row["patient_id"] for row in world["encounters"]]
    of_nobody = [name for name in of_nobody if name not in described]
    (counted,) = (each for each in result.missing_parents if each.parent == "patients")
    assert (counted.entity, counted.rows, counted.keys) == ("encounters", 6, 3)
    assert (len(of_nobody), len({*of_nobody})) == (6, 3)
    assert query(settings.home, "select count(*) from quarantine_encounters") == [(8,)]


def test_a_file_without_rows_is_asked_for_and_one_with_too_few_is_named(tmp_path):
    world = world_without(())
    for rows, title in ((0, "Upload providers.csv"), (1, "A load waits at the gate")):
        settings = load_settings(home=tmp_path / f"home-{rows}")
        folder = write_delivery(tmp_path / f"in-{rows}", **world | {"providers": []})
        with (folder / "providers.csv").open("a") as file:
            for row in world["providers"][:rows]:
                file.write(",".join(f'"{cell}"' for cell in row.values()) + "\n")
        runs.run_now(settings, paths=[folder], verb="run", as_of=AS_OF)
        action = overview.overview(settings).next_action
        known = {row["npi"] for row in world["providers"][:rows]}
        waiting = [row["npi"] for row in world["encounters"] if row["npi"] not in known]
        assert action.title == title
        assert f"{len(waiting)} encounters wait for {len({*waiting})} providers" in action.why


def test_an_undone_file_is_asked_for_again(home_store, tmp_path):
    own = copied(gated_home(home_store, ()), tmp_path / "own")
    ((load_id,),) = query(own.home, "select load_id from ops_loads where entity = 'providers'")
    loads.undo(own, load_id)
    assert overview.overview(own).next_action.title == "Build the layers"
    runs.run_now(own, verb="build", as_of=AS_OF)
    action = overview.overview(own).next_action
    assert action.title == "Upload providers.csv" and "Providers were taken back" in action.why
