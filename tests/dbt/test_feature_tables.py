"""Features of patients, procedures and employers against pandas over silver; every table against
its own registry.
"""

import json

import numpy as np
import pandas as pd
import pytest

from pipeline.features.registry import read_registry
from tests.dbt.gold_oracle import read_gold


@pytest.fixture(scope="module")
def gold(sample_home):
    """Silver, gold and feature tables as frames, by name."""
    return read_gold(sample_home)


@pytest.mark.parametrize("table", read_registry(), ids=lambda table: table.name)
def test_values_are_of_the_type_and_in_the_range_that_the_registry_says(gold, table):
    rows = gold[table.latest]
    assert len(rows) and not rows.duplicated(list(table.key)).any()
    for feature in table.features:
        values = rows[feature.name]
        if feature.null_meaning.startswith("never null"):
            assert values.notna().all(), feature.name
        kinds = {"integer": (int, np.integer), "real": (float, np.floating), "text": (str,)}[
            feature.dtype
        ]
        present = values.dropna()
        assert all(isinstance(value, kinds) for value in present) or (
            feature.dtype == "integer" and (present % 1 == 0).all()
        ), feature.name
        low, high = (
            json.loads(feature.valid_range)
            if feature.valid_range not in ("", "null")
            else (None, None)
        )
        assert (low is None or (present >= low).all()) and (
            high is None or (present <= high).all()
        ), feature.name


def test_patients_have_the_encounters_events_and_dollars_of_silver(gold):
    mine = gold["feat_patient_latest"].set_index("patient_id")
    encounters = gold["std_encounters"].assign(
        event=lambda rows: rows.encounter_id.isin(gold["std_adverse_events"].encounter_id).astype(
            int
        )
    )
    people = (
        set(gold["std_patients"].patient_id)
        | set(gold["std_referrals"].patient_id)
        | set(encounters.patient_id)
    )
    assert set(mine.index) == people
    grouped = encounters.groupby("patient_id")
    for column, expected in (
        ("encounter_count_to_date", grouped.size()),
        ("adverse_event_count_to_date", grouped.event.sum()),
        ("paid_to_date_usd", grouped.paid_amount_usd.sum()),
    ):
        np.testing.assert_allclose(mine[column], expected.reindex(mine.index).fillna(0), rtol=1e-12)
    sets = grouped.cpt.agg(lambda codes: " ".join(sorted(set(codes))))
    assert mine.cpt_set_to_date.dropna().to_dict() == sets.to_dict()


def test_ages_are_those_on_the_as_of_day_and_a_referral_speaks_where_the_patient_file_is_silent(
    gold,
):
    mine = gold["feat_patient_latest"].set_index("patient_id")
    filed = gold["std_patients"].set_index("patient_id").birth_date
    born = pd.concat([gold["std_referrals"].groupby("patient_id").birth_date.min(), filed])
    born = pd.to_datetime(born[~born.index.duplicated(keep="last")])
    day = pd.Timestamp(mine._as_of_date.iloc[0])
    ages = (
        day.year
        - born.dt.year
        - ((born.dt.month > day.month) | ((born.dt.month == day.month) & (born.dt.day > day.day)))
    )
    assert mine.age_as_of.astype(int).to_dict() == ages.to_dict()


def test_a_referral_is_open_until_an_encounter_shows_its_procedure(gold):
    performed = set(zip(gold["std_encounters"].patient_id, gold["std_encounters"].cpt, strict=True))
    waiting = {
        row.patient_id
        for row in gold["std_referrals"].itertuples()
        if (row.patient_id, row.cpt) not in performed
    }
    mine = gold["feat_patient_latest"]
    assert set(mine[mine.has_open_referral == 1].patient_id) == waiting


