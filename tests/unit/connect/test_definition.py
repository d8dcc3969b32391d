"""What is stored of a connector and shown of it, and what is tried again."""

import json

import pytest

from pipeline.cli import main
from pipeline.connect.connector import RemoteFile
from pipeline.connect.definition import checked, shown
from pipeline.connect.failures import SourceFailed, failure
from pipeline.connect.patience import LONGEST_SECONDS, pause, with_patience
from pipeline.connect.staging import leads_out, local_name
from pipeline.errors import InputRefused

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("address", "options", "secrets"),
    [
        (f"sftp://user:{SECRET}@host/in", {}, {}),
        (f"https://host/in?token={SECRET}", {}, {}),
        (f"postgresql://host/db?password={SECRET}", {"table": "t"}, {}),
        (f"https://host/in#{SECRET}", {}, {}),
        ("https://host/in", {}, {"password": f"{SECRET}!"}),
        ("s3://bucket", {"secret": SECRET}, {}),
        ("https://host/in", {}, {"key": "VARIABLE"}),
        (f"ftp://user:{SECRET}@host/in", {}, {}),
        (f"https://user:{SECRET}@host:port/in", {}, {}),
        (f"https://{SECRET}@host/in", {}, {}),
        ("s3://bucket", {"endpoint_url": f"https://key:{SECRET}@host"}, {}),
        ("s3://bucket", {"endpoint_url": f"https://host/?token={SECRET}"}, {}),
        (f"postgresql:/user:{SECRET}@host/db", {}, {}),
        (f"sftp:user:{SECRET}@host", {}, {}),
        ("s3://", {}, {}),
        ("https://host/in", {"settle_seconds": "soon"}, {}),
        ("postgresql://host/db", {}, {}),
        ("postgresql://host/db", {"table": "t", "query": "select 1"}, {}),
    ],
)
def test_what_may_hold_a_secret_is_refused_and_not_repeated(address, options, secrets):
    with pytest.raises(InputRefused) as refused:
        checked("source", address, options, secrets)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", ["", "A", "a b", "../a", "a" * 41, "1a"])
def test_a_name_is_a_plain_word(name):
    with pytest.raises(InputRefused):
        checked(name, "/in", {}, {})


def test_an_address_is_shown_without_its_user():
    assert shown("sftp://user@host:22/in") == "sftp://host:22/in"
    assert shown(f"s3://key:{SECRET}@bucket/in?x={SECRET}") == "s3://bucket/in"
    assert shown(f"sftp://u:p@{SECRET}@host") == "sftp://host"
    assert shown("/in/a b") == "/in/a b"


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("in/patients.csv", "patients.csv"),
        ("..", "file"),
        ("in\\..\\x.csv", "x.csv"),
        ("a" * 300 + ".csv.gz", "a" * 197 + ".gz"),
        ("数" * 100 + ".csv", "数" * 65 + ".csv"),
        ("a\nb.csv", "a\\nb.csv"),
        (" ", "file"),
    ],
)
def test_a_name_here_is_one_short_printable_word(name, local):
    assert local_name(RemoteFile(name, "1")) == local and len(local.encode()) <= 200


def test_a_path_stays_below_its_address():
    inside = ["a.csv", "a/b.csv", "a..b/c.csv", "...csv"]
    outside = ["../a.csv", "a/../b", "/a.csv", "a//b", "./a", "a/", "a\0b", ""]
    assert not any(leads_out(RemoteFile(name, "1")) for name in inside)
    assert all(leads_out(RemoteFile(name, "1")) for name in outside)


def test_what_may_pass_is_tried_again_after_growing_times_that_chance_spreads():
    waited, failures = [], [True, True, True]

    def call() -> str:
        if failures:
            raise SourceFailed("is away", "x", "", failures.pop())
        return "answer"

    assert with_patience(call, sleep=waited.append) == "answer" and len(waited) == 3
    assert [pause(attempt, lambda: 1.0) for attempt in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert pause(3, lambda: 0.0) == 1.0 and pause(50, lambda: 1.0) == LONGEST_SECONDS
    failures[:] = [False]
    with pytest.raises(SourceFailed):
        with_patience(call, sleep=waited.append)
    assert len(waited) == 3
    failures[:] = [True] * 9
    with pytest.raises(SourceFailed):
        with_patience(call, attempts=5, sleep=waited.append)
    assert len(waited) == 3 + 4


def test_words_of_a_library_are_not_repeated():
    told = failure(RuntimeError(f"cannot reach user:{SECRET}@host"), "sftp://host")
    assert SECRET not in str(told) and "RuntimeError" in str(told)


@pytest.fixture
def call(tmp_path, capsys):
    def run(*words):
        code = main.main(["--home", str(tmp_path / "home"), *words, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return run


def test_the_command_line_from_nothing_to_a_load(call, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    assert call("sync")[0] == 2
    assert call("connectors", "list")[1] == {"connectors": []}
    code, added, _ = call("connectors", "add", "drop", str(source), "--settle", "0")
    assert (code, added["address"], added["last_sync_at"]) == (0, str(source), None)
    assert call("connectors", "add", "drop", str(source))[0] == 2
    assert call("sync", "drop", "--dry-run")[0] == 4
    (source / "patients.csv").write_text("patient_id,gender,birth_date\nP1,female,1950-01-02\n")
    assert call("connectors", "test", "drop")[1]["names"] == ["patients.csv"]
    code, document, _ = call("sync", "drop", "--dry-run")
    assert (code, document["new"], document["loaded"]) == (0, 1, 0)
    code, document, _ = call("sync")
    (file,) = document["syncs"][0]["files"]
    assert (code, file["read_as"], file["load_ids"], file["rows"]) == (
        0,
        ["patients"],
        ["L00001"],
        1,
    )
    assert call("sync")[1]["loaded"] == 0
    (source / "bad.csv").write_text("neither\nthis\n")
    code, document, err = call("sync")
    assert (code, document["refused"]) == (2, 1) and "bad.csv" in err
    (tmp_path / "other").mkdir()
    assert call("connectors", "add", "gone", str(tmp_path / "other"))[0] == 0
    (tmp_path / "other").rmdir()
    code, document, err = call("sync")
    assert (code, document["errors"][0]["connector"]) == (1, "gone") and len(document["syncs"]) == 1
    assert call("connectors", "remove", "gone")[0] == 0
    assert call("sync", "gone")[0] == 2


def test_a_word_that_may_be_a_secret_is_not_repeated(call):
    code, document, err = call("connectors", "add", "x", "s3://b", "--secret", SECRET)
    assert code == 2 and SECRET not in json.dumps(document) + err
