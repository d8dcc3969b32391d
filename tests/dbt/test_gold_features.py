"""The feature store says what gold says, once a change, and never before the input was known."""

import math
import shutil

import numpy as np
import pytest

from pipeline.config import load_settings
from tests.dbt.gold_oracle import read_gold


@pytest.fixture(scope="module")
def gold(sample_home):
    """Gold and feature tables as frames, by name."""
    return read_gold(sample_home)


def test_provider_features_are_the_numbers_of_the_scorecard(gold):
    latest = gold["feat_provider_latest"].set_index("npi")
    card = gold["provider_scorecard"].set_index("npi")
    mine = latest.loc[card.index]
    for feature, column in (
        ("encounter_count_to_date", "encounter_count"),
        ("adverse_event_count_to_date", "adverse_event_count"),
        ("shrunken_ratio_to_date", "shrunken_ratio"),
        ("reliability", "reliability"),
    ):
        np.testing.assert_allclose(mine[feature], card[column], rtol=1e-12)
    np.testing.assert_allclose(mine.ln_volume, np.log1p(card.encounter_count), rtol=1e-9)


def test_procedure_entropy_and_age_share_are_those_of_the_encounters(gold):
    latest = gold["feat_provider_latest"].set_index("npi")
    for npi, rows in gold["fct_encounter"].groupby("npi"):
        shares = rows.cpt.value_counts(normalize=True)
        assert latest.procedure_entropy[npi] == pytest.approx(
            -(shares * np.log(shares)).sum(), abs=1e-9
        )
        assert latest.age_75_plus_share[npi] == pytest.approx((rows.age >= 75).mean())


def test_a_provider_without_encounters_is_a_cold_start_at_the_mean(gold):
    latest = gold["feat_provider_latest"].set_index("npi")
    listed = (
        set(gold["std_providers"].npi)
        | set(gold["std_employer_networks"].npi)
        | set(gold["fct_encounter"].npi)
    )
    assert set(latest.index) == listed
    cold = latest[latest.encounter_count_to_date == 0]
    assert (
        (cold.shrunken_ratio_to_date == 1).all()
        and (cold.reliability == 0).all()
        and cold.adverse_event_rate_to_date.isna().all()
    )


def test_no_feature_is_dated_before_the_newest_input(gold):
    newest = max(
        gold[name]._loaded_at.max()
        for name in ("std_encounters", "std_patients", "std_adverse_events", "std_providers")
    )
    assert (gold["feat_provider"].event_timestamp >= newest).all()


def test_procedure_shares_of_a_provider_add_up_to_one(gold):
    shares = gold["feat_provider_procedure_latest"].groupby("npi").share_of_provider.sum()
    assert all(math.isclose(share, 1) for share in shares)


def test_the_hash_of_a_first_version_names_it_and_tells_nothing_of_its_row(gold):
    tables = [name for name, rows in gold.items() if "row_hash" in rows]
    assert len(tables) > 5
    for name in tables:
        rows = gold[name]
        named = rows.feature_version.astype(str) + "." + rows.row_version.astype(str)
        assert rows.row_hash.tolist() == named.tolist(), name


def test_building_the_features_again_adds_no_version(sample_home, tmp_path, gold):
    from pipeline.services.run import runs

    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    assert runs.run_now(load_settings(home=home), verb="build").status == "succeeded"
    again = read_gold(home)
    for name in (each for each in gold if "row_hash" in gold[each]):
        assert again[name].row_version.tolist() == gold[name].row_version.tolist(), name
    assert again["feat_provider"].row_hash.tolist() == gold["feat_provider"].row_hash.tolist()
    assert len(again["feat_provider_procedure_latest"]) == len(
        gold["feat_provider_procedure_latest"]
    )
