"""A row is called by what a steward can find in the delivery, and never by a patient's
identifier.
"""

import pandas as pd

from pipeline.config import load_settings
from pipeline.services.quarantine.row_names import names_of_decided_rows, row_names
from tests.warehouse import query


def test_a_network_entry_is_called_by_employer_number_file_and_line(sample_home):
    rows = query(
        sample_home,
        "select _row_id, employer_id, npi, _source_file, _source_row_number from row_verdicts_employer_networks limit 5",
    )
    expected = {
        row_id: f"{employer}, {npi} ({file}, line {line})"
        for row_id, employer, npi, file, line in rows
    }
    assert (
        row_names(load_settings(home=sample_home), "employer_networks", list(expected)) == expected
    )


def test_a_row_with_a_patients_key_is_called_by_file_and_line_alone(sample_home):
    settings = load_settings(home=sample_home)
    for entity, keys in (
        ("patients", "patient_id"),
        ("encounters", "encounter_id"),
        ("referrals", "patient_id"),
    ):
        ((row_id, key, file, line),) = query(
            sample_home,
            f"select _row_id, {keys}, _source_file, _source_row_number from row_verdicts_{entity} "
            "order by _source_row_number limit 1",
        )
        name = row_names(settings, entity, [row_id])[row_id]
        assert f"{file}, line {line}" in name and key not in name


def test_a_row_that_no_build_judged_keeps_its_id(sample_home, settings):
    assert row_names(load_settings(home=sample_home), "patients", ["gone"]) == {"gone": "gone"}
    assert row_names(settings, "patients", ["gone"]) == {"gone": "gone"}


def test_decisions_on_several_sources_are_named_in_their_order(sample_home):
    ((patient, at),) = query(
        sample_home, "select _row_id, _source_row_number from row_verdicts_patients limit 1"
    )
    decisions = pd.DataFrame(
        {"entity": ["patients", "providers", "patients"], "row_id": [patient, "gone", "gone"]}
    )
    assert names_of_decided_rows(load_settings(home=sample_home), decisions) == [
        f"patients.csv, line {at}",
        "gone",
        "gone",
    ]
    assert names_of_decided_rows(load_settings(home=sample_home), decisions.head(0)) == []
