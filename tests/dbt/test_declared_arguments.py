"""Whatever a rule declares is read: change one argument, and the statement of its rule changes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.declared.sources import Rule, load_contracts
from pipeline.declared.yaml_files import read_yaml
from pipeline.quality.rule_sql import rule_sql
from pipeline.transform.dbt_project import DBT_PROJECT_DIR

#: Arguments that are one word of a list; any other text may name anything.
WORDS = {
    "shape": ("npi", "zip"),
    "sign": ("zero", "negative"),
    "check": ("demographics", "other_id"),
}
#: Arguments that name a relation, which the model must know: their value stands in the statement.
RELATIONS = ("parent", "patients", "procedures", "networks", "encounters", "outlying")
#: Models that work out ahead what a kind of rule looks up.
WORKED_OUT_AHEAD = {"not_outlying": "outlying_paid_amounts.sql"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the dbt project, whose declarations a test may change."""
    folder = tmp_path_factory.mktemp("arguments") / "icon_dbt"
    shutil.copytree(DBT_PROJECT_DIR, folder, ignore=shutil.ignore_patterns("target", "logs"))
    return folder


def test_every_declared_argument_of_every_rule_is_read(project, monkeypatch):
    """Round by round the next argument of each rule is changed, one compilation a round."""
    monkeypatch.setenv("ICON_HEALTH_HOME", str(project.parent))
    rules = [rule for contract in load_contracts().values() for rule in contract.rules]
    as_declared = _statements(project, rules)
    assert [rule.name for rule in rules if not as_declared[rule.name]] == []
    unread = []
    for position in range(max(len(rule.arguments) for rule in rules)):
        with_another = _with_another_argument(project, position)
        changed = _statements(project, rules)
        for path, text in with_another.items():
            path.write_text(text, encoding="utf-8")
        for rule in rules:
            for name, value in list(rule.arguments.items())[position : position + 1]:
                before, after = as_declared[rule.name], changed[rule.name]
                if f'{value}"' not in before if name in RELATIONS else before == after:
                    unread.append(f"{rule.name}: {name}")
    assert unread == []


def _with_another_argument(project: Path, position: int) -> dict[Path, str]:
    """Change one argument of each rule that has so many; returns the files as they were."""
    before = {}
    for entity in load_contracts():
        path = project / "models" / "landing_zone" / entity / f"{entity}.yml"
        before[path] = path.read_text(encoding="utf-8")
        document = read_yaml(path)
        for arguments in _arguments(document, entity):
            for name, value in list(arguments.items())[position : position + 1]:
                if name not in RELATIONS:
                    arguments[name] = _other(name, value)
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return before


def _arguments(document: dict, entity: str) -> Iterator[dict[str, Any]]:
    model = next(node for node in document["models"] if node["name"] == f"dq_{entity}")
    for rule in model["config"]["meta"]["rules"]:
        yield rule.get("arguments", {})


def _other(name: str, value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, list):
        return [*value, "another"]
    if isinstance(value, dict):
        return dict.fromkeys(value, "another")
    return next(word for word in WORDS.get(name, ("another",)) if word != value)


def _statements(project: Path, rules: list[Rule]) -> dict[str, str]:
    """The compiled statement of each rule, with that of the model it looks up."""
    from dbt.cli.main import dbtRunner

    target = project.parent / "target"
    result = dbtRunner().invoke(
        [
            *("--quiet", "--log-level", "none", "--log-level-file", "none"),
            *("compile", "--select", "tag:landing_zone,resource_type:model"),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(target)),
        ]
    )
    assert result.success, result.exception
    folder = target / "compiled" / "icon_dbt" / "models" / "landing_zone"
    statements = {}
    for rule in rules:
        ahead = WORKED_OUT_AHEAD.get(rule.kind)
        statements[rule.name] = (rule_sql(folder, rule) or "") + (
            (folder / rule.entity / ahead).read_text(encoding="utf-8") if ahead else ""
        )
    return statements
