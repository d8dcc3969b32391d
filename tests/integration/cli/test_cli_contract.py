"""What other programs read from the command line: the keys of each JSON document, nested ones
included, on the finished sample.
"""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.declared.sources import source_names
from tests.conftest import SAMPLE_DIR
from tests.factories import patient, write_delivery
from tests.warehouse import query

LEDGER = {"entity", "received", "promoted", "quarantined", "superseded", "duplicates", "rejected"}


@pytest.fixture
def home(sample_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_home, tmp_path / "a home – ü"))


@pytest.fixture
def call(home, capsys):
    def answer(*words: object, code: int = 0) -> dict:
        capsys.readouterr()
        code_returned = main.main(["--home", str(home), *map(str, words), "--json"])
        out, err = capsys.readouterr()
        assert code_returned == code, err
        return json.loads(out)

    return answer


def open_rows(home: Path) -> dict[str, int]:
    return {
        entity: query(home, f"select count(*) from quarantine_{entity}")[0][0]
        for entity in source_names()
    }


def test_the_result_of_a_run_that_is_stored_has_every_agreed_key(home, call):
    run = call("build", "feature_store")
    assert run.keys() >= {
        "run_id",
        "status",
        "duration_seconds",
        "loads",
        "layers",
        "ledger",
        "quarantine",
        "rules",
    }
    assert [
        layer.keys() >= {"name", "status", "duration_seconds", "models"} for layer in run["layers"]
    ] == [True]
    assert run["ledger"] and all(line.keys() >= LEDGER for line in run["ledger"])
    assert all(
        rule.keys() >= {"rule_id", "entity", "action", "failing_rows", "status"}
        for rule in run["rules"]
    )
    assert run["quarantine"] == open_rows(home)


def test_an_ingest_tells_of_each_file_how_it_was_read(call, tmp_path):
    keys = {
        "file",
        "entity",
        "load_id",
        "status",
        "received",
        "rejected",
        "encoding",
        "delimiter",
        "header",
        "reason",
    }
    (new,) = call("ingest", write_delivery(tmp_path / "new", patients=[patient(1)]))["loads"]
    assert new.keys() >= keys and new["header"].keys() >= {"matched", "missing", "extra", "renamed"}
    assert (new["status"], new["received"], new["encoding"], new["delimiter"]) == (
        "loaded",
        1,
        "utf-8",
        ",",
    )
    again = call("ingest", SAMPLE_DIR)["loads"]
    assert {load["status"] for load in again} == {"already_loaded", "left_out"} and all(
        load.keys() >= keys for load in again
    )
    (tmp_path / "patients.csv").write_bytes(b"")
    (refused,) = call("ingest", tmp_path / "patients.csv", code=2)["loads"]
    assert (
        refused.keys() >= keys and refused["status"] == "refused" and "empty" in refused["reason"]
    )


def test_a_quarantined_row_tells_its_rules_key_line_and_what_it_holds_back(call):
    rows = call("quarantine", "list")["rows"]
    keys = {
        "entity",
        "row_id",
        "rules",
        "key",
        "source_file",
        "source_row_number",
        "first_seen_at",
        "holds_back",
    }
    assert rows and all(
        row.keys() >= keys and row["rules"] and row["first_seen_at"] for row in rows
    )
    assert [
        row["entity"]
        for row in call("quarantine", "list", "--entity", "providers", "--rule", "PRV-01")["rows"]
    ] == ["providers"]


def test_a_suggestion_can_be_recorded_and_taken_back_by_what_it_says(call):
    suggestions = call("quarantine", "suggestions")["suggestions"]
    assert suggestions and all(
        suggestion.keys() >= {"entity", "row_id", "column", "old", "new", "evidence", "confidence"}
        for suggestion in suggestions
    )
    first = suggestions[0]
    decision = (
        "--entity",
        first["entity"],
        "--row",
        first["row_id"],
        "--reason",
        "as suggested",
        "--by",
        "Ada",
    )
    (corrected,) = call(
        "quarantine", "correct", *decision, "--set", f"{first['column']}={first['new']}"
    )["correction_ids"]
    assert len(call("quarantine", "suggestions")["suggestions"]) == len(suggestions) - 1
    (rejected,) = call("quarantine", "reject", *decision)["correction_ids"]
    refused = call("quarantine", "waive", *decision, code=2)["error"]
    assert refused["what"].startswith("cannot be waived")
    decided = [corrected, rejected]
    assert (
        call("quarantine", "revert", *decided, "--reason", "a trial")["correction_ids"] == decided
    )
    assert len(call("quarantine", "suggestions")["suggestions"]) == len(suggestions)


def test_status_undo_and_trace_answer_with_their_keys(home, call):
    status = call("status")
    assert status["layers"] and status["last_run"]["status"] == "succeeded"
    assert status["quarantine"] == open_rows(home)
    assert all(table.keys() >= {"name", "rows"} for table in status["tables"])
    ((npi, cpt),) = query(home, "select npi, cpt from provider_procedure_scorecard limit 1")
    steps = call("trace", "provider_procedure_scorecard", f"{npi}|{cpt}")["steps"]
    assert steps == call("trace", "provider_procedure_scorecard", f"npi={npi},cpt={cpt}")["steps"]
    assert (
        steps[-1]["source_file"] == "encounters_details.csv" and steps[-1]["source_row_number"] > 1
    )
    assert call("undo", "L00001").items() >= {"load_id": "L00001", "status": "undone"}.items()
    assert call("undo", "L00001", code=2)["error"]["where"] == "L00001"


@pytest.mark.parametrize("profile", ["safe_harbor", "limited_data_set", "internal"])
def test_an_export_is_a_file_with_a_manifest_beside_it(call, tmp_path, profile):
    manifest = call(
        "export", "std_patients", "--profile", profile, "--out", tmp_path / "patients.csv"
    )
    assert (manifest["profile"], manifest["rows"]) == (profile, 1000)
    assert Path(manifest["manifest"]).exists()
    assert len((tmp_path / "patients.csv").read_text(encoding="utf-8").splitlines()) == 1001
