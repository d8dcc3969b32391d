"""Other ways of counting: chance as scipy has it, pools that hold what is hidden and no more, and
statements that say whether they hold.
"""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.services.providers import case_mix_strata, cost_cuts, count_chance
from pipeline.services.providers import explain_sensitivity as explain
from pipeline.services.providers.sensitivity import PUBLISHED, Sensitivity


@pytest.mark.parametrize(
    ("n", "whole", "events"), [(5, 40, 3), (12, 12, 4), (30, 40, 25), (7, 900, 0), (400, 2000, 150)]
)
def test_counts_by_chance_are_those_of_scipy(n, whole, events):
    ours = count_chance.hypergeometric(n, whole, events)
    theirs = stats.hypergeom(whole, events, n).pmf(np.arange(len(ours)))
    np.testing.assert_allclose(ours, theirs, atol=1e-10)
    assert ours.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        count_chance.binomial(n, events / whole),
        stats.binom(n, events / whole).pmf(np.arange(n + 1)),
        atol=1e-9,
    )


def test_tails_and_verdicts_of_a_sum():
    parts = [count_chance.binomial(20, 0.1), count_chance.binomial(30, 0.1)]
    for observed in (0, 5, 12):
        low, high = count_chance.mid_p(parts, observed)
        whole = stats.binom(50, 0.1)
        assert low == pytest.approx(whole.cdf(observed) - whole.pmf(observed) / 2)
        assert low + high == pytest.approx(1)
    assert count_chance.verdict((0.4, 0.6)) == "in"
    assert count_chance.verdict((0.99, 0.01)) == "high"
    assert count_chance.verdict((0.01, 0.99)) == "low"


def cells(hidden: dict) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, float]:
    """Risk cells of three procedures with the events of `hidden` ones put in beside null."""
    generator = np.random.default_rng(4)
    rows = []
    for cpt, band, sex in itertools.product(
        ("27130", "27447", "29881"), ("0-64", "65-74", "75-84"), ("female", "male")
    ):
        n = int(generator.integers(20, 60))
        rows.append((cpt, band, sex, n, float(generator.binomial(n, 0.15))))
    frame = pd.DataFrame(rows, columns=["cpt", "age_band", "sex", "encounters", "events"])
    for key, events in hidden.items():
        frame.loc[(frame[["cpt", "age_band", "sex"]] == key).all(axis=1), "events"] = events
    own = pd.concat(
        [frame.assign(npi=npi, encounters=frame["encounters"] // share)
         for npi, share in (("1", 2), ("2", 3), ("3", 7))]
    )  # fmt: skip
    sums = frame.groupby("cpt", as_index=False)["events"].sum()
    return frame, own.drop(columns="events"), sums, frame["events"].sum()


def test_nothing_depends_on_how_hidden_events_are_shared_out():
    keys = [("27130", "0-64", "female"), ("27130", "65-74", "male"), ("29881", "75-84", "male")]
    found = []
    for events in ((1.0, 6.0, 3.0), (5.0, 2.0, 3.0)):
        frame, own, sums, whole = cells(dict(zip(map(tuple, keys), events, strict=True)))
        hidden = frame[["cpt", "age_band", "sex"]].apply(tuple, axis=1).isin(map(tuple, keys))
        hidden |= frame["cpt"] == "29881"
        frame["events"] = frame["events"].mask(hidden)
        sums["events"] = sums["events"].mask(sums["cpt"] == "29881")
        for cut in ("", "65", "age", "sex"):
            made = case_mix_strata.strata(frame, own, sums, whole, cut)
            assert made.totals["events"].sum() == pytest.approx(whole)
            found.append((cut, made.totals, made.expected(20)))
    for one, other in zip(found[:4], found[4:], strict=True):
        pd.testing.assert_frame_equal(one[1], other[1])
        pd.testing.assert_frame_equal(one[2], other[2])


def test_expected_events_agree_with_the_events_in_sum_and_no_prior_gives_raw_rates():
    frame, own, sums, whole = cells({})
    made = case_mix_strata.strata(frame, own, sums, whole)
    for prior in (0, 20, 80):
        rates = made.rates(prior)
        assert (rates * made.totals["encounters"]).sum() == pytest.approx(whole)
    raw = made.totals["events"] / made.totals["encounters"]
    np.testing.assert_allclose(made.rates(0), raw)
    assert len(case_mix_strata.strata(frame, own, sums, whole, "age").totals) == 6


def test_discrimination_and_slope_are_those_of_single_encounters():
    generator = np.random.default_rng(8)
    rates = generator.uniform(0.05, 0.5, 12)
    n = generator.integers(30, 80, 12).astype(float)
    y = generator.binomial(n.astype(int), rates).astype(float)
    risk = np.repeat(np.concatenate([rates, rates]), np.concatenate([y, n - y]).astype(int))
    happened = np.arange(len(risk)) < y.sum()
    whole = stats.mannwhitneyu(risk[happened], risk[~happened]).statistic
    expected = whole / (y.sum() * (n - y).sum())
    assert case_mix_strata.discrimination(rates, n, y) == pytest.approx(expected)
    assert case_mix_strata.calibration_slope(rates, n, n * rates) == pytest.approx(1)
    flat = 1 / (1 + np.exp(-0.5 * np.log(rates / (1 - rates))))
    assert case_mix_strata.calibration_slope(rates, n, n * flat) == pytest.approx(0.5)


def test_what_is_cut_off_the_amounts_moves_an_index_that_rests_on_one_of_them():
    amounts = pd.DataFrame(
        {"npi": ["1"] * 40 + ["2"] * 40 + ["3"] * 5, "cpt": "27130", "paid": [100.0] * 39 + [9_000.0] + [150.0] * 45}
    )  # fmt: skip
    index = cost_cuts.indices(amounts)
    assert list(index.index) == ["1", "2"], "five encounters are too few"
    assert index[0.0].idxmax() == "1" and index[0.05].idxmax() == "2"


def test_the_sentences_count_the_statements_that_hold():
    verdicts = pd.DataFrame(
        {PUBLISHED: ["high", "low", "in"], "no age": ["high", "in", "high"], "from 50": ["high", None, "in"]},
        index=["1", "2", "3"],
    )  # fmt: skip
    ratios = pd.DataFrame(
        {PUBLISHED: [2.0, 0.5, 1.0], "no age": [2.0, 0.9, 0.7]}, index=list("123")
    )
    found = Sensitivity(verdicts, ratios, pd.DataFrame(), 0.7, 0.65, 0.9)
    assert explain.flags(found) == (
        "Of 2 providers outside the 95 % limits 1 is so in all 2 other ways of counting; "
        "1 other would be outside in some way."
    )
    assert explain.extremes(ratios, {"1": "A"}, "Lowest", "Highest") == [
        "Lowest: 3 in 1 of 2 ways of counting.",
        "Highest: A in all 2 ways of counting.",
    ]
    assert "0.65 corrected" in explain.expectation(found)
