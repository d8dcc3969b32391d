"""The tables by which a provider is chosen, against plain Python; what they must never say; what
they must always hold.

Scores agree to 1e-5 and miles to 1e-3 (the law of cosines is less exact nearby), dollars to a tenth
of a cent a referral, intervals of scores to 1e-4 (a series stands for the trigamma) and those of
savings to 1e-4 of their length.
"""

import numpy as np
import pytest

from tests.dbt.choice_oracle import DEMAND, Z_95, near_bands, ranking
from tests.dbt.insight_oracle import miles

KEPT = 10


def test_options_are_the_known_listed_providers_that_perform_the_procedure(tables, offered):
    table = tables["network_option"]
    expected = {
        (employer, cpt, option.npi)
        for (employer, cpt), options_of_cell in offered.items()
        for option in options_of_cell
    }
    assert set(zip(table.employer_id, table.cpt, table.npi, strict=True)) == expected
    assert set(table.npi) <= set(tables["std_providers"].npi)
    assert set(table.npi) <= set(tables["std_employer_networks"].npi)


def test_every_pair_of_places_is_measured_once_and_an_unknown_place_has_no_miles(tables, places):
    table = tables["int_zip_distance"]
    assert not table.duplicated(["from_zip5", "to_zip5"]).any()
    for row in table.itertuples():
        expected = miles(places.get(row.from_zip5), places.get(row.to_zip5))
        assert (expected is None) == (row.miles != row.miles)
        if expected is not None:
            assert row.miles == pytest.approx(expected, abs=1e-3)
    assert table.miles.isna().any(), "the sample has a provider without a ZIP"


def test_candidates_are_the_best_of_the_whole_network_in_the_order_of_the_score(
    tables, offered, places
):
    demands = tables["network_candidate"].groupby(DEMAND)
    referrals = tables["std_referrals"].groupby(DEMAND).size()
    assert set(demands.groups) == {demand for demand in referrals.index if demand[:2] in offered}
    for (employer, cpt, zip5), rows in demands:
        expected = ranking(offered[employer, cpt], zip5, places)[:KEPT]
        rows = rows.sort_values("rank")
        assert list(rows.npi) == [option.option.npi for option in expected]
        assert list(rows["rank"]) == list(range(1, len(expected) + 1))
        assert set(rows.referrals) == {referrals[employer, cpt, zip5]}
        for row, option in zip(rows.itertuples(), expected, strict=True):
            assert row.score == pytest.approx(option.score, abs=1e-5)
            assert row.score_high - row.score_low == pytest.approx(
                2 * Z_95 * option.option.sd, abs=1e-4
            )
            assert (
                (row.miles != row.miles)
                if option.miles is None
                else row.miles == pytest.approx(option.miles, abs=1e-3)
            )


def test_the_score_can_be_weighted_again_from_its_parts(tables):
    table = tables["network_candidate"]
    again = (
        0.4 * table.outcome_score
        + 0.3 * table.cost_score
        + 0.2 * table.distance_score
        + 0.1 * table.volume_score
    )
    assert again.to_numpy() == pytest.approx(table.score.to_numpy(), abs=1e-9)


