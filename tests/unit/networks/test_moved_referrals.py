"""Where referrals go when a network changes, and what that does: against draws from the posteriors
of all providers.
"""

import numpy as np
import pandas as pd
import pytest

from pipeline.services.networks import moved_referrals
from pipeline.services.networks.moved_referrals import Network

REFERRALS, RATE, MEAN = 40, 0.2, 1_500.0


def world(seed: int) -> tuple[pd.DataFrame, Network]:
    """Providers at one procedure, some of them hidden, and a network that changes."""
    made = np.random.default_rng(seed)
    npis = [f"p{place}" for place in range(8)]
    cells = pd.DataFrame(
        {
            "encounter_count": made.integers(11, 90, 8).astype(float),
            "shrunken_ratio": made.uniform(0.5, 1.8, 8),
            "cost_index_shrunk": made.uniform(0.8, 1.3, 8),
            "cost_standard_error": made.uniform(0.01, 0.1, 8),
        },
        index=npis,
    )
    half = made.uniform(0.1, 0.5, 8)
    cells["shrunken_ratio_low"] = cells["shrunken_ratio"] - half
    cells["shrunken_ratio_high"] = cells["shrunken_ratio"] + half
    cells[made.random(8) < 0.25] = np.nan
    listed = frozenset(made.choice(npis, 5, replace=False))
    removed = str(made.choice(sorted(listed))) if seed % 3 else None
    added = str(made.choice(sorted(set(npis) - listed))) if seed % 3 != 1 else None
    after = (listed | ({added} if added else set())) - {removed}
    taker = str(made.choice(sorted(after))) if removed and seed % 2 else None
    return cells, Network(listed, after, removed, added, taker)


def sent(cells: pd.DataFrame, network: Network) -> tuple[dict[str, float], dict[str, float]]:
    """Referral by referral: the share that each provider gets, before and after."""
    shown = cells["encounter_count"].dropna().to_dict()

    def dealt(who: frozenset[str]) -> dict[str, float]:
        own = {npi: volume for npi, volume in shown.items() if npi in who}
        return {npi: volume / sum(own.values()) for npi, volume in own.items()}

    before = dealt(network.before)
    if network.removed in shown and network.taker in shown:
        after = dealt(network.before | network.after)
        after[network.taker] = after[network.taker] + after.pop(network.removed)
    else:
        after = dealt(network.after)
    return before, after


@pytest.mark.parametrize("seed", range(40))
def test_a_change_is_what_draws_of_all_providers_give(seed):
    cells, network = world(seed)
    answer = moved_referrals.moved(cells, network, REFERRALS, RATE, MEAN)
    before, after = sent(cells, network)
    movers = {network.removed, network.added} - {None}
    for measure, value, error, unit in (
        ("events", "shrunken_ratio", (cells["shrunken_ratio_high"] - cells["shrunken_ratio"]) / 1.959964, REFERRALS * RATE),
        ("cost", "cost_index_shrunk", cells["cost_index_shrunk"] * cells["cost_standard_error"], REFERRALS * MEAN),
    ):  # fmt: skip
        if any(np.isnan(cells.loc[npi, value]) for npi in movers):
            assert answer[f"{measure}_verdict"] == moved_referrals.HIDDEN
            assert np.isnan(answer[f"{measure}_change"]) and np.isnan(answer[f"{measure}_after"])
            continue
        if not before or not after:
            assert answer[f"{measure}_verdict"] == moved_referrals.NOBODY
            continue
        draws = np.random.default_rng(seed).normal(cells[value], error, (4_000, len(cells)))
        worth = dict(zip(cells.index, (draws * unit).T, strict=True))
        then, now = (
            sum(worth[npi] * share for npi, share in each.items()) for each in (after, before)
        )
        for when, drawn in (("before", now), ("after", then), ("change", then - now)):
            low, middle, high = (answer[f"{measure}_{when}{end}"] for end in ("_low", "", "_high"))
            assert middle == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 63 + 1e-9)
            assert (high - low) / 2 == pytest.approx(1.96 * drawn.std(), rel=0.06, abs=1e-9)


def test_nothing_is_told_of_events_where_no_outcome_is_known_and_cost_stands():
    cells, network = world(4)
    answer = moved_referrals.moved(cells, network, REFERRALS, np.nan, MEAN)
    assert answer["events_verdict"] == moved_referrals.NOBODY and np.isnan(answer["events_before"])
    assert not np.isnan(answer["cost_before"])


def test_the_total_counts_known_procedures_alone_and_adds_their_variances():
    table = pd.DataFrame(
        {
            "cost_change": [3.0, -1.0, np.nan],
            "cost_change_low": [0.0, -5.0, np.nan],
            "cost_change_high": [6.0, 3.0, np.nan],
        }
    )
    assert moved_referrals.total(table, "cost") == (2.0, -3.0, 7.0, 2)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(1, 2, "more"), (-2, -1, "less"), (-1, 1, "cannot be told from no change"), (0, 0, "nothing moves")],
)  # fmt: skip
def test_a_change_is_told_only_by_an_interval_on_one_side_of_nothing(low, high, words):
    assert moved_referrals.verdict(low, high) == words
