"""Whom to offer: the page's score gives what the tables hold, for anybody else it follows the
formula, and nothing tells who.
"""

import math

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.referrals import choice_score, explain_choices, referrals
from pipeline.services.referrals.choice_score import Weights
from pipeline.services.referrals.referrals import Patient, ReferralQuery
from tests.warehouse import query

STANDARD = referrals.standard_weights()
EVERY = ReferralQuery()


@pytest.fixture(scope="module")
def settings(sample_home):
    return load_settings(home=sample_home)


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
        "outcome_se": spread,
        "cost_score": 0.0,
        "cost_se": 0.0,
        "volume_score": 0.0,
    }


def order(weights: Weights, *rows: dict) -> list[str]:
    return choice_score.ranked(pd.DataFrame(rows), weights)["npi"].tolist()


def test_every_referral_gets_the_providers_scores_and_groups_of_the_table(settings):
    ids = [
        referral_id
        for (referral_id,) in query(
            settings.home, "select referral_id from referral_access order by referral_id"
        )
    ]
    candidates = pd.DataFrame(
        query(
            settings.home,
            "select referral_id, rank, npi, score, score_lo, score_hi, tie_group, miles from "
            "referral_recommendation order by referral_id, rank",
        ),
        columns=[
            "referral_id",
            "rank",
            "npi",
            "score",
            "score_lo",
            "score_hi",
            "tie_group",
            "miles",
        ],
    )
    assert len(ids) > 100
    for position, referral_id in enumerate(ids):
        mine = referrals.choose_for_referral(settings, EVERY, position, STANDARD).candidates.head(5)
        theirs = candidates[candidates["referral_id"] == referral_id].reset_index(drop=True)
        assert (
            mine["npi"].tolist() == theirs["npi"].tolist()
            and mine["tie_group"].tolist() == theirs["tie_group"].tolist()
        )
        told_here = ~(mine["is_hidden"] & (mine["is_measured"] == 1))
        assert (
            mine.loc[~told_here, ["score", "score_lo", "outcome_score", "eb_oe"]]
            .isna()
            .all(axis=None)
        )
        for column in ("score", "score_lo", "score_hi"):
            assert mine.loc[told_here, column].tolist() == pytest.approx(
                theirs.loc[told_here, column].tolist(), abs=1e-9
            )
        assert mine["miles"].tolist() == pytest.approx(
            theirs["miles"].tolist(), abs=1e-9, nan_ok=True
        )


def test_access_in_words_agrees_with_the_table(settings):
    rows = query(
        settings.home,
        "select n_candidates, n_within_25mi, nearest_miles from referral_access order by referral_id limit 40",
    )
    for position, (count, near, nearest) in enumerate(rows):
        access = referrals.choose_for_referral(settings, EVERY, position, STANDARD).access
        assert access.startswith(f"{count} provider")
        assert (f"{near} within 25 miles" if near else "none within 25 miles") in access
        assert ("less than a mile" if nearest < 1 else f"{round(nearest)} mile") in access


def test_similar_patients_are_those_of_the_table(settings):
    rows = query(
        settings.home,
        """
        select access.position, npi, similar_patients_band from referral_recommendation join
        (select referral_id, row_number() over (order by referral_id) - 1 as position from referral_access) as access using (referral_id)
        where access.position < 40""",
    )
    for position, npi, band in rows:
        candidates = (
            referrals.choose_for_referral(settings, EVERY, position, STANDARD)
            .candidates.set_index("npi")
            .loc[npi, "reasons"]
        )
        sentence = (
            "no patient of this sex"
            if band == "none"
            else f"{band.replace('-', '–')} patients of this sex"
        )
        assert any(reason.startswith(sentence) for reason in candidates), (position, npi)


def test_anybody_is_answered_from_any_place(settings):
    ((employer, cpt, npi, zip5),) = query(
        settings.home,
        "select employer_id, cpt, npi, zip5 from network_option where is_measured limit 1",
    )
    there = referrals.choose(settings, Patient(employer, cpt, "female", 70, zip5), STANDARD)
    assert there.candidates.set_index("npi").loc[npi, "miles"] == pytest.approx(0)
    lost = referrals.choose(settings, Patient(employer, cpt, "female", 70, "99999"), STANDARD)
    assert (
        lost.candidates["miles"].isna().all()
        and "nobody can tell" in lost.access
        and lost.home.empty
    )
    unknown = referrals.choose(settings, Patient(employer, cpt, "unknown", None, None), STANDARD)
    assert unknown.candidates["npi"].tolist() == lost.candidates["npi"].tolist()


def test_a_network_without_the_procedure_says_so(settings):
    none = referrals.choose(
        settings, Patient("no such employer", "27130", "male", 50, "00200"), STANDARD
    )
    assert none.total == 0 and none.access.startswith("Nobody in the network")


def test_the_list_shows_no_whole_value_of_a_patient(settings):
    page = referrals.page(settings, EVERY, 25, 0)
    assert (
        len(page.rows) == 25
        and page.total == query(settings.home, "select count(*) from std_referrals")[0][0]
    )
    assert (
        page.rows["patient"].str.fullmatch("….{3}").all()
        and page.rows["zip"].str.fullmatch(r"\d{3}\*\*").all()
    )
    assert page.rows["age"].str.endswith("years").all()
    patients = {
        cell
        for row in query(
            settings.home, "select patient_id, birth_date, zip5, referral_id from std_referrals"
        )
        for cell in row
    }
    assert not patients & {str(value) for column in page.rows for value in page.rows[column]}


def test_filters_narrow_the_list_and_the_position_is_within_it(settings):
    scope = ReferralQuery("91002", "27130")
    page = referrals.page(settings, scope, 100, 0)
    assert set(page.rows["employer_id"]) == {"91002"} and page.total == len(page.rows)
    access = referrals.choose_for_referral(settings, scope, page.total - 1, STANDARD).access
    assert "91002" in access
    with pytest.raises(InputRefused, match="not in the list"):
        referrals.choose_for_referral(settings, scope, page.total, STANDARD)


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
    def said(low, high, is_hidden=False):
        row = next(
            pd.DataFrame(
                [
                    {
                        "is_measured": 1,
                        "is_hidden": is_hidden,
                        "volume": 20,
                        "miles": 0.4,
                        "eb_oe": 0.8,
                        "eb_lo": low,
                        "eb_hi": high,
                        "cost_index_shrunk": 1.2,
                        "cost_lo": 1.1,
                        "cost_hi": 1.3,
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
    assert "0.80" not in " ".join(said(0.7, 1.0, is_hidden=True)) and "not shown" in " ".join(
        said(0.7, 1.0, is_hidden=True)
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


def test_a_group_says_whether_chance_parts_it_from_the_next():
    assert "these 5 apart" in explain_choices.group(
        5, True, False
    ) and "more than chance" in explain_choices.group(1, True, False)
    assert "only one" in explain_choices.group(
        1, True, True
    ) and "come last" in explain_choices.group(3, False, True)


def test_a_cost_that_nobody_can_tell_is_not_told():
    assert "cannot be told" in explain_choices.expected_cost(None, None, None)
    assert "between $700 and $2,500" in explain_choices.expected_cost(700.0, 1200.0, 2500.0)
