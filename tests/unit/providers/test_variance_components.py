"""Where differences come from: effects that are there are found in their place, and intervals hold
them.
"""

import numpy as np
import pandas as pd
import pytest

from benchmarks.variation import world
from pipeline.services.providers import variance_components as parts
from pipeline.services.providers import variation

NOTHING = {"provider": 0.0, "place": 0.0, "delivery": 0.0}


def test_the_moments_of_many_worlds_give_back_the_effects():
    truth = {"provider": 0.3, "place": 0.25, "delivery": 0.2}
    sums = dict.fromkeys(truth, 0.0)
    for seed in range(120):
        moments = parts.Moments(parts.units_of(world(300 + seed, truth, providers=60)))
        matrix = np.array([[moments.weights[row][name] for name in truth] for row in truth])
        measured = [float(moments.of(name, moments.units.observed)) for name in truth]
        for name, value in zip(truth, np.linalg.solve(matrix, measured), strict=True):
            sums[name] += value / 120
    for name, sd in truth.items():
        assert sums[name] == pytest.approx(sd**2, abs=0.035), name


def test_intervals_hold_what_is_there():
    held = []
    for seed in range(12):
        moments = parts.Moments(parts.units_of(world(900 + seed, NOTHING | {"provider": 0.4})))
        sizes = parts.confidence_sizes(
            moments, moments.variances(), "provider", np.random.default_rng(1)
        )
        low, high = np.quantile(sizes, [0.025, 0.975])
        held.append(low <= 0.4 <= high)
    assert np.mean(held) >= 0.75


def test_what_the_data_cannot_tell_is_told_by_nobody():
    one_each = world(5, NOTHING, deliveries=1).assign(place=lambda frame: frame["provider"])
    shares = {each.source: each for each in parts.components(parts.units_of(one_each))}
    assert shares["delivery"].share is None and shares["place"].share is None
    assert shares["chance"].share + shares["case mix"].share + shares["provider"].share == pytest.approx(1)  # fmt: skip
    assert 0 <= shares["provider"].low <= shares["provider"].high <= 1


def test_a_picture_needs_five_providers_and_an_event():
    totals = pd.DataFrame({"npi": list("1234"), "encounters": 50, "observed": 5, "expected": 5.0})
    none = pd.DataFrame(columns=["npi", "cpt", "delivery", "risk", "encounters", "events"])
    assert variation.shares(totals, none, {}, {}).rows.empty
    calm = pd.DataFrame({"npi": list("123456"), "encounters": 50, "observed": 0, "expected": 1.0})
    assert variation.shares(calm, none, {}, {}).rows.empty
