"""Which model may read which, what it is called, and that it says what a row is: over dbt's
manifest.
"""

import json
import re
from pathlib import Path

import pytest
import yaml

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import load_contracts, source_names
from pipeline.declared.stages import MODEL_NAMES, model_name
from pipeline.store.warehouse import builds

DBT_DIR = PROJECT_DIR / "icon_dbt"
LAYERS = ("landing_zone", "standard_model", "enterprise_datasets", "feature_store")
SEED = "seed"
#: What each layer may read, as (layer, start of the name).
MAY_READ = {
    "standard_model": (("landing_zone", "promoted_"), ("landing_zone", "dq_"), (SEED, "")),
    "enterprise_datasets": (("standard_model", "std_"), ("enterprise_datasets", ""), (SEED, "")),
    "feature_store": (
        ("enterprise_datasets", ""),
        ("standard_model", "std_"),
        ("feature_store", "feat_"),
        ("feature_store", "training_"),
        (SEED, ""),
    ),
}
ONE_OFF_LANDING = (
    "ledger",
    "table_checks",
    "outlying_paid_amounts",
    "dq_source_deliveries",
    "dq_run_summary",
    "dq_encounter_arrivals",
    "dq_held_encounters",
    "dq_open_impact",
    "provider_directory_history",
)
NAMES = {
    "landing_zone": "|".join(
        [model_name(stage, source) for stage in MODEL_NAMES for source in source_names()]
        + list(ONE_OFF_LANDING)
    ),
    "standard_model": rf"std_({'|'.join(source_names())}|encounter_flags|encounter_maturity|source)",
    "enterprise_datasets": r"(dim|fct)_[a-z]+|(?!std_|feat_|raw_|ops_)[a-z]+(_[a-z]+)+",
    "feature_store": r"(feat|training)_[a-z]+(_[a-z]+)*?(_latest)?",
}
KEY_TESTS = ("unique", "unique_keys")


