"""Prices, volumes, funnel lines and rosters, worked out a second time with pandas and scipy; the
places of ZIPs.

Byar's lines are within 0.012 of the exact ones from ten expected events on, below ten the seed is
exact.
"""

import numpy as np
import pytest
from scipy import stats

from pipeline.synthetic.identifiers import ZIP5_POOL
from pipeline.synthetic.zip_centroids import made_up_centroids
from tests.dbt.insight_oracle import centroids, miles, read_tables

TABLES = (
    "std_encounters",
    "std_employer_networks",
    "std_providers",
    "fct_encounter",
    "model_parameter",
    "provider_procedure_scorecard",
    "provider_scorecard",
    "funnel_limits",
    "price_transparency",
    "volume_outcome",
    "network_roster_audit",
)
Z_95 = 1.959964


@pytest.fixture(scope="module")
def tables(sample_home):
    """The tables as frames, by name."""
    return read_tables(sample_home, TABLES)


def test_the_seed_places_every_made_up_zip_and_real_ones_where_they_are():
    places = centroids()
    assert len(places) > 42_000
    assert set(ZIP5_POOL) <= set(places)
    for zip5, latitude, longitude in made_up_centroids():
        assert places[zip5] == pytest.approx((latitude, longitude), abs=0.001)
    assert miles(places["33410"], places["34994"]) == pytest.approx(26.8, abs=0.1)
    assert (0.0, 0.0) not in places.values()


def test_prices_of_small_areas_are_hidden_and_cannot_be_had_by_subtraction(tables):
    rows = tables["fct_encounter"].merge(tables["std_providers"][["npi", "zip5"]], how="left")
    rows["zip3"] = rows.zip5.str[:3].fillna("unknown")
    areas = rows.groupby(["cpt", "zip3"])
    prices = tables["price_transparency"].set_index(["cpt", "zip3"])
    assert set(prices.index) == set(areas.groups)
    for key, group in areas:
        price = prices.loc[key]
        if group.patient_id.nunique() < 11:
            assert price.is_suppressed == 1
        if price.is_suppressed:
            assert (
                price[
                    [
                        "encounter_count",
                        "providers",
                        "paid_p25_usd",
                        "paid_median_usd",
                        "paid_p75_usd",
                    ]
                ]
                .isna()
                .all()
            )
        else:
            assert (price.encounter_count, price.providers) == (len(group), group.npi.nunique())
            quartiles = group.paid_amount_usd.quantile([0.25, 0.5, 0.75])
            assert price[["paid_p25_usd", "paid_median_usd", "paid_p75_usd"]].to_numpy(
                float
            ) == pytest.approx(quartiles.to_numpy(), abs=1e-6)
    for cpt, hidden in prices[prices.is_suppressed == 1].groupby("cpt"):
        together = rows[(rows.cpt == cpt) & rows.zip3.isin(hidden.index.get_level_values("zip3"))]
        assert len(hidden) == (prices.index.get_level_values("cpt") == cpt).sum() or (
            len(hidden) >= 2 and len(together) >= 11
        )


def test_volume_thirds_pool_all_encounters_and_keep_equal_counts_together(tables):
    card = tables["provider_procedure_scorecard"]
    place = card.groupby("cpt").encounter_count.rank(method="min").astype(int) - 1
    tertile = 1 + 3 * place // card.groupby("cpt").encounter_count.transform("size")
    rows = tables["volume_outcome"].set_index(["cpt", "tertile"])
    groups = card.groupby(["cpt", tertile])
    assert set(rows.index) == set(groups.groups)
    paid = tables["fct_encounter"].merge(card.assign(tertile=tertile)[["npi", "cpt", "tertile"]])
    for key, group in groups:
        row = rows.loc[key]
        assert (row.providers, row.encounter_count, row.observed_count) == (
            len(group),
            group.encounter_count.sum(),
            group.adverse_event_count.sum(),
        )
        assert (row.providers_at_minimum, row.volume_from, row.volume_to) == (
            (group.encounter_count >= 25).sum(),
            group.encounter_count.min(),
            group.encounter_count.max(),
        )
        assert row.expected_count == pytest.approx(
            group.expected_adverse_event_count.sum(), abs=1e-9
        )
        assert row.observed_to_expected_low == pytest.approx(
            stats.chi2.ppf(0.025, 2 * row.observed_count) / 2 / row.expected_count
            if row.observed_count
            else 0,
            abs=2e-3,
        )
        assert row.observed_to_expected_high == pytest.approx(
            stats.chi2.ppf(0.975, 2 * row.observed_count + 2) / 2 / row.expected_count, rel=1e-3
        )
        mine = paid[(paid.cpt == key[0]) & (paid.tertile == key[1])]
        assert row.paid_median_usd == pytest.approx(mine.paid_amount_usd.median(), abs=1e-6)


def test_funnel_lines_are_poisson_limits_and_end_where_zero_events_are_no_finding(tables):
    lines = tables["funnel_limits"]
    spread = tables["model_parameter"].set_index("name").overdispersion_tau2["provider"]
    assert (
        lines.expected_adverse_event_count.max()
        >= tables["provider_scorecard"].expected_adverse_event_count.max()
    )
    for name, tail, z in (("95", 0.025, Z_95), ("998", 0.001, 3.090232)):
        expected, low = lines.expected_adverse_event_count, lines[f"low_{name}"]
        assert (low.isna() == (np.exp(-expected) >= tail)).all()
        exact = stats.chi2.ppf(tail, 2 * expected) / 2 / expected
        np.testing.assert_allclose(low.dropna(), exact[low.notna()], atol=0.012)
        np.testing.assert_allclose(
            lines[f"high_{name}"],
            stats.chi2.ppf(1 - tail, 2 * expected + 2) / 2 / expected,
            atol=0.012,
        )
        np.testing.assert_allclose(
            lines[f"overdispersed_high_{name}"],
            np.exp(z * np.sqrt(1 / expected + spread)),
            rtol=1e-9,
        )
        np.testing.assert_allclose(
            lines[f"overdispersed_low_{name}"] * lines[f"overdispersed_high_{name}"], 1, rtol=1e-9
        )


def test_every_entry_of_a_network_is_audited_once(tables):
    audit = tables["network_roster_audit"]
    networks = tables["std_employer_networks"]
    assert sorted(zip(audit.employer_id, audit.npi, strict=True)) == sorted(
        zip(networks.employer_id, networks.npi, strict=True)
    )
    is_known = audit.npi.isin(tables["std_providers"].npi)
    counts = tables["std_encounters"].groupby("npi").size()
    assert (audit.encounters == audit.npi.map(counts).fillna(0)).all()
    expected = np.where(
        ~is_known, "unknown", np.where(audit.encounters == 0, "never_used", "active")
    )
    assert (audit.listed_raw == audit.npi).all()
    assert (audit.normalised_npi == audit.npi).all()
    assert (audit.status == expected).all()
    assert (audit.suggestion.isna() == (audit.status == "active")).all()
