"""Trace, recheck, suggestions, status and export on the built sample."""

import json

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.quality.npi import check_digit
from pipeline.services.quarantine import decisions, recheck
from pipeline.services.run import status
from pipeline.services.tables import export, trace
from tests.warehouse import copied, query


@pytest.fixture
def sample(sample_home):
    return load_settings(home=sample_home)


def test_a_scorecard_leads_back_to_the_lines_that_it_counts(sample):
    ((npi, n),) = query(
        sample.home,
        "select npi, encounter_count from provider_scorecard order by encounter_count limit 1",
    )
    steps = trace.trace(sample, "provider_scorecard", npi)
    assert steps[0].detail == "1 row"
    lines = {
        (step.source_file, step.source_row_number)
        for step in steps
        if step.table == "raw_encounters"
    }
    rows = query(
        sample.home,
        "select _source_file, _source_row_number from raw_encounters where npi = ?",
        npi,
    )
    assert len(lines) == n and lines == set(rows)


def test_a_silver_row_is_found_by_value_and_by_column(sample):
    ((npi, line),) = query(sample.home, "select npi, _source_row_number from std_providers limit 1")
    for key in (npi, f"npi={npi}"):
        assert [step.source_row_number for step in trace.trace(sample, "std_providers", key)] == [
            None,
            line,
        ]
    for table, key in (("no_such_table", npi), ("std_providers", "no such key")):
        with pytest.raises(InputRefused):
            trace.trace(sample, table, key)


def test_what_is_suggested_would_pass_and_a_wrong_digit_would_not(sample):
    npi_repairs = [
        suggestion for suggestion in decisions.suggestions(sample) if suggestion.column == "npi"
    ]
    assert npi_repairs
    for suggestion in npi_repairs:
        assert (
            recheck.recheck(sample, suggestion.entity, suggestion.row_id, {"npi": suggestion.new})
            == []
        )
        wrong = suggestion.new[:-1] + str((int(check_digit(suggestion.new[:9])) + 1) % 10)
        assert recheck.recheck(sample, suggestion.entity, suggestion.row_id, {"npi": wrong})


def test_status_counts_what_the_warehouse_holds(sample):
    home_status = status.status(sample)
    assert {layer.status for layer in home_status.layers} == {"built"}
    for table in home_status.tables:
        assert query(sample.home, f'select count(*) from "{table.name}"') == [(table.rows,)]
    assert home_status.quarantine == {
        entity: query(sample.home, f"select count(*) from quarantine_{entity}")[0][0]
        for entity in home_status.quarantine
    }


def test_an_export_has_a_manifest_of_every_column(sample_home, tmp_path):
    sample = copied(sample_home, tmp_path / "home")
    manifest = export.export(sample, "std_patients", tmp_path / "patients.csv")
    document = json.loads((tmp_path / "patients.csv.manifest.json").read_text())
    manifest.pop("manifest")
    assert document == {**manifest, "file": "aaaaaaaa.csv"}  # a person wrote the name
    assert {column["name"]: column["treatment"] for column in manifest["columns"]}[
        "patient_id"
    ] == "random code"
    assert len((tmp_path / "patients.csv").read_text().splitlines()) == manifest["rows"] + 1
    with pytest.raises(InputRefused):
        export.export(sample, "raw_patients", tmp_path / "raw.csv")
