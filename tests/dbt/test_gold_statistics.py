"""Every formula of the scorecards, computed a second time with scipy from the published encounters.

Tolerances: sums are exact to 1e-9 by construction; limits and tails are within 1e-6 of scipy.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.dbt.gold_oracle import (
    chance_moments,
    chance_of_counts,
    grid_of,
    moment_variance,
    outcome_posterior,
    read_gold,
    wilson,
    with_rates,
)

CLOSE = 1e-7


@pytest.fixture(scope="module")
def gold(sample_home):
    """The gold tables as frames, by name."""
    return read_gold(sample_home)


@pytest.fixture(params=["provider", "provider_procedure"])
def scorecard(request, gold):
    """A scorecard joined to the row of model_parameter that it was made with."""
    table = gold[f"{request.param}_scorecard"]
    parameter = gold["model_parameter"].set_index("name").loc[request.param]
    return table, parameter


@pytest.fixture
def chance(gold, scorecard):
    """What chance alone gives to the heterogeneity sum of this scorecard: mean and variance."""
    table, _ = scorecard
    return chance_moments(
        gold["provider_case_mix"], [key for key in ("npi", "cpt") if key in table]
    )


def test_smoothed_rates_borrow_m_encounters_and_are_calibrated_by_one_factor(gold):
    encounters, reference = gold["fct_encounter"], gold["case_mix_reference"]
    m = gold["model_parameter"].case_mix_prior_encounter_count.iloc[0]
    cells = (
        encounters.groupby(["cpt", "age_band", "sex"])
        .has_adverse_event.agg(encounter_count="size", observed_count="sum")
        .reset_index()
    )
    cells = with_rates(cells.assign(mature_encounter_count=cells.encounter_count), m)
    both = cells.merge(reference, on=["cpt", "age_band", "sex"], suffixes=("", "_sql"))
    assert len(both) == len(cells) == len(reference)
    assert (both.encounter_count == both.encounter_count_sql).all() and (
        both.observed_count == both.observed_count_sql
    ).all()
    assert (both.risk_group == both.risk_group_sql).all()
    np.testing.assert_allclose(both.smoothed_rate, both.smoothed, atol=CLOSE)
    np.testing.assert_allclose(both.calibrated_rate, both.calibrated, atol=CLOSE)


def test_expected_events_add_up_to_the_observed_ones(gold):
    for table in (
        "fct_encounter",
        "provider_case_mix",
        "provider_procedure_scorecard",
        "provider_scorecard",
    ):
        observed = gold[table][
            "has_adverse_event" if table == "fct_encounter" else "adverse_event_count"
        ].sum()
        assert gold[table].expected_adverse_event_count.sum() == pytest.approx(
            observed, abs=1e-6
        ), table


def test_wilson_limits_agree_with_the_closed_form(scorecard):
    table, _ = scorecard
    low, high = wilson(table.adverse_event_count, table.encounter_count)
    np.testing.assert_allclose(table.adverse_event_rate_low, low, atol=CLOSE)
    np.testing.assert_allclose(table.adverse_event_rate_high, high, atol=CLOSE)


def test_limits_of_observed_over_expected_are_exact(scorecard):
    table, _ = scorecard
    low = stats.gamma.ppf(0.025, table.adverse_event_count.clip(lower=1)).astype(float)
    low = np.where(table.adverse_event_count > 0, low, 0) / table.expected_adverse_event_count
    high = stats.gamma.ppf(0.975, table.adverse_event_count + 1) / (
        table.expected_adverse_event_count
    )
    np.testing.assert_allclose(table.observed_to_expected_low, low, rtol=1e-6)
    np.testing.assert_allclose(table.observed_to_expected_high, high, rtol=1e-6)


def posterior(scorecard, chance):
    """The posterior of the units of a scorecard by scipy, and the share of their independence."""
    table, _ = scorecard
    tau = grid_of(
        *moment_variance(table.adverse_event_count, table.expected_adverse_event_count, chance)
    )
    return outcome_posterior(
        table.adverse_event_count.to_numpy(),
        table.expected_adverse_event_count.to_numpy(),
        tau,
        np.sqrt(table.npi.nunique() / len(table)),
        chance[0] / len(table),
    )


def test_shrunk_ratios_are_averaged_over_what_the_variance_may_be(scorecard, chance):
    table, parameter = scorecard
    mean, variance, reliability, tau2 = posterior(scorecard, chance)
    np.testing.assert_allclose(table.shrunken_ratio, mean, rtol=1e-6)
    np.testing.assert_allclose(table.shrunken_ratio_variance, variance, rtol=1e-5)
    np.testing.assert_allclose(table.reliability, reliability, rtol=1e-5)
    assert parameter.tau2_used == pytest.approx(tau2, rel=1e-5)


def test_limits_of_shrunk_ratios_are_those_of_the_gamma_distribution(scorecard):
    table, _ = scorecard
    shape = table.shrunken_ratio**2 / table.shrunken_ratio_variance
    scale = table.shrunken_ratio_variance / table.shrunken_ratio
    for column, share in (("shrunken_ratio_low", 0.025), ("shrunken_ratio_high", 0.975)):
        limit = stats.gamma.ppf(share, shape, scale=scale)
        np.testing.assert_allclose(table[column], limit, rtol=1e-6)


def test_parameters_are_the_moments_and_the_mean_of_the_posterior(scorecard, chance):
    table, parameter = scorecard
    estimate, error = moment_variance(
        table.adverse_event_count, table.expected_adverse_event_count, chance
    )
    assert parameter.tau2_hat == pytest.approx(estimate, abs=1e-6)
    assert parameter.tau2_standard_error == pytest.approx(error, rel=1e-6)
    assert parameter.alpha == pytest.approx(parameter.mu**2 / parameter.tau2_used)
    assert parameter.beta == pytest.approx(parameter.mu / parameter.tau2_used)


def test_overdispersion_winsorises_at_ten_and_ninety_percent(scorecard):
    table, parameter = scorecard
    z = 2 * (np.sqrt(table.adverse_event_count) - np.sqrt(table.expected_adverse_event_count))
    assert parameter.phi_raw == pytest.approx((z**2).mean(), abs=1e-6)
    assert parameter.phi == pytest.approx(
        (z.clip(z.quantile(0.1), z.quantile(0.9)) ** 2).mean(), abs=1e-6
    )


def test_evidence_of_difference_compares_the_chi_square_sum_with_chance(scorecard, chance):
    table, parameter = scorecard
    mean, variance, third = chance
    chi2 = (
        (table.adverse_event_count - table.expected_adverse_event_count) ** 2
        / table.expected_adverse_event_count
    ).sum()
    tail = stats.pearson3.sf(chi2, third / variance**1.5, mean, math.sqrt(variance))
    assert parameter.heterogeneity_chi2 == pytest.approx(chi2, abs=1e-5)
    assert parameter.heterogeneity_p == pytest.approx(tail, abs=1e-6)
    assert parameter.has_evidence_of_difference == (parameter.heterogeneity_p < 0.05)


def test_verdicts_are_those_of_convolved_hypergeometric_counts(gold):
    table = gold["provider_scorecard"].set_index("npi")
    p = {}
    for npi, probability in chance_of_counts(gold["provider_case_mix"]).items():
        row = table.loc[npi]
        if len(probability) == 1:
            assert np.isnan(row.mid_p_low) and row.funnel_verdict_95 == "none"
            continue
        mid_p = probability.cumsum() - probability / 2
        possible = probability > 0
        assert row.mid_p_low == pytest.approx(mid_p[row.adverse_event_count], abs=1e-11)
        assert row.mid_p_high == pytest.approx(1 - row.mid_p_low, abs=1e-11)
        p[npi] = min(1, 2 * min(row.mid_p_low, row.mid_p_high))
        for limits, tail in (("95", 0.025), ("998", 0.001)):
            low, high = (
                np.nonzero(possible & (mid_p < tail))[0],
                np.nonzero(possible & (1 - mid_p < tail))[0],
            )
            assert (row[f"lower_count_{limits}"] == low.max()) if len(low) else np.isnan(row[f"lower_count_{limits}"])  # fmt: skip
            assert (row[f"upper_count_{limits}"] == high.min()) if len(high) else np.isnan(row[f"upper_count_{limits}"])  # fmt: skip
            assert row[f"flag_probability_{limits}"] == pytest.approx(
                probability[low].sum() + probability[high].sum(), abs=1e-10
            )
            verdict = (
                "high" if row.adverse_event_count in high
                else "low" if row.adverse_event_count in low
                else "in" if len(low) else "none"
            )  # fmt: skip
            assert row[f"funnel_verdict_{limits}"] == verdict
    q = stats.false_discovery_control(list(p.values()))
    np.testing.assert_allclose(table.q_value[list(p)], q, rtol=1e-9)


def test_the_power_is_that_of_fishers_counts_at_double_odds_under_the_same_verdict(gold):
    table, cells = gold["provider_scorecard"].set_index("npi"), gold["provider_case_mix"]
    urns = cells.groupby("risk_group")[["mature_encounter_count", "adverse_event_count"]].sum()
    generator, powers = np.random.default_rng(41), []
    for npi, own in cells.groupby("npi"):
        row, probability, dealt = table.loc[npi], np.ones(1), np.zeros(4_000)
        for group, drawn in own.groupby("risk_group").mature_encounter_count.sum().items():
            size, events = urns.loc[group]
            if not events or not drawn:
                continue
            counts = stats.nchypergeom_fisher(size, events, drawn, 2.0)
            probability = np.convolve(probability, counts.pmf(np.arange(drawn + 1)))
            dealt += counts.rvs(size=len(dealt), random_state=generator)
        if np.isnan(row.mid_p_low):
            continue
        for limits in ("95", "998"):
            high = row[f"upper_count_{limits}"]
            power = 0 if np.isnan(high) else probability[int(high) :].sum()
            assert row[f"double_odds_power_{limits}"] == pytest.approx(power, abs=2e-9)
            error = np.sqrt(power * (1 - power) / len(dealt))
            assert (dealt >= high).mean() == pytest.approx(power, abs=4.5 * error + 1e-9)
        powers.append((row.expected_adverse_event_count, row.double_odds_power_95))
    assert len(powers) > 15 and max(power for _, power in powers) > 0.5
    assert max(powers)[1] > min(powers)[1], "more expected events, more is found"


def test_over_dispersion_clears_only_flags_inside_the_wider_limits(gold):
    table, parameter = (
        gold["provider_scorecard"],
        gold["model_parameter"].set_index("name").loc["provider"],
    )
    with np.errstate(divide="ignore"):
        distance = np.abs(np.log(table.observed_to_expected))
    for name, z in (("95", 1.959964), ("998", 3.090232)):
        inside = distance <= z * np.sqrt(
            1 / table.expected_adverse_event_count + parameter.overdispersion_tau2
        )
        expected = table[f"funnel_verdict_{name}"].mask(
            table[f"funnel_verdict_{name}"].isin(("high", "low")) & inside, "in"
        )
        assert (table[f"overdispersed_verdict_{name}"] == expected).all()


def test_risk_standardised_rates_and_case_mix_index_refer_to_the_overall_rate(gold):
    table, overall = gold["provider_scorecard"], gold["fct_encounter"].has_adverse_event.mean()
    np.testing.assert_allclose(
        table.risk_standardized_rate, table.shrunken_ratio * overall, rtol=CLOSE
    )
    np.testing.assert_allclose(
        table.case_mix_index,
        table.expected_adverse_event_count / table.encounter_count / overall,
        rtol=CLOSE,
    )


def test_small_cells_are_marked_and_not_reportable(gold):
    table = gold["provider_scorecard"]
    assert ((table.encounter_count < 11) == (table.is_small_cell == 1)).all()
    assert (table.display_status[table.encounter_count < 11] != "reportable").all()
    assert (
        gold["provider_procedure_scorecard"].is_small_cell
        == (gold["provider_procedure_scorecard"].encounter_count < 11)
    ).all()


def test_volume_bands_follow_the_counts(scorecard):
    table, _ = scorecard
    expected = pd.cut(
        table.encounter_count, [0, 10, 24, 49, math.inf], labels=["1-10", "11-24", "25-49", "50+"]
    ).astype(str)
    assert (table.volume_band == expected).all()
