"""Starting the workbench: the first visitor sees data, whatever state the home was left in."""

import socket
import sqlite3

import pytest

from pages.shell import serve
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.factories import small_world, write_delivery


class Started(Exception):
    """The server was asked to start."""


@pytest.fixture
def built(monkeypatch):
    """What `serve` builds before it starts the server: the paths of each run."""
    requests = []

    def run_now(settings, *, verb, paths):
        requests.append([path.name for path in paths])
        return runs.RunResult("R000001", "succeeded", 1.0)

    def start(home, port):
        raise Started

    monkeypatch.setattr(runs, "run_now", run_now)
    monkeypatch.setattr(serve, "start", start)
    return requests


def serve_until_start(home, *options: str) -> None:
    with pytest.raises(Started):
        serve.main(["--home", str(home), *options])


def test_a_port_on_which_another_program_answers_is_refused_before_anything_is_built(
    built, tmp_path, capsys
):
    with socket.socket() as other:
        other.bind((serve.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        assert serve.main(["--home", str(tmp_path / "home"), "--port", str(port)]) == 1
    assert "another program answers there" in capsys.readouterr().err
    assert built == []


def test_an_empty_home_gets_the_sample(built, tmp_path):
    serve_until_start(tmp_path / "home")
    assert built == [["sample"]]


def test_a_start_that_was_cut_off_before_its_build_is_made_up_for(built, settings, tmp_path):
    loads.ingest(settings, [write_delivery(tmp_path / "delivery", **small_world())])
    serve_until_start(settings.home)
    assert built == [[]]


def test_a_home_with_a_build_is_left_alone(built, sample_home):
    serve_until_start(sample_home)
    assert built == []


def test_without_the_sample_nothing_is_built(built, tmp_path):
    serve_until_start(tmp_path / "home", "--no-sample")
    assert built == []


def full_disk() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorname = "SQLITE_FULL"
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [(full_disk(), "the disk is full"), (ValueError("Maria Planted"), "defect of the program")],
)
def test_a_start_that_fails_is_told_in_one_line_that_quotes_nothing(
    built, tmp_path, monkeypatch, capsys, error, message
):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr(runs, "run_now", fails)
    assert serve.main(["--home", str(tmp_path / "home")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line and "Planted" not in line


def test_a_setting_that_cannot_be_meant_is_told_at_the_start(built, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ICON_HEALTH_GATE_THRESHOLD", "2")
    assert serve.main(["--home", str(tmp_path / "home")]) == 2
    assert "gate_threshold" in capsys.readouterr().err
