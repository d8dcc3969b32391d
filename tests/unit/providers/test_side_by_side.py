"""Providers side by side are told apart by their intervals, and by nothing else."""

import pandas as pd
from hypothesis import given, strategies

from pipeline.services.providers.side_by_side import sentences


def scorecard(*intervals):
    """A scorecard of providers A, B, ... with (low, high) of the shrunken ratio, None for none."""
    rows = []
    for place, interval in enumerate(intervals):
        low, high = interval or (None, None)
        rows.append(
            {
                "npi": str(place),
                "provider_name": "ABCDEF"[place],
                "is_large_enough": True,
                "shrunken_ratio": None if interval is None else (low + high) / 2,
                "shrunken_ratio_low": low,
                "shrunken_ratio_high": high,
                "cost_index_shrunk": 1.0,
                "cost_index_low": 0.9,
                "cost_index_high": 1.1,
            }
        )
    return pd.DataFrame(rows)


def of_events(*intervals):
    told = sentences(scorecard(*intervals), [str(place) for place in range(len(intervals))])
    return [sentence for sentence in told if sentence.startswith("In adverse events")]


def test_intervals_that_overlap_are_not_told_apart():
    assert of_events((0.5, 1.0), (1.0, 2.0)) == [
        "In adverse events A (0.75, from 0.50 to 1.00) and B (1.50, from 1.00 to 2.00) cannot be "
        "told apart: their 95 % intervals overlap."
    ]


def test_an_interval_wholly_above_another_is_and_the_rest_is_said():
    told = of_events((0.5, 0.9), (1.0, 2.0), (0.6, 1.5))
    assert told == [
        "In adverse events B (1.50, from 1.00 to 2.00) lies wholly above A (0.70, from 0.50 to 0.90).",
        "In adverse events no other two of them can be told apart.",
    ]


def test_what_is_hidden_is_compared_with_nothing():
    assert of_events((0.5, 0.9), None) == ["In adverse events nothing is shown of B."]
    assert of_events(None, None) == ["In adverse events nothing is shown of A and B."]


def test_nothing_is_said_of_few_encounters():
    scores = scorecard((0.5, 0.9), (1.0, 2.0)).assign(is_large_enough=[True, False])
    assert sentences(scores, ["0", "1"]) == [
        "In adverse events nothing is shown of B.",
        "In cost nothing is shown of B.",
    ]


@given(
    strategies.lists(
        strategies.tuples(strategies.integers(1, 9), strategies.integers(0, 5)),
        min_size=2,
        max_size=6,
    )
)
def test_each_pair_of_disjoint_intervals_has_one_sentence_and_no_other_pair_has(pairs):
    intervals = [(float(low), float(low + width)) for low, width in pairs]
    told = [sentence for sentence in of_events(*intervals) if "wholly above" in sentence]
    disjoint = sum(
        one[1] < other[0] or other[1] < one[0]
        for place, one in enumerate(intervals)
        for other in intervals[:place]
    )
    assert len(told) == disjoint