def test_a_referral_is_recommended_the_first_five_and_quality_is_outcome_and_cost_alone(
    tables, offered, places
):
    recommendations = tables["referral_recommendation"].set_index(["referral_id", "rank"])
    chance = np.random.default_rng(1)
    count = 0
    for referral in tables["std_referrals"].itertuples():
        expected = ranking(
            offered.get((referral.employer_id, referral.cpt), []), referral.zip5, places
        )[:5]
        measured = [option.option for option in expected if option.option.shown]
        centres = np.array([option.quality for option in measured])
        errors = np.array([option.sd for option in measured])
        ranks = (centres + errors * chance.normal(size=(4_000, len(measured)))).argsort(1)
        ranks = ranks.argsort(1)
        for rank, option in enumerate(expected, start=1):
            row = recommendations.loc[referral.referral_id, rank]
            assert row.npi == option.option.npi
            if not option.option.shown:
                assert row.is_distinguishable == 0 and row.best_probability != row.best_probability
            else:
                place = measured.index(option.option)
                low = centres[place] - Z_95 * errors[place]
                beyond = low > (centres + Z_95 * errors).min()
                assert row.quality_score == pytest.approx(centres[place], abs=1e-5)
                assert row.is_distinguishable == beyond
                assert row.best_probability == pytest.approx(
                    (ranks[:, place] == 0).mean(), abs=0.05
                )
                assert row.best_three_probability == pytest.approx(
                    (ranks[:, place] < 3).mean(), abs=0.05
                )
                assert 1 <= row.rank_low <= row.rank_high <= len(measured)
            count += 1
    assert len(recommendations) == count


def test_similar_patients_are_of_the_same_sex_and_of_the_age_band_or_one_beside_it(tables):
    fact = tables["fct_encounter"].drop_duplicates(["npi", "cpt", "patient_id"])
    referrals = tables["std_referrals"].set_index("referral_id")
    as_of = tables["fct_encounter"]._as_of_date.iloc[0]
    for row in tables["referral_recommendation"].iloc[::7].itertuples():
        referral = referrals.loc[row.referral_id]
        age = int(as_of[:4]) - int(referral.birth_date[:4]) - (as_of[5:] < referral.birth_date[5:])
        band = "0-64" if age < 65 else "65-74" if age < 75 else "75-84" if age < 85 else "85+"
        count = (
            (fact.npi == row.npi)
            & (fact.cpt == row.cpt)
            & (fact.sex == referral.gender)
            & fact.age_band.isin(near_bands(band))
        ).sum()
        expected = (
            "none"
            if count == 0
            else "1-10"
            if count < 11
            else "11-24"
            if count < 25
            else "25-49"
            if count < 50
            else "50+"
        )
        assert row.similar_patients_band == expected


def test_every_referral_has_one_row_of_access_that_counts_its_options(tables, offered, places):
    table = tables["referral_access"].set_index("referral_id")
    assert sorted(table.index) == sorted(tables["std_referrals"].referral_id)
    for referral in tables["std_referrals"].itertuples():
        row = table.loc[referral.referral_id]
        ranked = ranking(
            offered.get((referral.employer_id, referral.cpt), []), referral.zip5, places
        )
        known_miles = [option.miles for option in ranked if option.miles is not None]
        near = sum(distance <= 25 for distance in known_miles)
        assert row.candidate_count == len(ranked)
        assert (
            row.nearest_miles == pytest.approx(min(known_miles), abs=1e-3)
            if known_miles
            else row.nearest_miles != row.nearest_miles
        )
        assert (
            row.candidate_within_25_miles_count == near
            if known_miles
            else row.candidate_within_25_miles_count != row.candidate_within_25_miles_count
        )
        assert row.has_access_gap == (not ranked or (bool(known_miles) and near == 0))


def test_recommended_providers_are_listed_known_and_perform_the_procedure(tables):
    listed = set(
        zip(
            tables["std_employer_networks"].employer_id,
            tables["std_employer_networks"].npi,
            strict=True,
        )
    )
    performed = set(zip(tables["std_encounters"].npi, tables["std_encounters"].cpt, strict=True))
    listed_npis = set(tables["std_providers"].npi)
    advice = tables["referral_recommendation"]
    assert len(advice)
    assert all(
        (row.employer_id, row.npi) in listed
        and row.npi in listed_npis
        and (row.npi, row.cpt) in performed
        for row in advice.itertuples()
    )


def test_an_unknown_zip_is_said_in_words(tables):
    advice = tables["referral_recommendation"]
    assert (advice.miles.isna() == advice.reasons_text.str.contains("distance unknown")).all()