def test_procedures_have_the_rates_and_medians_of_silver(gold):
    mine = gold["feat_procedure_latest"].set_index("cpt")
    encounters = gold["std_encounters"]
    events = encounters.encounter_id.isin(gold["std_adverse_events"].encounter_id)
    for cpt, rows in encounters.groupby("cpt"):
        assert (
            mine.encounter_count_to_date[cpt] == len(rows)
            and mine.providers[cpt] == rows.npi.nunique()
        )
        assert mine.adverse_event_rate_to_date[cpt] == pytest.approx(
            events[rows.index].mean(), rel=1e-12
        )
        assert mine.paid_median_usd[cpt] == pytest.approx(rows.paid_amount_usd.median(), rel=1e-12)


def test_networks_have_the_sizes_shares_and_coverage_of_silver(gold):
    mine = gold["feat_employer_latest"].set_index("employer_id")
    networks, encounters, referrals = (
        gold["std_employer_networks"],
        gold["std_encounters"],
        gold["std_referrals"],
    )
    directory = set(gold["std_providers"].npi)
    performs = encounters.groupby("cpt").npi.agg(set)
    assert set(mine.index) == set(networks.employer_id) | set(referrals.employer_id)
    for employer, row in mine.iterrows():
        listed = set(networks[networks.employer_id == employer].npi)
        known_npis = listed & directory
        performing = [
            len(known_npis & performs.get(cpt, set())) for cpt in gold["dim_procedure"].cpt
        ]
        assert row.network_size == len(listed) and row.known_share == pytest.approx(
            len(known_npis) / len(listed)
        )
        assert row.performing_share_mean == pytest.approx(np.mean(performing) / len(listed))
        assert row.performing_share_min == pytest.approx(min(performing) / len(listed))
        demand = referrals[referrals.employer_id == employer]
        assert row.covered_referral_share == pytest.approx(
            np.mean([bool(known_npis & performs.get(cpt, set())) for cpt in demand.cpt])
        )
        spend = (
            encounters[encounters.npi.isin(listed)].paid_amount_usd.sum()
            / encounters.paid_amount_usd.sum()
        )
        assert row.in_network_spend_share == pytest.approx(spend, rel=1e-9)


def test_referrals_have_the_access_of_gold_and_the_risk_of_their_cell(gold):
    mine = gold["feat_referral_latest"].set_index("referral_id")
    access = gold["referral_access"].set_index("referral_id").loc[mine.index]
    silver = gold["std_referrals"].set_index("referral_id").loc[mine.index]
    assert set(mine.index) == set(gold["std_referrals"].referral_id)
    assert mine.candidate_count.tolist() == access.candidate_count.tolist()
    assert mine.zip3.fillna("").tolist() == silver.zip5.fillna("").str[:3].tolist()
    np.testing.assert_allclose(
        mine.expected_paid_mid_usd, access.expected_paid_mid_usd.round(), atol=0.51
    )
    bands = [(0, "0-64"), (65, "65-74"), (75, "75-84"), (85, "85+")]
    rates = gold["case_mix_reference"].set_index(["cpt", "age_band", "sex"]).calibrated_rate
    for row in mine.itertuples():
        band = [name for lower, name in bands if row.age_as_of >= lower][-1]
        cell = rates.get((row.cpt, band, row.sex))
        assert cell is None or row.baseline_adverse_event_rate == pytest.approx(cell, abs=0.0051)


def test_the_spread_of_candidates_is_that_of_their_scores(gold):
    candidates = (
        gold["network_candidate"]
        .query("is_measured == 1")
        .groupby(["employer_id", "cpt", "zip5"])
        .score
    )
    spread = (candidates.max() - candidates.min()).to_dict()
    zips = gold["std_referrals"].set_index("referral_id").zip5.fillna("unknown")
    for row in gold["feat_referral_latest"].itertuples():
        expected = spread.get((row.employer_id, row.cpt, zips[row.referral_id]), np.nan)
        assert row.candidate_dispersion == pytest.approx(expected, abs=0.051, nan_ok=True)
