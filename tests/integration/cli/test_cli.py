"""The command line: one JSON document on stdout, errors in one line on stderr, the agreed exit
codes.
"""

import contextlib
import io
import json

import pytest

from pipeline.cli import main
from pipeline.cli.result_text import loads_table
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.results import SelectionResult
from pipeline.services.quarantine import corrections
from pipeline.services.run import runs
from tests.integration.cli.answers import DECIDED, RESULT


def test_a_run_answers_with_the_agreed_keys(call, monkeypatch):
    def noisy(settings, **arguments):
        print("a library prints")
        return RESULT

    monkeypatch.setattr(runs, "run_now", noisy)
    code, document, err = call("build", "landing_zone", "--as-of", "2026-01-01")
    assert code == 0 and "a library prints" in err
    assert document.keys() >= {
        "run_id",
        "status",
        "duration_seconds",
        "loads",
        "layers",
        "ledger",
        "quarantine",
        "rules",
    }
    assert document["layers"][0] == {
        "name": "landing_zone",
        "status": "success",
        "duration_seconds": 0.5,
        "models": 3,
        "built_by": "dbt",
    }


def test_a_run_on_an_empty_home_takes_the_sample(call, monkeypatch):
    arguments = {}
    monkeypatch.setattr(
        runs, "run_now", lambda settings, **words: arguments.update(words) or RESULT
    )
    call("run")
    assert [path.name for path in arguments["paths"]] == ["sample"]


def test_chosen_models_are_told_with_the_reason_for_what_came_along(call, monkeypatch):
    from dataclasses import replace

    arguments = {}
    selection = SelectionResult(
        ("fct_encounter+",),
        ("fct_encounter", "provider_scorecard", "std_encounters"),
        ("std_encounters",),
        ("provider_scorecard",),
    )
    monkeypatch.setattr(
        runs,
        "run_now",
        lambda settings, **words: arguments.update(words) or replace(RESULT, selection=selection),
    )
    code, out, _ = call(
        "build", "--select", "fct_encounter+", "--select", "model_parameter", json_document=False
    )
    assert code == 0 and arguments["selection"] == ("fct_encounter+", "model_parameter")
    assert (
        "Built 3 models for fct_encounter+" in out
        and "because it was behind: std_encounters" in out
    )
    assert call("build", "--select", "fct_encounter")[1]["selection"]["made_from_it"] == [
        "provider_scorecard"
    ]


def test_a_load_at_the_gate_makes_exit_code_3(call, monkeypatch):
    from dataclasses import replace

    monkeypatch.setattr(
        runs,
        "run_now",
        lambda settings, **arguments: replace(RESULT, status="held", held_loads=("L00003",)),
    )
    assert call("build")[0] == 3


@pytest.mark.parametrize(
    ("confidence", "doubts"),
    [(0.8, ["p.csv: encoding 'cp852' is sure (80 %), next best 'cp775'"]), (0.97, [])],
)
def test_what_is_not_certain_of_a_reading_is_told_beneath_the_loads(confidence, doubts):
    steps = (
        {"what": "format", "value": "CSV", "why": "", "confidence": None, "runner_up": None},
        {"what": "encoding", "value": "cp852", "why": "", "confidence": confidence}
        | {"runner_up": "cp775"},
    )
    result = LoadResult("p.csv", "providers", "L00001", "loaded", 3, readings=steps)
    assert list(loads_table([result])[1:]) == doubts


def test_a_correction_takes_several_rows_and_columns(call, monkeypatch):
    arguments = {}
    monkeypatch.setattr(
        corrections, "correct", lambda *words: arguments.update(words=words) or ["D000001"]
    )
    code, document, _ = call(
        "quarantine",
        "correct",
        *DECIDED,
        "--row",
        "L00001-3",
        "--set",
        "a=1",
        "--set",
        "b=x=y",
        "--by",
        "Ada",
    )
    assert code == 0 and document == {"correction_ids": ["D000001"]}
    assert arguments["words"][1:] == (
        "patients",
        ["L00001-2", "L00001-3"],
        {"a": "1", "b": "x=y"},
        "why",
        "Ada",
    )


