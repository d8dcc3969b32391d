"""What leaves under a profile carries no direct identifier, and no column that nobody thought
of.
"""

import pandas as pd
import pytest

from pipeline.errors import InputRefused
from pipeline.privacy.export_profiles import Profile
from pipeline.privacy.zip3_areas import CENSUS_2000, CENSUS_2010, RESTRICTED_ZIP3, is_restricted

REFERRALS = pd.DataFrame(
    {
        "referral_id": ["7|27130|54011", "8|27130|54011", "7|29806|54011"],
        "patient_id": ["7", "8", "7"],
        "gender": ["male", "female", "male"],
        "birth_date": ["1950-06-01", "1930-01-01", "1936-12-31"],
        "zip5": ["33410", "05901", None],
        "employer_id": ["54011"] * 3,
        "_row_id": ["L1-2", "L1-3", "L1-4"],
    }
)


def leaving(
    profile: str, frame: pd.DataFrame = REFERRALS, table: str = "std_referrals"
) -> pd.DataFrame:
    return Profile(profile, table, "2026-11-23").apply(frame)


def test_safe_harbor_tells_years_bands_and_three_digits():
    exported = leaving("safe_harbor")
    assert exported["birth_date"].tolist() == ["1950", "90+", "90+"]
    assert exported["zip5"].iloc[:2].tolist() == ["334", "000"] and pd.isna(
        exported["zip5"].iloc[2]
    )
    assert "_row_id" not in exported


def test_a_limited_data_set_keeps_dates_and_five_digits():
    exported = leaving("limited_data_set")
    assert exported["birth_date"].tolist() == REFERRALS["birth_date"].tolist()
    assert exported["zip5"].iloc[0] == "33410"


@pytest.mark.parametrize("profile", ["safe_harbor", "limited_data_set"])
def test_codes_are_the_same_within_an_export_and_new_in_the_next(profile):
    exporting = Profile(profile, "std_referrals", "2026-11-23")
    first, second = exporting.apply(REFERRALS), exporting.apply(REFERRALS)
    assert first["patient_id"].tolist() == second["patient_id"].tolist()
    assert first["patient_id"].iloc[0] == first["patient_id"].iloc[2] != first["patient_id"].iloc[1]
    other = leaving(profile)
    assert not set(first["patient_id"]) & (set(other["patient_id"]) | set(REFERRALS["patient_id"]))


def test_internal_changes_nothing():
    pd.testing.assert_frame_equal(leaving("internal"), REFERRALS)


def test_ages_above_89_are_one_band_and_what_tells_the_age_is_left_out():
    frame = pd.DataFrame(
        {
            "age": [89, 90, 101],
            "expected_adverse_event_count": [0.1, 0.2, 0.3],
            "cpt": ["27130"] * 3,
        }
    )
    exported = leaving("safe_harbor", frame, "fct_encounter")
    assert exported["age"].tolist() == [89, "90+", "90+"] and list(exported) == ["age", "cpt"]


def test_small_cells_of_providers_are_blank():
    frame = pd.DataFrame(
        {"npi": ["a", "b"], "encounter_count": [10, 11], "adverse_event_rate": [0.1, 0.2]}
    )
    exported = leaving("safe_harbor", frame, "provider_scorecard")
    assert exported["adverse_event_rate"].isna().tolist() == [True, False]


def test_the_list_of_small_zip3_areas_is_what_was_published_of_either_census():
    assert (len(CENSUS_2000), len(CENSUS_2010)) == (17, 14)
    assert RESTRICTED_ZIP3 == CENSUS_2000 | CENSUS_2010 and not {"334", "349"} & RESTRICTED_ZIP3


def test_an_unknown_profile_is_refused():
    with pytest.raises(InputRefused, match="safe_harbor"):
        Profile("open", "std_referrals", None)


def test_an_area_that_nobody_knows_the_people_of_is_restricted():
    told = {f"{number:03d}" for number in range(1000) if not is_restricted(f"{number:03d}")}
    assert not told & RESTRICTED_ZIP3 and 800 < len(told) < 920
    assert {"100", "606", "945"} <= told
    # no ZIP code of a home begins so
    assert not told & {"000", "001", "099", "213", "343", "899", "966"}
