"""What outsiders read of a source is valid by the standard and says what the declaration says."""

import json
from importlib import resources

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from docs.make import DOCS_DIR, stale_files
from docs.making import contracts
from pipeline.declared.sources import load_contracts

CONTRACTS = load_contracts()


@pytest.fixture(scope="module")
def validator():
    """The JSON schema of the standard, as its package ships it."""
    schema = resources.files("open_data_contract_standard") / "schema.json"
    return jsonschema.Draft201909Validator(json.loads(schema.read_text(encoding="utf-8")))


@pytest.fixture(params=CONTRACTS)
def published(request) -> tuple[str, str]:
    """A source and the text of its file."""
    path = DOCS_DIR / "contracts" / f"{request.param}.odcs.yaml"
    return request.param, path.read_text(encoding="utf-8")


def test_the_published_contracts_are_what_the_declarations_say():
    assert [path.name for path in stale_files()] == [], "run: python -m docs.make"
    shown = {path.name for path in (DOCS_DIR / "contracts").iterdir()}
    assert shown == {f"{name}.odcs.yaml" for name in CONTRACTS}


def test_a_published_contract_is_valid_by_the_standard(published, validator):
    _, text = published
    assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []
    assert OpenDataContractStandard.from_string(text).schema_[0].properties


def test_the_schema_of_the_standard_refuses_what_it_does_not_know(published, validator):
    document = yaml.safe_load(published[1])
    document["schema"][0]["properties"][0]["colour"] = "red"
    assert not validator.is_valid(document)


def test_a_published_contract_has_every_delivered_column_with_its_privacy_class(published):
    name, text = published
    (table,) = yaml.safe_load(text)["schema"]
    assert {each["physicalName"]: each["classification"] for each in table["properties"]} == {
        column.delivered: column.classification
        for column in CONTRACTS[name].columns
        if column.delivered
    }
    keys = {
        each["name"]: each["primaryKeyPosition"]
        for each in table["properties"]
        if each["primaryKey"]
    }
    assert tuple(sorted(keys, key=keys.get)) == CONTRACTS[name].key


def test_a_published_contract_has_every_rule_once(published):
    name, text = published
    (table,) = yaml.safe_load(text)["schema"]
    told = [each["name"] for each in table["quality"]]
    told += [each["name"] for column in table["properties"] for each in column.get("quality", ())]
    assert sorted(told) == sorted(rule.name for rule in CONTRACTS[name].rules)


def test_parents_are_foreign_keys():
    (table,) = contracts.document(CONTRACTS["encounters"])["schema"]
    assert {
        each["name"]: each["relationships"][0]["to"]
        for each in table["properties"]
        if "relationships" in each
    } == {"npi": "providers.npi", "patient_id": "patients.patient_id"}
