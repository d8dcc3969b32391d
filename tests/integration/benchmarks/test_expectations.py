"""The system of expected events: what it gives away of hidden risk cells."""

import shutil

import pandas as pd
import pytest

from benchmarks.disclosure.expectations import by_expectations, solved
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


@pytest.mark.xfail(strict=True, reason="known and open: docs/privacy.md")
def test_expected_events_give_no_rate_of_a_hidden_risk_cell(sample_home, tmp_path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    assert by_expectations(load_settings(home=home)).recovered == 0
