"""Chance worlds: dealt as hypergeometric counts, judged as the data are, the same each time."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.services.providers import chance_worlds, explain_providers

CELLS = pd.DataFrame(
    [
        ("a", "27130 0-64 female", 40, 9),
        ("b", "27130 0-64 female", 25, 1),
        ("c", "27130 0-64 female", 5, 0),
        ("a", "27447 65-74 male", 12, 2),
        ("c", "27447 65-74 male", 30, 6),
        ("b", "27447 75+ male", 7, 0),
    ],
    columns=["npi", "risk_group", "encounters", "events"],
)


def test_the_events_of_each_cell_are_dealt_and_none_is_lost():
    dealt = chance_worlds.deal(CELLS, 4_000, seed=3)
    assert (dealt.sum(axis=1) == CELLS["events"].sum()).all()
    one, two = stats.hypergeom(70, 10, 40), stats.hypergeom(42, 8, 12)
    expected = np.convolve(one.pmf(np.arange(11)), two.pmf(np.arange(9)))
    counted = np.bincount(dealt["a"], minlength=len(expected))
    seen = expected > 2e-3
    assert stats.chisquare(
        counted[seen], expected[seen] / expected[seen].sum() * counted[seen].sum()
    ).pvalue > 1e-3  # fmt: skip
    assert dealt["b"].max() <= 10, "a group without an event gives none"


def test_the_same_seed_gives_the_same_worlds_in_whatever_order_rows_come():
    one = chance_worlds.deal(CELLS, 50, seed=3)
    other = chance_worlds.deal(CELLS.sample(frac=1, random_state=1), 50, seed=3)
    pd.testing.assert_frame_equal(one, other)
    assert not one.equals(chance_worlds.deal(CELLS, 50, seed=4))


def _shown(counts: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "npi": ["a", "b", "c"],
            "adverse_event_count": [float(count) for count in counts],
            "expected_adverse_event_count": [8.0, 3.6, 6.4],
            "lower_count_95": [3.0, np.nan, 2.0],
            "upper_count_95": [13.0, 8.0, 11.0],
            "lower_count_998": [1.0, np.nan, np.nan],
            "upper_count_998": [16.0, np.nan, 14.0],
        }
    )


def test_worlds_that_are_as_far_out_or_farther_are_counted():
    worlds = np.array([[8, 4, 6], [13, 4, 1], [3, 9, 6], [16, 0, 2], [14, 3, 1]])
    found = chance_worlds.compared(_shown([14, 3, 1]), worlds)
    assert (found.worlds, found.providers) == (5, 3)
    assert found.outside == {"95": 2, "998": 0}
    assert found.as_many_outside == {"95": 4, "998": 5}
    spread = ((worlds - [8, 3.6, 6.4]) ** 2 / [8, 3.6, 6.4]).sum(axis=1)
    assert found.as_spread == (spread >= spread[4]).sum()


def test_where_chance_alone_acts_the_count_is_as_likely_to_be_any():
    cells = CELLS.assign(encounters=CELLS["encounters"] * 20, events=CELLS["events"] * 20)
    expected = chance_worlds.deal(cells, 2_000, 1).mean()
    shares = []
    for seed, (_, own) in enumerate(chance_worlds.deal(cells, 300, 77).iterrows()):
        shown = _shown(own.tolist()).assign(expected_adverse_event_count=expected.to_numpy())
        worlds = chance_worlds.deal(cells, 200, 1_000 + seed).to_numpy()
        shares.append(chance_worlds.compared(shown, worlds).as_spread / 200)
    assert stats.kstest(shares, "uniform").pvalue > 1e-3
    assert np.mean(np.array(shares) <= 0.05) == pytest.approx(0.05, abs=0.04)


def test_what_is_said_of_them():
    said = explain_providers.chance_worlds(200, 7, 3, "95 %", 2, 9)
    assert "Of 200 chance worlds" in said and "3 spread these 7 providers" in said
    assert "9 put 2 or more of them outside the 95 % limits" in said
    assert "nobody is outside" in explain_providers.chance_worlds(200, 7, 3, "95 %", 0, 200)


def test_power_is_said_with_its_encounters_and_nothing_of_what_is_hidden():
    assert "41 encounters" in explain_providers.power(41, 0.314)
    assert "probability of 0.31" in explain_providers.power(41, 0.314)
    assert explain_providers.power(41, float("nan")) == ""
