"""Keys of a point-in-time join: found however they are written, and said when never held."""

import json

import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.services.features import profile, retrieval
from tests.integration.features.histories import stamp, write_history


@pytest.mark.parametrize("written", ["1.0", "1.00", " 1 ", "1"])
def test_a_key_that_became_a_decimal_number_is_found(tmp_path, written):
    write_history(tmp_path, [("1", 0, 0, 5, 1.5, "002")])
    frame = pd.DataFrame({"npi": [written], "event_timestamp": [stamp(1)]})
    answer = retrieval.point_in_time(
        load_settings(home=tmp_path), ["provider:encounter_count_to_date"], frame
    )
    assert answer.encounter_count_to_date.tolist() == [5]


@pytest.mark.parametrize("written", ["1.0", " 1", "1.", 1.0, 1])
def test_one_key_is_found_however_it_is_written_and_an_unknown_one_is_said(
    tmp_path, capsys, written
):
    write_history(tmp_path, [("1", 0, 0, 5, 1.5, "002")])
    settings = load_settings(home=tmp_path)
    assert len(retrieval.history(settings, "provider", [written])) == 1
    assert len(profile.versions(settings, "provider", (written,))) == 1
    words = ["--home", str(tmp_path), "features", "history", "provider", str(written)]
    assert main.main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["rows"]) == 1 and answer["unknown_keys"] == 0
    assert main.main([*words[:-1], "9.0", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows"] == [] and answer["unknown_keys"] == 1
    assert main.main([*words[:-1], "9.0"]) == 0
    assert "provider never held this key" in capsys.readouterr().out


def test_a_caller_of_the_join_hears_which_keys_were_never_held(tmp_path):
    write_history(tmp_path, [("1", 0, 0, 5, 1.5, "002")])
    frame = pd.DataFrame({"npi": [1.0, 2.0, None, 2.0], "event_timestamp": [stamp(1)] * 4})
    answer = retrieval.point_in_time(
        load_settings(home=tmp_path), ["provider:encounter_count_to_date"], frame
    )
    assert answer.attrs[retrieval.UNKNOWN_KEYS] == {"feat_provider": 3}


def test_keys_that_the_table_never_held_are_counted(tmp_path, capsys):
    write_history(tmp_path, [("1", 0, 0, 5, 1.5, "002")])
    asked = tmp_path / "asked.csv"
    asked.write_text(f"npi,event_timestamp\n1.0,{stamp(1)}\n1.5,{stamp(1)}\n,{stamp(1)}\n")
    words = ["features", "historical", str(asked), "--feature", "provider:encounter_count_to_date"]
    command = ["--home", str(tmp_path), *words, "--out", str(tmp_path / "out.csv")]
    assert main.main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unknown_keys"] == {"feat_provider": 2}
    assert main.main(command) == 0
    assert "2 of them ask for a key that feat_provider never held" in capsys.readouterr().out
