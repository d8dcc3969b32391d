"""Sentences about providers at the edges: no event, few encounters, at the limit, nothing to
compare with.
"""

import math

import pytest

from pipeline.services.providers import explain_providers

NAN = math.nan


def test_what_chance_gives_is_called_chance():
    assert explain_providers.outcome(69, 7, 7.387, "in", "in") == (
        "7 adverse events among 69 encounters; 7.4 were expected for these patients. That is what chance alone gives."
    )


@pytest.mark.parametrize(
    ("verdict_95", "verdict_998", "expected"),
    [
        ("high", "in", "about 1 in 40"),
        ("high", "high", "more than chance explains"),
        ("low", "none", "about 1 in 40"),
        ("low", "low", "fewer than chance explains"),
    ],
)
def test_a_finding_is_told_by_the_narrowest_limit_that_it_is_outside_of(
    verdict_95, verdict_998, expected
):
    sentence = explain_providers.outcome(100, 20, 10.0, verdict_95, verdict_998)
    assert expected in sentence and explain_providers.CHANCE not in sentence


def test_no_event_is_no_finding_where_few_are_expected():
    assert explain_providers.outcome(22, 0, 2.33, "none", "none") == (
        "No adverse event among 22 encounters; 2.3 were expected for these patients. That is what chance alone gives. "
        "With so few expected, not even zero would be remarkable."
    )


def test_a_single_event_is_one_event():
    assert explain_providers.outcome(11, 1, 1.2, "none", "none").startswith(
        "1 adverse event among 11 encounters;"
    )


@pytest.mark.parametrize("n", [1, 10])
def test_under_eleven_encounters_no_outcome_is_told_whatever_it_is(n):
    for observed in (0, 5, n):
        sentence = explain_providers.outcome(n, observed, 1.0, "high", "high")
        assert "too few to show an outcome" in sentence and "adverse" not in sentence
    assert (
        explain_providers.cost(n, 0.8, 0.9, 0.9)
        == "Costs cannot be compared: too few encounters with an amount."
    )


def test_encounters_that_are_too_recent_stand_beside_those_that_count():
    assert explain_providers.outcome(30, 3, 2.9, "in", "in", recent=12).startswith(
        "3 adverse events among 30 encounters (12 more too recent to count); 2.9 were expected"
    )
    assert explain_providers.outcome(4, 2, 0.4, "high", "high", recent=12) == (
        "4 encounters old enough to count, 12 too recent: too few to show an outcome (at least 11 are needed)."
    )
    assert explain_providers.outcome(4, 2, 0.4, "high", "high", recent=2) == (
        "6 encounters: too few to show an outcome (at least 11 are needed)."
    )


def test_eleven_encounters_are_enough_to_tell():
    assert "too few" not in explain_providers.outcome(11, 2, 1.2, "in", "in")


def test_a_cell_hidden_for_the_sake_of_another_says_so():
    assert "hidden" in explain_providers.outcome(14, NAN, NAN, "in", "in")


@pytest.mark.parametrize("expected", [None, NAN, 0.0])
def test_without_an_expectation_nothing_is_compared(expected):
    sentence = explain_providers.outcome(20, 0, expected, None, None)
    assert "nothing to compare with" in sentence and explain_providers.CHANCE not in sentence


def test_a_cost_that_few_encounters_carry_is_not_believed():
    assert explain_providers.cost(50, 0.96, 0.998, 0.03) == (
        "Costs are 4 % below what the same procedures cost elsewhere, but too few encounters to be sure (reliability 3 %); allowing for "
        "that they are probably the same as elsewhere."
    )


def test_a_reliable_cost_is_the_shrunken_one_from_exactly_the_bar_on():
    assert explain_providers.cost(900, 1.10, 1.08, 0.7).startswith(
        "Costs are 8 % above what the same procedures cost elsewhere, on enough"
    )
    assert "too few encounters to be sure" in explain_providers.cost(900, 1.10, 1.08, 0.6999)


