"""What a screen may show of a patient."""

import re

import pandas as pd
import pytest

from pipeline.declared.classes import load_classes
from pipeline.declared.sources import load_contracts
from pipeline.privacy.masking import (
    MASK,
    age_band_of,
    file_words,
    mask_for_screen,
    mask_of,
    masked_value,
    sensitive_columns,
    sheet_words,
)


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
    ("table", "column", "value", "expected"),
    [
        ("std_referrals", "zip5", "00245", "002**"),
        ("raw_referrals", "zip", "002451234", "002**"),
        ("raw_referrals", "zip", "Anna Smith", "hidden"),
        ("int_zip_distance", "miles", "7.25", "hidden"),
        ("raw_rejects", "raw_line", "anything", "hidden"),
        ("row_verdicts_patients", "_current", "1|male|1950-01-02", "hidden"),
        ("all_time_patients", "birth_year", "1950", "1950"),
        ("all_time_patients", "birth_year", "1910", "1936"),
        ("fct_encounter", "age", "97", "90"),
        ("fct_encounter", "age_band", "85+", "85+"),
        ("fct_encounter", "age", "1950-01-02", "hidden"),
        ("std_patients", "a_column_of_tomorrow", "1950-01-02", "hidden"),
        ("a_table_of_tomorrow", "npi", "2052207570", "hidden"),
    ],
)
def test_a_value_keeps_only_what_its_class_allows(table, column, value, expected):
    assert masked_value(value, table, column, "2026-11-23") == expected


def test_codes_of_two_tables_do_not_join_and_those_of_one_do():
    one = masked_value("1000123", "std_patients", "patient_id")
    assert MASK.fullmatch(one)
    assert one == masked_value("1000123", "std_patients", "patient_id")
    assert one != masked_value("1000123", "fct_encounter", "patient_id")
    assert one != masked_value("1000124", "std_patients", "patient_id")


def test_the_name_of_a_file_keeps_only_words_of_a_source():
    assert file_words("patients_Anna_Smith_1950-01-02.csv") == "patients_aaaa_aaaaa_9999-99-99.csv"
    assert file_words("encounters_details.csv") == "encounters_details.csv"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *((name, name) for name in ("Sheet1", "Tabelle1", "Patients", "data.encounters", "Data 2")),
        ("Smith", "aaaaa"),
        ("Patients Smith", "Patients aaaaa"),
        ("Sheet 19500102", "aaaaa 99999999"),
        ("Anna 7", "aaaa 9"),
        ("\u017fheet1", "aaaaa9"),
    ],
)
def test_the_name_of_a_sheet_shows_whole_where_every_word_is_one_of_ours(name, shown):
    assert sheet_words(name) == shown


def test_every_column_that_a_contract_calls_sensitive_is_masked_in_the_tables_of_its_source():
    for entity, contract in load_contracts().items():
        protected = {
            column.name
            for column in contract.columns
            if column.classification in ("direct_identifier", "date", "place")
        }
        for prefix in ("raw_", "row_verdicts_", "quarantine_", "std_"):
            standing = {
                column.delivered if prefix == "raw_" else column.name
                for column in contract.columns
                if column.name in protected
                and (column.delivered or prefix != "raw_")
                and not (prefix == "std_" and re.fullmatch("zip|zip4", column.name))
            }
            assert standing <= sensitive_columns(f"{prefix}{entity}").keys()


def test_a_provider_keeps_the_zip_and_a_patient_does_not():
    assert "zip5" not in sensitive_columns("std_providers")
    assert "zip5" in sensitive_columns("std_referrals")


def test_a_gap_stays_a_gap():
    frame = pd.DataFrame({"patient_id": [None, "", "1000001"]})
    masked = mask_for_screen(frame, "std_patients")["patient_id"].tolist()
    assert masked[1] == "" and masked[0] != masked[0] or masked[0] is None
    assert MASK.fullmatch(masked[2])


def test_an_age_of_one_person_is_an_age_whatever_its_rows_tell():
    ages = {
        (table, name): told
        for table, classes in load_classes().items()
        if "direct_identifier" in classes.values()
        for name, told in classes.items()
        if name in ("age", "age_band", "age_as_of")
    }
    assert ("training_encounter_fact", "age") in ages and set(ages.values()) == {"age"}
    assert mask_of("training_encounter_fact", "age")(97) == 90
