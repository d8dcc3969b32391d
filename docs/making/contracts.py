"""Each source as a file of the Open Data Contract Standard, for people and tools outside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import (
    Column,
    Rule,
    SourceContract,
    load_contracts,
    load_delivery_rules,
)
from pipeline.declared.yaml_files import read_yaml

STANDARD = "v3.2.0"
#: The dimension that the standard knows for each category of Kahn.
DIMENSIONS = {
    "completeness": "completeness",
    "conformance-value": "conformity",
    "conformance-relational": "consistency",
    "conformance-computational": "conformity",
    "plausibility-uniqueness": "uniqueness",
    "plausibility-atemporal": "accuracy",
    "plausibility-temporal": "timeliness",
}
SEVERITIES = {"reject": "error", "quarantine": "error", "flag": "warning", "fix": "info"}
#: What a delivered text stands for, by what cleaning makes of it; anything else is text.
LOGICAL_TYPES = {"date": "date", "money": "number"}
FRESHNESS = "table__loads__fresh"
HEADER = "# Written by `python -m docs.make` from {path}; edit that file.\n"


def files(contracts: Mapping[str, SourceContract] | None = None) -> dict[Path, str]:
    """The contract files below docs/ with their text."""
    return {
        Path("contracts") / f"{name}.odcs.yaml": text(contract)
        for name, contract in (contracts or load_contracts()).items()
    }


def text(contract: SourceContract) -> str:
    """One contract as YAML."""
    path = f"icon_dbt/models/landing_zone/{contract.entity}/{contract.entity}.yml"
    body = yaml.safe_dump(document(contract), sort_keys=False, allow_unicode=True, width=110)
    return HEADER.format(path=path) + body


def document(contract: SourceContract) -> dict[str, Any]:
    """One contract as the standard shapes it."""
    version = read_yaml(PROJECT_DIR / "icon_dbt" / "dbt_project.yml")["version"]
    return {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": f"icon-health-workbench-{contract.entity.replace('_', '-')}",
        "name": contract.entity,
        "version": version,
        "status": "active",
        "domain": "musculoskeletal healthcare",
        "description": {
            "purpose": contract.description,
            "usage": "Delivered as CSV, JSON, a workbook or Parquet, under the name "
            f"`{contract.file_name}` or another that spells the source. A new column is kept aside and reported, never dropped.",
        },
        "schema": [_table(contract)],
        "slaProperties": [_freshness()],
    }


def _table(contract: SourceContract) -> dict[str, Any]:
    delivered = [column for column in contract.columns if column.delivered]
    names = {column.name for column in delivered}
    rules = [rule for rule in contract.rules if rule.column not in names]
    return {
        "name": contract.entity,
        "physicalName": contract.file_name,
        "logicalType": "object",
        "physicalType": "file",
        "description": contract.description,
        "dataGranularityDescription": _grain(contract),
        **_synonyms(contract.aliases),
        "properties": [_property(column, contract) for column in delivered],
        "quality": [_quality(rule) for rule in rules],
        "customProperties": [
            {"property": "writeDisposition", "value": contract.write_disposition},
            {"property": "schemaContract", "value": contract.schema_contract},
        ],
    }


def _property(column: Column, contract: SourceContract) -> dict[str, Any]:
    """One delivered column under the name that it is mapped to."""
    is_key = column.name in contract.key
    rules = [rule for rule in contract.rules if rule.column == column.name]
    links = [rule for rule in rules if rule.parent]
    schema = {
        "name": column.name,
        "physicalName": column.delivered,
        "logicalType": "array" if column.is_list else LOGICAL_TYPES.get(column.cleaning, "string"),
        "physicalType": column.data_type,
        "description": column.description,
        "classification": column.classification,
        "required": column.required,
        "primaryKey": is_key,
    }
    if column.example:
        schema["examples"] = [column.example]
    if column.is_list:
        schema["items"] = {"name": "entry", "logicalType": "string"}
    if is_key:
        schema["primaryKeyPosition"] = contract.key.index(column.name) + 1
    schema |= _synonyms(column.aliases)
    if links:
        schema["relationships"] = [
            {"type": "foreignKey", "to": f"{rule.parent}.{rule.arguments['field']}"}
            for rule in links
        ]
    return schema | ({"quality": [_quality(rule) for rule in rules]} if rules else {})


def _quality(rule: Rule) -> dict[str, Any]:
    """One rule; what dbt compiles of it is named by kind and arguments."""
    return {
        "name": rule.name,
        "description": rule.why,
        "type": "custom",
        "engine": "dbt",
        "implementation": {"kind": rule.kind, "arguments": dict(rule.arguments)},
        "dimension": DIMENSIONS[rule.kahn],
        "severity": SEVERITIES[rule.action],
        "customProperties": [
            {"property": "rule", "value": rule.rule_id},
            {"property": "action", "value": rule.action},
            {"property": "stage", "value": rule.stage},
            {"property": "remedy", "value": rule.remedy},
        ],
    }


def _freshness() -> dict[str, Any]:
    """The days after which a source without a delivery is called late."""
    days = next(rule.threshold for rule in load_delivery_rules() if rule.name == FRESHNESS)
    return {"property": "frequency", "value": days, "unit": "d"}


def _grain(contract: SourceContract) -> str:
    """The sentence of the description that says what a row is."""
    sentences = contract.description.split(". ")
    return (
        next(sentence for sentence in sentences if sentence.lower().startswith("one row")).rstrip(
            "."
        )
        + "."
    )


def _synonyms(words: tuple[str, ...]) -> dict[str, list[dict[str, str]]]:
    return {"synonyms": [{"synonym": word} for word in words]} if words else {}