@pytest.mark.parametrize("reliability", [None, NAN, 0.0])
def test_a_cost_of_unknown_reliability_says_so(reliability):
    assert "nothing is known about how reliable" in explain_providers.cost(
        50, 0.9, 1.0, reliability
    )


def test_no_cost_is_no_comparison():
    assert "cannot be compared" in explain_providers.cost(50, None, None, None)


def test_exactly_the_volume_minimum_reaches_it_and_one_less_does_not():
    assert "reach the volume minimum" in explain_providers.volume(25, 25)
    assert "1 short of the volume minimum of 25" in explain_providers.volume(24, 25)
    assert explain_providers.volume(1, 25).startswith("1 encounter to date")


def test_a_case_mix_within_half_a_per_cent_is_as_of_all():
    assert explain_providers.case_mix(1.004).startswith("As many")
    assert explain_providers.case_mix(1.12).startswith("12 % more") and explain_providers.case_mix(
        0.9
    ).startswith("10 % fewer")
    assert "cannot" in explain_providers.case_mix(None)


def test_an_estimate_says_what_is_borrowed_and_nothing_without_a_model():
    assert "23 % of it is the provider's own experience" in explain_providers.estimate(
        0.99, 0.68, 1.36, 0.228
    )
    assert explain_providers.estimate(1.0, None, 1.2, 0.1) == "No estimate can be shown."


def test_no_evidence_of_difference_is_said_with_the_variance_as_estimated_and_as_used():
    none = {
        "heterogeneity_p": 0.7,
        "tau2_hat": -0.04,
        "tau2_used": 0.04,
        "has_evidence_of_difference": 0,
    }
    sentence = explain_providers.difference_between_providers(none)
    assert (
        sentence.startswith("There is no evidence that providers differ")
        and "none; 0.040 is used, the mean of what the data leave possible" in sentence
    )
    sentence = explain_providers.difference_between_providers(
        {
            "heterogeneity_p": 1e-9,
            "tau2_hat": 0.077,
            "tau2_used": 0.077,
            "has_evidence_of_difference": 1,
        }
    )
    assert (
        sentence
        == "Providers differ by more than chance. Estimated variance between providers: 0.077."
    )
    assert "Too few" in explain_providers.difference_between_providers({})


def test_what_chance_flags_is_told_beside_the_flags():
    sentence = explain_providers.flags_by_chance([0.04, 0.05, NAN, None])
    # 0.09 of two providers; 1 - 0.96 * 0.95 = 0.088
    assert "0.1 of these 2 providers" in sentence and "about 9 %" in sentence
    assert explain_providers.flags_by_chance([NAN]) == ""


def test_who_is_alone_is_compared_with_nobody():
    said = explain_providers.outcome(158, 18, 18.0, "none", "none", is_alone=True)
    assert said == f"18 adverse events among 158 encounters. {explain_providers.ALONE}"
    assert "nobody else" in explain_providers.cost(158, 1.0, 1.0, 0.89, is_alone=True)
    assert "one provider" in explain_providers.cost_reliance(1, 1, 1)
    assert "of 1 provider" in explain_providers.cost_reliance(1, 1, 2)


def test_few_are_called_few_only_where_few_are_expected():
    few, many = (
        explain_providers.outcome(158, 18, expected, "none", "none") for expected in (2.9, 18.0)
    )
    assert "so few expected" in few and "so few expected" not in many
    assert explain_providers.HARDLY_ANYBODY in many
    assert explain_providers.HARDLY_ANYBODY not in explain_providers.outcome(
        158, 18, 18.0, "in", "none"
    )


def test_what_is_hardly_found_has_no_number():
    assert "could hardly be found" in explain_providers.power(158, 0.0)
    assert "below 0.01" in explain_providers.power(158, 0.0099)


def test_many_providers_are_not_called_too_few():
    said = explain_providers.difference_between_providers
    assert "Too few providers" in said({"units": 1.0})
    assert "Too few" not in said({"units": 22.0}) and "cannot be told" in said({"units": 22.0})