@pytest.fixture(scope="module")
def manifest(parsed_project: Path) -> dict:
    return json.loads((parsed_project.parent / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def models(manifest) -> dict[str, dict]:
    return {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }


def layer_of(node: dict) -> str:
    return SEED if node["resource_type"] == "seed" else node["fqn"][1]


def test_gold_and_features_are_under_contract(models):
    """`_latest` views repeat the columns of their table, whose contract holds for them."""
    published = [
        node
        for node in models.values()
        if layer_of(node) in ("enterprise_datasets", "feature_store")
        and not node["name"].endswith("_latest")
    ]
    assert len(published) > 40
    for node in published:
        assert node["config"]["contract"]["enforced"] and node["columns"], node["name"]
        hooks = [hook["sql"] for hook in node["config"]["post-hook"]]
        assert "{{ assert_contract() }}" in hooks, node["name"]


def test_each_layer_reads_only_what_it_may(manifest, models):
    wrong = []
    for node in models.values():
        for parent in node["depends_on"]["nodes"]:
            source = manifest["nodes"].get(parent)
            allowed = MAY_READ.get(layer_of(node))
            if allowed is None:
                continue
            if source is None:
                if not parent.endswith(".ops_build") and not parent.startswith(
                    "source.icon_dbt.control."
                ):
                    wrong.append(f"{node['name']} reads {parent}")
            elif not any(
                layer_of(source) == layer and source["name"].startswith(start)
                for layer, start in allowed
            ):
                wrong.append(f"{node['name']} reads {source['name']}")
    assert wrong == []


def test_a_build_knows_of_every_control_table_whether_its_change_is_something_new(manifest):
    declared = {
        source["name"]
        for source in manifest["sources"].values()
        if source["source_name"] == "control"
    }
    known = (*builds.WRITTEN_BY_OTHERS, *builds.WRITTEN_BY_THE_BUILD)
    assert sorted(known) == sorted(declared)


def test_only_mapped_models_read_delivered_rows(models):
    readers = {
        node["name"]
        for node in models.values()
        if any(".raw." in parent for parent in node["depends_on"]["nodes"])
    }
    assert readers == {f"stg_{entity}" for entity in source_names()} | {"ledger"}


def test_one_test_a_source_reports_its_rules_and_stops_no_build(manifest):
    reports = {
        node["attached_node"].rpartition(".")[2]: node["config"]["severity"]
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "reported_failures"
    }
    assert reports == {f"dq_{entity}": "warn" for entity in source_names()}


def test_names_tell_the_layer(models):
    assert [
        node["name"]
        for node in models.values()
        if not re.fullmatch(NAMES[layer_of(node)], node["name"])
    ] == []


def test_every_gold_model_lies_in_the_folder_of_its_subject(models):
    assert {
        node["fqn"][2] if len(node["fqn"]) == 4 else node["name"]
        for node in models.values()
        if layer_of(node) == "enterprise_datasets"
    } == {"networks", "patients", "procedures", "providers", "referrals", "statistics"}


def test_every_model_carries_the_tag_of_its_folder(models):
    assert [
        node["name"]
        for node in models.values()
        if [tag for tag in node["tags"] if tag in LAYERS] != [layer_of(node)]
    ] == []


def test_every_model_says_what_a_row_is(models):
    assert [
        node["name"] for node in models.values() if "one row per" not in node["description"].lower()
    ] == []


def test_every_model_that_people_read_has_a_key_test(manifest, models):
    tested = {
        parent
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in KEY_TESTS
        for parent in node["depends_on"]["nodes"]
    }
    assert [
        node["name"]
        for key, node in models.items()
        if layer_of(node) != "landing_zone" and key not in tested
    ] == []


def test_every_gold_model_has_a_case_worked_out_by_hand(manifest, models):
    """The grid of funnel_limits has a fixed length, too long for a fixture: test_insight_tables.py
    checks it against scipy.
    """
    tested = {node["model"] for node in manifest["unit_tests"].values()}
    assert [
        node["name"]
        for node in models.values()
        if layer_of(node) == "enterprise_datasets" and node["name"] not in tested
    ] == ["funnel_limits"]


def test_every_column_that_is_declared_is_described(models):
    assert [
        f"{node['name']}.{column['name']}"
        for node in models.values()
        for column in node["columns"].values()
        if not column["description"].strip()
    ] == []


def test_every_seed_is_described_with_its_key(manifest):
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert [
        node["name"]
        for node in seeds
        if "one row per" not in node["description"].lower()
        or not all(column["description"] for column in node["columns"].values())
    ] == []


def promises_of_silver() -> list[tuple[str, tuple[str, ...]]]:
    """(source, columns) of every test on a silver table that stops a build when it fails."""
    models = yaml.safe_load(
        (DBT_DIR / "models" / "standard_model" / "standard_model.yml").read_text(encoding="utf-8")
    )["models"]
    promises = []
    for model in models:
        source = model["name"].removeprefix("std_")
        if model["name"] in ("std_encounter_flags", "std_encounter_maturity", "std_source"):
            # distinct flags, a row a promoted encounter, and a row a declared source
            continue
        for test in model.get("data_tests", ()):
            ((name, body),) = test.items()
            assert name == "unique_keys", f"say here which rule guarantees {name}"
            promises.append((source, tuple(body["arguments"]["columns"])))
        for column in model["columns"]:
            for test in column.get("data_tests", ()):
                assert test in ("unique", "not_null"), f"say here which rule guarantees {test}"
                promises.append((source, (column["name"],)))
    return promises


@pytest.mark.parametrize(("source", "columns"), sorted(set(promises_of_silver())))
def test_what_silver_asserts_a_rule_guarantees_before_promotion(source, columns):
    """Promotion keeps one row a key; a key is there because a rule holds back rows without it."""
    contract = load_contracts()[source]
    path = DBT_DIR / "models" / "landing_zone" / source / f"{source}.yml"
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]["columns"]
    derived = {
        column["name"]: column["config"]["meta"]["derived"]["from"]
        for column in declared
        if "derived" in column.get("config", {}).get("meta", {})
    }
    parts = {part for column in columns for part in derived.get(column, (column,))}
    assert parts == set(contract.key), "one row a key is all that promotion guarantees"
    guarded = {
        rule.column
        for rule in contract.rules
        if rule.action == "quarantine"
        and rule.stage == "before_promotion"
        and (rule.kind == "required" or rule.arguments.get("is_required"))
    }
    assert parts - guarded == set()
