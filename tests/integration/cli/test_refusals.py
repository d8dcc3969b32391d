"""What the command line refuses, in one line with its exit code and what to do."""

import sqlite3

import pytest

from pipeline.errors import HeldByGate, InputRefused, PipelineBusy, RunCancelled, RunFailed
from pipeline.ingest.results import LoadResult
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.integration.cli.answers import DECIDED, RESULT


@pytest.mark.parametrize(
    "words",
    [
        ("--select", "no_such_model"),
        ("landing_zone", "--select", "fct_encounter"),
        ("--failed",),
        ("--failed", "--select", "fct_encounter"),
        ("--failed", "landing_zone"),
    ],
)
def test_a_selection_that_cannot_be_meant_is_refused(call, words):
    code, document, _ = call("build", *words)
    assert code == 2 and document["error"]["kind"] == "InputRefused"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RunFailed("a model failed", "landing_zone"), 1),
        (PipelineBusy("run R000001 is running"), 75),
        (InputRefused("unknown layer", "bronze", "layers: landing_zone"), 2),
        (HeldByGate("waits"), 3),
        (RunCancelled("cancelled"), 130),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 1),
        (IsADirectoryError(21, "Is a directory", "out.csv"), 2),
        (sqlite3.OperationalError("database or disk is full"), 1),
        (ValueError("1950-01-02 is no number"), 1),
    ],
)
def test_every_error_is_one_line_and_has_its_exit_code(call, monkeypatch, error, code):
    def fail(settings, **arguments):
        raise error

    monkeypatch.setattr(runs, "run_now", fail)
    exit_code, document, err = call("build")
    assert (exit_code, document["error"]["exit_code"]) == (code, code)
    assert [line.startswith("error: ") for line in err.splitlines()] == [True]
    assert "1950-01-02" not in err + str(document), "a stranger's words can quote a value"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("no_verb",),
        ("build", "bronze"),
        ("ingest",),
        ("quarantine", "correct", *DECIDED),
        ("quarantine", "reject", "--entity", "patients"),
        ("quarantine", "correct", *DECIDED, "--set", "no equals sign"),
        ("quarantine", "list", "--entity", "no_source"),
        ("undo", "L00001"),
        ("trace", "std_patients", "1"),
        ("run", "/no/such/file"),
        ("build", "--as-of", "yesterday"),
        ("quarantine", "list", "--rule", "NOPE-01"),
        ("quarantine", "revert", "D000001", "--reason", "why"),
        ("export", "std_patients", "--out", "out.csv"),
        ("features", "get", "no_table", "1"),
        ("generate", "--rows", "10", "--seed", "1", "--out", __file__),
    ],
)
def test_bad_usage_is_exit_code_2_with_a_hint_and_changes_nothing(call, words):
    code, document, err = call(*words)
    assert code == 2 and document["error"]["what"] and err.startswith("error: ")


def test_ingest_is_refused_only_when_nothing_came_in(call, monkeypatch):
    refused, loaded = (
        LoadResult("a.csv", None, None, "refused", reason="is empty"),
        LoadResult("b.csv", "patients", "L00001", "loaded", 3),
    )
    for results, code in (([refused], 2), ([refused, loaded], 0), ([loaded], 0)):
        monkeypatch.setattr(loads, "ingest", lambda *_, results=results: results)
        code_returned, document, _ = call("ingest", "somewhere")
        assert code_returned == code and [load["status"] for load in document["loads"]] == [
            load.status for load in results
        ]


def test_an_endless_argument_is_told_in_a_line_that_can_be_read(call):
    for words in (
        ("undo", "L" * 100_000),
        ("no_verb" * 10_000,),
        ("build", "--select", "x" * 100_000),
        ("ingest", "a" * 100_000),
    ):
        code, document, err = call(*words)
        assert code == 2 and len(err) < 3_000 and len(document["error"]["message"]) < 3_000


def test_strict_makes_one_refused_file_an_error_also_when_others_came_in(call, monkeypatch):
    from dataclasses import replace

    results = (
        LoadResult("a.csv", None, None, "refused", reason="is empty"),
        LoadResult("b.csv", "patients", "L00001", "loaded", 3),
    )
    monkeypatch.setattr(loads, "ingest", lambda *_: list(results))
    monkeypatch.setattr(
        runs, "run_now", lambda settings, **arguments: replace(RESULT, loads=results)
    )
    for verb in ("ingest", "run"):
        code, document, err = call(verb, "somewhere", "--strict")
        assert (
            code == 2
            and "is empty" in err
            and [load["status"] for load in document["loads"]] == ["refused", "loaded"]
        )
        assert call(verb, "somewhere")[0] == 0
