"""What a push to Feast writes and refuses, as far as it needs no Feast."""

import ast
import json
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.features import feast_environment, feast_repository
from pipeline.features.registry import read_registry
from pipeline.services.features import feast_push
from tests.warehouse import copied

TABLES = read_registry()


def test_definitions_hold_each_key_once_and_each_feature_with_its_type_and_registry_text():
    tree = ast.parse(feast_repository.definitions(TABLES, Path("/data")))
    calls = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("Entity", "FeatureView", "Field")
        ):
            calls.setdefault(node.func.id, []).append(
                {word.arg: ast.unparse(word.value) for word in node.keywords}
            )
    assert sorted(ast.literal_eval(arguments["name"]) for arguments in calls["Entity"]) == sorted(
        {key for table in TABLES for key in table.key}
    )
    assert [ast.literal_eval(arguments["name"]) for arguments in calls["FeatureView"]] == [
        table.name.removeprefix("feat_") for table in TABLES
    ]
    fields = [
        (
            ast.literal_eval(arguments["name"]),
            arguments["dtype"],
            ast.literal_eval(arguments["description"]),
        )
        for arguments in calls["Field"]
        if "description" in arguments
    ]
    types = {"integer": "Int64", "real": "Float64", "text": "String"}
    assert fields == [
        (feature.name, types[feature.dtype], feature.definition)
        for table in TABLES
        for feature in table.features
    ]


def test_a_configuration_chooses_the_online_store_and_never_the_offline_one(tmp_path):
    configuration = tmp_path / "store.yaml"
    configuration.write_text(
        "online_store: {type: redis, connection_string: 'cache:6379'}\n", encoding="utf-8"
    )
    made = yaml.safe_load(
        feast_repository.feature_store_yaml(feast_repository.store_configuration(configuration))
    )
    assert made["online_store"] == {"type": "redis", "connection_string": "cache:6379"}
    assert made["offline_store"] == {"type": "duckdb"} and made["registry"] == "registry.db"
    assert feast_repository.store_configuration(None)["online_store"]["type"] == "sqlite"


@pytest.mark.parametrize(
    "text",
    [
        "offline_store: {type: dask}",
        "- redis",
        "",
        "online_store: redis",
        "online_store: [",
        "online_store: {host: a}",
        "registry: {a: 1}\nx: 2",
    ],
)
def test_a_file_that_is_no_store_configuration_is_refused(tmp_path, text):
    (tmp_path / "store.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match="store configuration|read as YAML"):
        feast_repository.store_configuration(tmp_path / "store.yaml")


def test_without_an_environment_the_error_names_what_makes_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ICON_HEALTH_FEAST_PYTHON", str(tmp_path / "none"))
    assert main.main(["--home", str(tmp_path), "features", "push"]) == 2
    assert "make feast" in capsys.readouterr().err


def test_a_python_without_feast_is_told_from_a_failing_one(tmp_path):
    with pytest.raises(InputRefused, match=r"has no Feast.*make feast"):
        feast_environment.push(
            Path(sys.executable), tmp_path, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"profile": "limited_data_set"}, "no such profile"), ({}, "no warehouse")],
)
def test_a_push_that_cannot_be_is_refused_before_anything_is_written(tmp_path, arguments, message):
    settings = load_settings(home=tmp_path / "home", feast_python=sys.executable)
    with pytest.raises(InputRefused, match=message):
        feast_push.push(settings, **arguments)
    assert not list(tmp_path.rglob("*.parquet"))


def test_tables_keyed_by_a_patient_stay_here_unless_the_profile_lets_them_out(
    sample_home, tmp_path, monkeypatch
):
    written = {}
    monkeypatch.setattr(
        feast_environment, "push", lambda python, repository, first, last: {"feast_version": "none"}
    )
    for profile in ("safe_harbor", "internal"):
        home = copied(sample_home, tmp_path / profile).home
        result = feast_push.push(
            load_settings(home=home, feast_python=sys.executable), profile=profile
        )
        written[profile] = {table.table for table in result.tables}, set(result.left_out)
    patients = {table.name for table in TABLES if {"patient_id", "referral_id"} & set(table.key)}
    everything = {table.name for table in TABLES}
    assert patients and written["safe_harbor"] == (everything - patients, patients)
    assert written["internal"] == (everything, set())


def test_the_command_answers_with_the_documented_keys(sample_home, tmp_path, monkeypatch, capsys):
    home = copied(sample_home, tmp_path / "home").home
    monkeypatch.setenv("ICON_HEALTH_FEAST_PYTHON", sys.executable)
    monkeypatch.setattr(
        feast_environment, "push", lambda python, repository, first, last: {"feast_version": "none"}
    )
    assert main.main(["--home", str(home), "features", "push", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer.keys() == {
        "repository",
        "online_store",
        "profile",
        "tables",
        "left_out",
        "feast_version",
        "seconds",
    }
    assert all(
        table.keys() == {"table", "view", "key", "rows", "keys", "file"}
        for table in answer["tables"]
    )
    assert answer["online_store"] == "sqlite" and Path(answer["repository"]) == home / "feast"
    assert main.main(["--home", str(home), "features", "push"]) == 0
    assert "not pushed under safe_harbor: feat_patient" in capsys.readouterr().out
