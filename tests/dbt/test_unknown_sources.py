"""Unknown is not zero: what rests on a source that was never delivered is null everywhere."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import source_names
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.absence import (
    AS_OF,
    Contents,
    absences,
    answers,
    build,
    world,
    world_without,
)
from tests.factories import write_delivery
from tests.homes import HomeStore
from tests.warehouse import copied, query

SINGLE = [absent for absent in absences() if len(absent) == 1]
LARGER = random.Random(14).sample([absent for absent in absences() if len(absent) > 1], 4)


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    return Contents(tmp_path_factory.mktemp("contents"))


@pytest.fixture(scope="module")
def whole_home(home_store: HomeStore) -> Path:
    return home_store.once("whole", lambda home: build(home, world(), home.parent / "whole-files"))


@pytest.mark.parametrize("absent", [*SINGLE, *LARGER], ids="+".join)
def test_what_rests_on_an_absent_source_is_null(contents, tmp_path, absent):
    for source in absent:
        assert contents.resting_on(source), "a source on which nothing rests would prove nothing"
    build(tmp_path / "home", world_without(absent), tmp_path / "files")
    said = answers(tmp_path / "home")
    assert contents.assumptions(absent, said) == {}
    if "adverse_events" in absent:
        assert said["training_encounter_ae"] == {}
        assert ("reportable",) not in query(
            tmp_path / "home", "select display_status from provider_scorecard"
        )


@pytest.mark.parametrize("source", random.Random(14).sample(source_names(), 2))
def test_a_source_whose_every_load_was_taken_back_is_absent_too(
    contents, whole_home, tmp_path, source
):
    settings = copied(whole_home, tmp_path / "home")
    for (load_id,) in query(
        settings.home, "select load_id from ops_loads where entity = ?", source
    ):
        loads.undo(settings, load_id)
    runs.run_now(settings, verb="build", as_of=AS_OF)
    assert contents.assumptions([source], answers(settings.home)) == {}


def test_a_source_whose_every_load_waits_at_the_gate_is_absent_too(contents, tmp_path):
    rows = world() | {"encounters": [row | {"cpt": "99999"} for row in world()["encounters"]]}
    settings = replace(load_settings(home=tmp_path / "home"), gate_threshold=0.5)
    files = write_delivery(tmp_path / "files", **rows)
    runs.run_now(settings, verb="run", paths=[files], as_of=AS_OF)
    assert ("encounters",) in query(
        settings.home, "select entity from ops_loads where gate = 'held'"
    )
    assert contents.assumptions(["encounters"], answers(settings.home)) == {}
