"""The system of expected events: what it gives away of hidden risk cells."""

import shutil
import sqlite3

import pandas as pd
import pytest

from benchmarks.disclosure.expectations import CELL, by_expectations, recovered, solved
from pipeline.config import load_settings


def _mix(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [("27130", band, "female", count) for band, count in rows],
        columns=["cpt", "age_band", "sex", "mature_encounter_count"],
    )


def test_two_sums_give_two_rates_and_one_gives_none():
    known = {("27130", "85+", "female"): 0.2}
    hidden = [("27130", "0-64", "female"), ("27130", "65-74", "female")]
    one = (_mix(("0-64", 3), ("65-74", 1), ("85+", 10)), 3 * 0.1 + 0.05 + 2.0)
    other = (_mix(("0-64", 1), ("65-74", 4)), 0.1 + 4 * 0.05)
    assert solved([one, other], known, hidden) == pytest.approx(
        dict(zip(hidden, (0.1, 0.05), strict=True))
    )
    assert solved([one], known, hidden) == {}
    assert solved([], known, hidden) == {}


def _cells(*rows: tuple[str, str, int, int, str]) -> pd.DataFrame:
    columns = ["cpt", "age_band", "mature_encounter_count", "observed_count", "risk_group"]
    return pd.DataFrame(rows, columns=columns).assign(sex="female").set_index(CELL)


def test_a_rate_that_one_cell_has_alone_gives_its_events_and_a_shared_one_does_not():
    shared = _cells(
        ("27130", "0-64", 4, 1, "27130 small cells"),
        ("27130", "65-74", 9, 1, "27130 small cells"),
        ("27130", "85+", 50, 5, "27130 85+ female"),
    )
    hidden = [("27130", "0-64", "female"), ("27130", "65-74", "female")]
    assert recovered(shared, hidden, set(hidden), {"27130"}) == []
    alone = shared.assign(risk_group=[" ".join(cell) for cell in shared.index])
    assert recovered(alone, hidden, set(hidden), {"27130"}) == hidden
    assert recovered(alone, hidden, set(), {"27130"}) == [], "no rate was told"


def test_expected_events_give_no_hidden_risk_cell(sample_home, tmp_path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    result = by_expectations(load_settings(home=home))
    assert (result.recovered, result.where) == (0, "") and result.of > 10
    # with a rate for each cell, as without pooling, all would be known
    with sqlite3.connect(home / "icon_health.db") as connection:
        connection.execute("update case_mix_reference set risk_group = cpt || age_band || sex")
    assert by_expectations(load_settings(home=home)).recovered > 10
