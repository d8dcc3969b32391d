"""How candidates of a referral are scored, ordered and grouped."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies
from hypothesis import settings as examples

from pipeline.services.referrals import choice_score
from pipeline.services.referrals.choice_score import Weights
from pipeline.services.referrals.quality_rank import quality_ranks

STANDARD = choice_score.standard_weights()


def candidate(
    npi: str,
    miles: float | None = 1.0,
    outcome: float = 0.0,
    spread: float = 0.0,
    is_measured: int = 1,
) -> dict:
    return {
        "npi": npi,
        "miles": miles,
        "is_measured": is_measured,
        "outcome_score": outcome,
        "outcome_standard_error": spread,
        "cost_score": 0.0,
        "cost_standard_error": 0.0,
        "volume_score": 0.0,
    }


def order(weights: Weights, *rows: dict) -> list[str]:
    return choice_score.ranked(pd.DataFrame(rows), weights)["npi"].tolist()


def test_miles_are_those_of_the_sphere():
    quarter = choice_score.miles_from(
        (0.0, 0.0), pd.Series([90.0, 0.0, None]), pd.Series([0.0, 180.0, 0.0])
    )
    assert quarter.tolist() == pytest.approx(
        [math.pi / 2 * 3958.7613, math.pi * 3958.7613, math.nan], nan_ok=True
    )
    assert choice_score.miles_from(None, pd.Series([1.0]), pd.Series([1.0])).isna().all()


def test_the_weights_decide_and_equal_scores_go_by_npi():
    near, good = candidate("1", miles=1.0, outcome=0.1), candidate("2", miles=40.0, outcome=-0.1)
    assert order(Weights(1, 0, 0, 0), near, good) == ["2", "1"]
    assert order(Weights(0, 0, 1, 0), near, good) == ["1", "2"]
    assert order(Weights(0, 0, 0, 0), good, near) == ["1", "2"]


def test_an_unknown_distance_is_neither_near_nor_last():
    rows = [candidate("1", None), candidate("2", 10.0), candidate("3", 500.0)]
    assert order(Weights(0, 0, 1, 0), *rows) == ["2", "1", "3"]


def test_the_unmeasured_come_last_however_near_and_in_a_group_of_their_own():
    scored = choice_score.ranked(
        pd.DataFrame([candidate("1", 0.0, is_measured=0), candidate("2", 900.0)]), STANDARD
    )
    assert scored["npi"].tolist() == ["2", "1"]
    assert scored["group"].tolist() == [choice_score.TOGETHER, choice_score.UNMEASURED]
    assert scored["rank_low"].tolist()[0] == 1 and scored["quality_score"].isna().tolist()[1]


def test_apart_is_who_lies_beyond_the_best_in_outcome_and_cost_alone():
    rows = [
        candidate("1", outcome=0.0, spread=0.1),
        candidate("2", outcome=0.39, spread=0.1),
        candidate("3", outcome=0.4, spread=0.1),
    ]
    scored = choice_score.ranked(pd.DataFrame(rows), Weights(1, 0, 0, 0))
    assert scored["group"].tolist() == [1, 1, 2]
    far = [candidate("1", 1.0, spread=0.1), candidate("2", 5000.0, spread=0.1)]
    scored = choice_score.ranked(pd.DataFrame(far), Weights(1, 0, 9, 9))
    assert scored["group"].tolist() == [1, 1] and scored["best_probability"].tolist() == (
        pytest.approx([0.5, 0.5])
    )


def test_nobody_is_put_before_another_for_a_score():
    """Whom nobody can tell apart in quality come nearest first, whatever their scores."""
    rows = [
        candidate("1", 30.0, outcome=-0.01, spread=0.1),
        candidate("2", 3.0, outcome=0.01, spread=0.1),
        candidate("3", 1.0, outcome=2.0, spread=0.1),
        candidate("4", None, outcome=0.0, spread=0.1),
    ]
    offered = choice_score.for_people(
        choice_score.ranked(pd.DataFrame(rows), Weights(1, 0, 0.01, 0))
    )
    assert offered["npi"].tolist() == ["2", "1", "4", "3"]


@given(
    strategies.lists(
        strategies.tuples(strategies.floats(-1, 1), strategies.floats(0.1, 0.3)),
        min_size=1,
        max_size=6,
    )
)
@examples(deadline=None, max_examples=25)
def test_ranks_and_probabilities_are_those_of_draws_from_the_posterior(posterior):
    quality, error = map(np.array, zip(*posterior, strict=True))
    ranks = quality_ranks(quality, error)
    draws = quality + error * np.random.default_rng(1).normal(size=(40_000, len(quality)))
    places = draws.argsort(axis=1).argsort(axis=1)
    assert ranks["best_probability"].to_numpy() == pytest.approx((places == 0).mean(0), abs=0.015)
    assert ranks["best_three_probability"].to_numpy() == pytest.approx(
        (places < 3).mean(0), abs=0.015
    )
    assert ranks["best_probability"].sum() == pytest.approx(1, abs=0.005)
    better = (draws[:, None, :] < draws[:, :, None]).mean(0)
    np.fill_diagonal(better, 0.5)
    assert (ranks["rank_low"] <= 1 + (better > 0.97).sum(1)).all()
    assert (ranks["rank_low"] >= 1 + (better > 0.98).sum(1)).all()
    assert (ranks["rank_high"] >= ranks["rank_low"]).all()
