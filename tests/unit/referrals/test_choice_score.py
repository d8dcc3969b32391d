"""How candidates of a referral are scored, ordered and grouped."""

import math

import pandas as pd
import pytest

from pipeline.services.referrals import choice_score
from pipeline.services.referrals.choice_score import Weights

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
    assert scored["npi"].tolist() == ["2", "1"] and scored["tie_group"].tolist() == [1, 2]


def test_a_group_ends_where_the_interval_leaves_that_of_its_first():
    rows = [
        candidate("1", outcome=0.0, spread=0.1),
        candidate("2", outcome=0.39, spread=0.1),
        candidate("3", outcome=0.4, spread=0.1),
    ]
    assert choice_score.ranked(pd.DataFrame(rows), Weights(1, 0, 0, 0))["tie_group"].tolist() == [
        1,
        1,
        2,
    ]
    touching = [
        candidate("1", outcome=0.0),
        candidate("2", outcome=0.0),
        candidate("3", outcome=1e-9),
    ]
    assert choice_score.ranked(pd.DataFrame(touching), Weights(1, 0, 0, 0))[
        "tie_group"
    ].tolist() == [1, 1, 2]
