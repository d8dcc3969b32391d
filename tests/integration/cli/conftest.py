"""The command line on a home of its own."""

import json

import pytest

from pipeline.cli import main


@pytest.fixture
def call(tmp_path, capsys):
    def run(*words, json_document: bool = True):
        code = main.main(
            ["--home", str(tmp_path / "home"), *words, *(["--json"] if json_document else [])]
        )
        out, err = capsys.readouterr()
        return code, json.loads(out) if json_document else out, err

    return run
