"""What the search finds in a home: who is in the directory, and nobody who is a patient."""

import pytest

from pipeline.config import load_settings
from pipeline.services.catalogue import search
from tests.warehouse import query


@pytest.fixture(scope="module")
def everything(sample_home):
    return search.targets(load_settings(home=sample_home))


def test_each_provider_is_found_by_name_and_by_number(everything, sample_home):
    for npi, name in query(sample_home, "select npi, provider_name from std_providers"):
        assert search.find(everything, npi)[0].key == (npi,)
        hits = search.find(everything, name)
        assert (npi,) in {hit.key for hit in hits if hit.kind == "provider"}


def test_employers_procedures_and_runs_are_found(everything, sample_home):
    employers = query(sample_home, "select distinct employer_id from employer_network_coverage")
    for (employer,) in employers:
        assert search.find(everything, employer)[0].kind == "employer"
    for cpt, label in query(sample_home, "select cpt, plain_label from dim_procedure"):
        assert search.find(everything, cpt)[0].key == (cpt,)
        assert search.find(everything, label)[0].key == (cpt,)
    assert [hit.kind for hit in search.find(everything, "R000001")] == ["run"]


def test_no_patient_and_no_encounter_is_found(everything, sample_home):
    asked = query(
        sample_home,
        "select patient_id from std_patients union select encounter_id from std_encounters",
    )
    assert asked and not [value for (value,) in asked if search.find(everything, value)]


def test_an_empty_home_still_finds_what_is_declared(tmp_path):
    everything = search.targets(load_settings(home=tmp_path / "home"))
    assert search.find(everything, "quarantine")[0].kind == "page"
    assert {target.kind for target in everything}.isdisjoint(search.ENTITIES)