def test_an_empty_home_has_a_whole_status(call):
    code, document, _ = call("status")
    assert code == 0 and document.keys() >= {"layers", "tables", "quarantine", "last_run"}
    assert [layer["status"] for layer in document["layers"]] == ["never built"] * 4
    assert "icon-health run" in call("status", json_document=False)[1]


def test_an_empty_home_has_nothing_to_review(call):
    assert call("quarantine", "list")[:2] == (0, {"rows": []})
    assert call("quarantine", "suggestions")[:2] == (
        0,
        {"suggestions": [], "date_orders": []},
    )
    assert call("quarantine", "audit")[:2] == (0, {"decisions": []})


def test_a_file_that_asks_makes_code_2_and_an_option_answers_it(tmp_path):
    names = tmp_path / "providers.csv"
    names.write_bytes('provider_name,npi,zip\n"MÃ¼ller, Bo",2000000002,063450001\n'.encode())
    rows = tmp_path / "patients.csv"
    rows.write_text("patient_id,gender,birth_date\n7,female,1950-01-02\n")
    home = ["--home", str(tmp_path / "home")]

    def ingest(*words):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = main.main([*home, "ingest", "--json", *words])
        return code, json.loads(out.getvalue())

    code, document = ingest(str(names), str(rows))
    assert code == 2
    assert [load["status"] for load in document["loads"]] == ["refused", "loaded"]
    asks = document["loads"][0]["asks"]
    assert asks["field"] == "encoding"
    assert [each["value"] for each in asks["choices"]] == ["utf-8-twice", "utf-8"]
    code, document = ingest(str(names), "--encoding", "utf-8-twice")
    assert (code, document["loads"][0]["status"]) == (0, "loaded")
    (load,) = document["loads"]
    told = {step["what"]: step for step in load["readings"]}
    assert (
        told["encoding"]["value"] == "utf-8-twice" and told["encoding"]["why"] == "chosen by hand"
    )
    assert told["delimiter"]["confidence"] > 0.9 and told["header_line"]["value"] == "1"
    assert load["lines"] == {"delivered": 2, "header": 1, "rows": 1}
    names.write_bytes(names.read_bytes().replace(b"2000000002", b"2000000010"))
    code, document = ingest(str(names))
    assert (code, document["loads"][0]["status"]) == (0, "loaded"), "as for the earlier file"
    details = [finding["detail"] for finding in document["loads"][0]["findings"]]
    assert any(each.startswith("encoding 'utf-8-twice' as for L") for each in details)
    bare = tmp_path / "patients_bare.csv"
    bare.write_text("".join(f"{at},female,1950-01-02\n" for at in range(9)))
    code, document = ingest(str(bare))
    assert code == 2 and "choose with --no-header or " in document["loads"][0]["reason"]
    assert "lacks the required columns" in ingest(str(bare), "--no-header")[1]["loads"][0]["reason"]
    assert ingest(str(bare), "--no-header", "--header-line", "2")[0] == 2
    code, document = ingest(str(bare), "--columns", "patient_id,gender,birth_date")
    assert (code, document["loads"][0]["received"]) == (0, 9)
    assert ingest(str(bare), "--header-line", "first")[0] == 2
    levels = tmp_path / "patients_levels.csv"
    levels.write_text("patient,,birth\nid,gender,date\n8,female,1950-01-02\n")
    code, document = ingest(str(levels), "--header-rows", "2")
    assert (code, document["loads"][0]["received"]) == (0, 1)
    lined_up = tmp_path / "patients_lined_up.txt"
    lined_up.write_text("patient_id  gender  birth_date\n7           female  1950-01-02\n")
    code, document = ingest(str(lined_up))
    assert code == 2 and document["loads"][0]["asks"]["field"] == "positions"
    assert ingest(str(lined_up), "--positions", "1-12,5-")[0] == 2
    assert ingest(str(lined_up), "--positions", "1-", "--delimiter", ";")[0] == 2
    code, document = ingest(str(lined_up), "--positions", "1-12, 13-20, 21-")
    assert (code, document["loads"][0]["received"]) == (0, 1)
