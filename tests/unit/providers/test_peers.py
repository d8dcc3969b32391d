"""Peer groups: sums of who is shown, benchmarks that shrink; the cost of events in a procedure."""

import numpy as np
import pandas as pd
import pytest

from pipeline.services.providers import event_cost, peers


def test_thirds_keep_equal_counts_together_and_name_their_bounds():
    counts = pd.Series([11, 11, 11, 11, 30, 80], index=list("abcdef"))
    third = peers.thirds(counts)
    assert third[list("abcd")].nunique() == 1 and third["a"] == "11 to 11 encounters"
    assert third["e"] == third["f"] == "30 to 80 encounters"


def test_a_benchmark_lies_between_the_ratio_and_that_of_all_and_holds_the_truth():
    generator = np.random.default_rng(12)
    held = []
    for _ in range(150):
        truth = generator.gamma(1 / 0.3**2, 0.3**2, 8)
        expected = generator.uniform(5, 40, 8)
        observed = generator.poisson(truth * expected)
        mean, low, high = peers.benchmarks(observed, expected)
        ratio = observed / expected
        between = (mean - 1) * (ratio - 1) >= -0.02
        assert between.all() and (np.abs(mean - 1) <= np.abs(ratio - 1) + 0.02).all()
        held.append((low <= truth) & (truth <= high))
    assert 0.93 <= np.mean(held) <= 0.985


def sums(rows: list[tuple[str, int, np.ndarray]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(cpt, event, len(each), each.sum(), (each**2).sum()) for cpt, event, each in rows],
        columns=["cpt", "event", "n", "total", "squares"],
    )


def amounts(events: dict[str, int], gap: float = 0.5) -> pd.DataFrame:
    generator = np.random.default_rng(5)
    return sums(
        [
            (cpt, event, generator.normal(8 + event * gap, 0.4, n if event else 60))
            for cpt, n in events.items()
            for event in (0, 1)
        ]
    )


def test_the_ratio_within_a_procedure_is_found_with_an_interval_that_holds_it():
    found = event_cost.ratios(amounts({"27130": 40, "27447": 25})).set_index("procedure")
    assert list(found.index) == [event_cost.OVERALL, "27130", "27447"]
    assert (found["low"] <= np.exp(0.5)).all() and (found["high"] >= np.exp(0.5)).all()
    assert found.loc[event_cost.OVERALL, "events"] == 65


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ({"a": 10}, []),
        ({"a": 11}, ["a"]),
        ({"a": 30, "b": 5}, ["a"]),
        ({"a": 30, "b": 20, "c": 5}, ["All procedures", "a", "b"]),
        ({"a": 30, "b": 6, "c": 6}, ["All procedures", "a"]),
        ({"a": 6, "b": 6}, ["All procedures"]),
    ],
)
def test_fewer_than_eleven_events_are_told_neither_alone_nor_as_what_is_left(events, told):
    found = event_cost.ratios(amounts(events)).set_index("procedure")
    assert list(found.index) == told
    if event_cost.OVERALL in told:
        left = (
            found.loc[event_cost.OVERALL, "events"] - found["events"].drop(event_cost.OVERALL).sum()
        )
        assert left == 0 or left >= 11


def test_no_event_tells_nothing():
    assert event_cost.ratios(amounts({"a": 30}).query("event == 0")).empty
