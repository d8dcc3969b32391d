"""What the page says of candidates, access and similar patients."""

import math

import pandas as pd
import pytest

from pipeline.services.referrals import explain_choices, referrals
from pipeline.services.referrals.choice_score import APART, TOGETHER, UNMEASURED


@pytest.mark.parametrize(
    ("age", "bands"),
    [
        (0, ("0-64", "65-74")),
        (64, ("0-64", "65-74")),
        (65, ("0-64", "65-74", "75-84")),
        (85, ("75-84", "85+")),
        (120, ("75-84", "85+")),
        (None, ("unknown",)),
    ],
)
def test_an_age_is_compared_with_its_band_and_those_beside_it(age, bands):
    assert referrals.near_bands(age) == bands


@pytest.mark.parametrize(
    ("count", "band"),
    [(0, None), (1, "1–10"), (10, "1–10"), (11, "11–24"), (50, "50+"), (900, "50+")],
)
def test_similar_patients_are_told_in_bands(count, band):
    assert referrals.volume_band(count) == band


def test_nothing_is_said_of_the_outcome_or_cost_of_an_unmeasured_provider():
    row = next(pd.DataFrame([{"is_measured": 0, "volume": None, "miles": None}]).itertuples())
    sentence = " · ".join(explain_choices.reasons(row, "91001", None))
    assert (
        "adverse" not in sentence
        and "cost that" not in sentence
        and "too few" in sentence
        and explain_choices.NO_DISTANCE in sentence
    )


def test_an_interval_over_one_is_as_expected_and_one_that_ends_at_one_too():
    def said(low, high):
        row = next(
            pd.DataFrame(
                [
                    {
                        "is_measured": 1,
                        "volume": 20,
                        "miles": 0.4,
                        "shrunken_ratio": 0.8,
                        "shrunken_ratio_low": low,
                        "shrunken_ratio_high": high,
                        "cost_index_shrunk": 1.2,
                        "cost_index_low": 1.1,
                        "cost_index_high": 1.3,
                    }
                ]
            ).itertuples()
        )
        return explain_choices.reasons(row, "91001", "1–10")

    assert "adverse events as expected (0.80, 0.70–1.00)" in said(0.7, 1.0)
    assert "adverse events fewer than expected (0.80, 0.70–0.99)" in said(0.7, 0.99)
    assert (
        "cost above that of peers (1.20, 1.10–1.30)" in said(0.7, 1.0)
        and said(0.7, 1.0)[-1] == "less than a mile away"
    )


def test_access_counts_what_is_near_and_names_what_is_unknown():
    assert (
        explain_choices.access("9", [3.0, 40.0], True)
        == "2 providers in the network of 9, 1 within 25 miles; the nearest is 3 miles away."
    )
    assert "**none within 25 miles**" in explain_choices.access("9", [40.0], True)
    assert "25 within" not in explain_choices.access(
        "9", [25.0], True
    ) and "1 within 25 miles" in explain_choices.access("9", [25.0], True)
    assert "of 1 the place is unknown" in explain_choices.access("9", [3.0, math.nan], True)
    assert "none of their places is known" in explain_choices.access("9", [math.nan], True)


def test_a_group_says_whether_chance_parts_it_from_the_best():
    group = explain_choices.group
    assert "these 5 apart" in group(TOGETHER, 5) and "nearest" in group(TOGETHER, 5)
    assert "more than chance" in group(APART, 1)
    assert "Nobody else" in group(TOGETHER, 1) and "come last" in group(UNMEASURED, 3)
    assert "Not to be put in order" in group(TOGETHER, 5, "Adverse events are absent.")


def test_a_cost_that_nobody_can_tell_is_not_told():
    assert "cannot be told" in explain_choices.expected_cost(None, None, None)
    assert "between $700 and $2,500" in explain_choices.expected_cost(700.0, 1200.0, 2500.0)
