"""The numbers look like the real ones."""

import base64
import re

import numpy as np
import pytest

from pipeline.synthetic.distributions import CPTS, PROCEDURES
from pipeline.synthetic.encoding import texts
from pipeline.synthetic.identifiers import is_npi, luhn_check_digit, npis, shuffled
from pipeline.synthetic.population import Population

ROWS = 40_000


@pytest.fixture(scope="module")
def population():
    return Population(ROWS, 12)


@pytest.fixture(scope="module")
def index():
    return np.arange(ROWS)


def test_the_procedure_mix_and_mean_paid_amounts_are_near_the_real_ones(population, index):
    paid = [
        int(bytes(row[row != 0])) for row in population.columns("encounters", index)["paid_amount"]
    ]
    procedure = population.procedure_of(index)
    real = {"20610": 328.7, "24538": 3202.6, "27130": 2061.9, "29806": 15485.7, "29888": 8214.1}
    for position, cpt in enumerate(CPTS):
        assert np.mean(procedure == position) == pytest.approx(PROCEDURES[position].share, abs=0.01)
        assert np.mean(np.array(paid)[procedure == position]) == pytest.approx(real[cpt], rel=0.06)


def test_about_one_encounter_in_ten_has_an_adverse_event(population, index):
    assert np.mean(population.has_adverse_event(index)) == pytest.approx(0.1049, abs=0.006)


def test_clinical_ages_follow_the_procedure():
    clinical = Population(2000, 13, age="clinical")
    index = np.arange(2000)
    born = clinical.columns("patients", index)
    years = np.array([2025 - int(texts(born, at)["birth_date"][:4]) for at in range(2000)])
    medians = {
        cpt: np.median(years[clinical.procedure_of(index) == at]) for at, cpt in enumerate(CPTS)
    }
    assert medians["24538"] < 12 < medians["29888"] < 35 < medians["20610"] < medians["27130"] < 70


def test_encounter_ids_are_base32_of_sixteen_bytes(population):
    for at in range(50):
        text = population.row("encounters", at)["encounter_id"]
        assert re.fullmatch("[A-Z2-7]{25}[AEIMQUY4]======", text)
        assert len(base64.b32decode(text)) == 16


def test_check_digits_follow_the_published_example():
    assert is_npi("1234567893")
    assert not is_npi("1234567890")
    assert luhn_check_digit("251755351") == "9"


def test_npis_are_distinct_and_valid():
    made = npis(14, 300)
    assert len(set(made)) == 300
    assert all(map(is_npi, made))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 97, 1000])
def test_the_shuffle_is_one_to_one(count):
    assert sorted(shuffled(15, np.arange(count), count)) == list(range(count))
