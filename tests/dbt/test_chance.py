"""Statistics that are honest about chance: on a world without differences nobody stands out, on one
with them somebody does.
"""

import pytest
from scipy.stats import binom

from pipeline.config import load_settings
from pipeline.services.run import runs
from pipeline.synthetic import generate
from tests.warehouse import query

ROWS = 20_000


@pytest.fixture(scope="module", params=["null", "signal"])
def world(request, tmp_path_factory):
    """A world of 20,000 encounters run through all layers: (its name, its home)."""
    folder = tmp_path_factory.mktemp(request.param)
    generate(ROWS, 11, folder / "delivery", world=request.param, defects=False)
    runs.run_now(load_settings(home=folder / "home"), verb="run", paths=[folder / "delivery"])
    return request.param, folder / "home"


def test_flags_are_as_rare_as_chance_says_unless_providers_differ(world):
    name, home = world
    ((providers, flagged, low_p),) = query(
        home,
        """
        select count(*), sum(funnel_verdict_998 in ('high', 'low')), sum(min(mid_p_low, mid_p_high) < 0.001) from provider_scorecard""",
    )
    assert providers > 100
    assert flagged == low_p
    beyond_chance = binom.ppf(0.999, providers, 0.002)
    assert (flagged > beyond_chance) == (name == "signal")


def test_the_product_says_whether_providers_differ(world):
    name, home = world
    ((evidence,),) = query(
        home, "select has_evidence_of_difference from model_parameter where name = 'provider'"
    )
    assert bool(evidence) == (name == "signal")


def test_expected_and_observed_events_agree_in_every_world(world):
    _, home = world
    ((observed, expected),) = query(
        home,
        "select sum(adverse_event_count), sum(expected_adverse_event_count) from provider_scorecard",
    )
    assert expected == pytest.approx(observed, rel=1e-9)
