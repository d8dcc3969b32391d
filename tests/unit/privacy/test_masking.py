"""What a screen may show of a patient."""

import pandas as pd
import pytest

from pipeline.declared.sources import load_contracts
from pipeline.privacy.masking import age_band_of, mask_for_screen, masked_value, sensitive_columns


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("1951-11-24", "65–74 years"),
        ("1951-11-23", "75–84 years"),
        ("1920-01-01", "85+ years"),
        ("2030-01-01", "in the future"),
        ("31/12/1950", "unreadable date"),
        ("1950-13-40", "unreadable date"),
    ],
)
def test_a_birth_date_becomes_an_age_band(born, expected):
    assert age_band_of(born, "2026-11-23") == expected


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("patient_id", "1000123", "…123"),
        ("encounter_id", "ABCDEFGHIJ======", "ABCDEF…"),
        ("zip", "002451234", "002**"),
        ("referral_id", "5000123|27130|91001", "…123|27130|91001"),
        ("raw_line", "anything", "hidden"),
    ],
)
def test_a_value_keeps_only_what_the_screen_profile_allows(column, value, expected):
    assert masked_value(value, column) == expected


def test_every_column_that_a_contract_calls_sensitive_is_masked_in_the_tables_of_its_source():
    for entity, contract in load_contracts().items():
        protected = {
            column.name
            for column in contract.columns
            if column.classification in ("phi", "identifier")
        }
        for prefix in ("raw_", "row_verdicts_", "quarantine_", "std_"):
            delivered = {
                column.delivered
                for column in contract.columns
                if column.name in protected and column.delivered
            }
            assert protected | delivered <= sensitive_columns(f"{prefix}{entity}").keys()


def test_a_provider_keeps_the_zip_and_a_patient_does_not():
    assert "zip5" not in sensitive_columns("std_providers")
    assert "zip5" in sensitive_columns("std_referrals")


def test_a_gap_stays_a_gap():
    frame = pd.DataFrame({"patient_id": [None, "", "1000001"]})
    assert mask_for_screen(frame, "std_patients")["patient_id"].tolist()[1:] == ["", "…001"]


def test_ages_above_89_cannot_be_told_apart():
    ages = mask_for_screen(pd.DataFrame({"age": [89, 95, 104]}), "fct_encounter", "2026-11-23")
    assert ages["age"].tolist() == [89, 90, 90]
    years = pd.DataFrame({"birth_year": [1937, 1931, 1922]})
    masked = mask_for_screen(years, "all_time_patients", "2026-11-23")
    assert masked["birth_year"].tolist() == [1937, 1936, 1936]


def test_a_column_that_nobody_declared_is_hidden():
    frame = pd.DataFrame({"npi": ["1"], "birth_year": [1937]})
    masked = mask_for_screen(frame, "provider_scorecard", "2026-11-23")
    assert masked["npi"].tolist() == ["1"] and masked["birth_year"].tolist() == ["hidden"]


def test_a_provider_with_ten_encounters_shows_no_outcome():
    frame = pd.DataFrame(
        {
            "npi": ["2", "2"],
            "encounter_count": [10, 11],
            "adverse_event_rate": [0.1, 0.2],
            "observed_to_expected": [1.0, 1.0],
            "paid_sum_usd": [1.0, 2.0],
        }
    )
    masked = mask_for_screen(frame, "provider_scorecard")
    assert masked["adverse_event_rate"].isna().tolist() == [True, False]
    assert masked["observed_to_expected"].isna().tolist() == [True, False]
    assert masked["paid_sum_usd"].tolist() == [1.0, 2.0]
