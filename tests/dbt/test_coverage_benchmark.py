"""The numpy formulas that coverage is measured with give what the product's SQL gives, on worlds
drawn at random; and what is measured with them holds on a few seeds.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks import savings
from benchmarks.alarms import alarms
from benchmarks.coverage import (
    GRAINS,
    Z_95,
    beside_the_truth,
    cost_coverage,
    cost_units,
    shifted,
    size_of_test,
)
from benchmarks.savings import savings_coverage
from benchmarks.worlds import Replay
from pipeline.synthetic import generate
from tests.dbt.gold_oracle import chance_moments, chance_of_counts


@pytest.fixture(scope="module")
def replay(sample_home):
    return Replay(sample_home, ("provider_scorecard", "provider_procedure_scorecard"))


@pytest.mark.parametrize(("rows", "seed", "deviation"), [(60, 71, 0.3), (400, 72, 0.0), (900, 73, 0.1)])  # fmt: skip
def test_worlds_at_random_agree_between_numpy_and_sql(replay, tmp_path, rows, seed, deviation):
    generate(rows, seed, tmp_path, world="signal", defects=False)
    replay.fill(tmp_path)
    amounts = replay.frame("select npi, cpt, encounter_id, paid_amount_usd from std_encounters")
    amounts["paid"] = amounts.paid_amount_usd.astype(float)
    moved, _ = shifted(amounts.assign(ln_paid=np.log(amounts.paid)), deviation, seed)
    moved["ln_paid"] = np.log(np.exp(moved.ln_paid).round(2))
    replay.set_amounts(dict(zip(moved.encounter_id, np.exp(moved.ln_paid).round(2), strict=True)))
    replay.build()
    for grain, units in cost_units(moved).items():
        keys = GRAINS[grain]
        both = units.merge(replay.frame(f"select * from {grain}_scorecard"), on=keys)
        assert len(both) == len(units)
        np.testing.assert_allclose(np.log(both.cost_index_shrunk), both.effect, atol=1e-5)
        for column, sign in (("cost_index_low", -1), ("cost_index_high", 1)):
            limit = np.exp(both.effect + sign * Z_95 * both.error)
            np.testing.assert_allclose(both[column], limit, rtol=1e-5)

    cells = replay.frame("select * from provider_case_mix")
    moments = replay.frame("select * from int_chance_moments").set_index("name")
    for grain, keys in GRAINS.items():
        ours = moments.loc[grain, ["chi2_mean", "chi2_variance", "chi2_third_moment"]]
        np.testing.assert_allclose(ours.astype(float), chance_moments(cells, keys), rtol=1e-6)
    table = replay.frame("select * from provider_scorecard").set_index("npi")
    for npi, probability in chance_of_counts(cells).items():
        observed = table.adverse_event_count[npi]
        mid_p = probability[: observed + 1].sum() - probability[observed] / 2
        if len(probability) > 1:
            assert table.mid_p_low[npi] == pytest.approx(mid_p, abs=1e-10)


def test_tails_of_the_test_of_a_difference_are_those_of_scipy(replay, tmp_path):
    for seed in (81, 82, 83):
        generate(500, seed, tmp_path / str(seed), world="signal", defects=False)
        replay.fill(tmp_path / str(seed))
        replay.build()
        parameters = replay.frame("select * from model_parameter").set_index("name")
        moments = replay.frame("select * from int_chance_moments").set_index("name")
        for grain in GRAINS:
            mean, variance, third = moments.loc[
                grain, ["chi2_mean", "chi2_variance", "chi2_third_moment"]
            ].astype(float)
            tail = stats.pearson3.sf(
                parameters.heterogeneity_chi2[grain], third / variance**1.5, mean, variance**0.5
            )
            assert parameters.heterogeneity_p[grain] == pytest.approx(tail, abs=1e-6)


def test_intervals_of_cost_hold_the_truth_on_seeds_that_nobody_tuned_on():
    for found in cost_coverage(1_000, range(601, 607)):
        if found["deviation"] >= 0.1:
            assert found["covered"] >= 0.85, found
        else:
            assert found["covered"] >= 0.93, found


def test_intervals_of_savings_hold_the_truth_on_seeds_that_nobody_tuned_on():
    for found in savings_coverage(1_000, range(611, 617)):
        assert found["savings"] > 20
        assert found["covered"] >= 0.85, found
        assert found["wrong_sign"] <= 1, found


def test_a_saving_without_its_error_holds_nothing(monkeypatch):
    """A width of zero covers no truth, so what is counted depends on the interval."""
    monkeypatch.setattr(savings, "Z_95", 0.0)
    assert all(found["covered"] == 0 for found in savings_coverage(1_000, [611]))


def test_chance_reaches_the_limits_of_a_trend_as_seldom_as_they_promise():
    for found in alarms(15, [621]):
        assert found["providers"] >= 20
        assert 0 < found["by_chance"] <= 0.02
        assert found["alarms"] <= 3 / found["providers"]


def test_an_interval_that_misses_is_counted_as_a_miss():
    units = {"provider": pd.DataFrame({"npi": ["a", "b"], "n": [1, 1], "effect": [0.0, 0.0], "error": [0.1, 1.0]})}  # fmt: skip
    truth = beside_the_truth(units, pd.Series({"a": 1.0, "b": -1.0}))
    assert list(truth.covered) == [False, True]


def test_dealt_events_have_the_moments_of_the_sql_and_the_test_its_size(replay):
    for found in size_of_test(replay, 600, [91, 92], draws=4_000):
        assert found["mean_ratio"] == pytest.approx(1, abs=0.02)
        assert found["variance_ratio"] == pytest.approx(1, abs=0.15)
        assert 0.03 < found["size"] < 0.06
