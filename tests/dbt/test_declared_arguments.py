"""Whatever a rule declares is read: change one argument or a limit, and the statement of its rule
changes.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import SHARED, Rule, load_contracts, load_delivery_rules
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
STAGES = ("before_promotion", "after_promotion")
#: Models that work out ahead what a kind of rule looks up.
WORKED_OUT_AHEAD = {"not_outlying": "outlying_paid_amounts.sql"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the dbt project, whose declarations a test may change."""
    folder = tmp_path_factory.mktemp("arguments") / "icon_dbt"
    shutil.copytree(DBT_PROJECT_DIR, folder, ignore=shutil.ignore_patterns("target", "logs"))
    return folder


def test_every_declared_argument_of_every_rule_is_read(project, monkeypatch):
    """Round by round the next argument of each rule is changed, one compilation a round; a limit
    counts as one.
    """
    monkeypatch.setenv("ICON_HEALTH_HOME", str(project.parent))
    rules = [rule for contract in load_contracts().values() for rule in contract.rules]
    rules += [rule for rule in load_delivery_rules() if rule.stage == "table"]
    as_declared = _statements(project, rules)
    assert [rule.name for rule in rules if not as_declared[rule.name]] == []
    unread = []
    for position in range(max(len(_declared(rule)) for rule in rules)):
        with_another = _with_another_argument(project, position)
        changed = _statements(project, rules)
        for path, text in with_another.items():
            path.write_text(text, encoding="utf-8")
        for rule in rules:
            for name, value in list(_declared(rule).items())[position : position + 1]:
                before, after = as_declared[rule.name], changed[rule.name]
                relation = _relation(rule, name, value)
                if before == after if relation is None else relation not in before:
                    unread.append(f"{rule.name}: {name}")
    assert unread == []


def test_any_change_of_a_reference_list_judges_the_sources_anew_whose_rules_name_it(
    project, monkeypatch
):
    """Also in a column that no rule looks at today."""
    monkeypatch.setenv("ICON_HEALTH_HOME", str(project.parent))
    naming = {
        (rule.entity, rule.stage)
        for contract in load_contracts().values()
        for rule in contract.rules
        if "cpt_code" in rule.arguments.values()
    }
    before = _fingerprints(project)
    path = project / "seeds" / "reference_table" / "cpt_code.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("large joint", "joint", 1))
    after = _fingerprints(project)
    assert {key for key in before if before[key] != after[key]} == naming
    assert 0 < len(naming) < len(before)


def test_every_variable_is_read_by_a_statement_or_by_the_program():
    """A variable that nothing reads would be a business rule that stands somewhere else."""
    comments = re.compile(r"{#.*?#}|--[^\n]*", re.DOTALL)
    statements = "\n".join(
        comments.sub("", path.read_text(encoding="utf-8"))
        for folder in ("models", "macros")
        for path in sorted((DBT_PROJECT_DIR / folder).rglob("*.sql"))
    )
    read = set(re.findall(r"\bvar\(\s*['\"](\w+)['\"]", statements))
    for path in sorted((PROJECT_DIR / "pipeline").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "load_variables" in text:
            read |= set(re.findall(r"\[\"(\w+)\"\]", text))
    declared = read_yaml(DBT_PROJECT_DIR / "dbt_project.yml")["vars"]
    assert len(declared) > 10
    assert sorted(set(declared) - read) == []


def test_no_check_on_a_table_holds_a_limit_of_its_own():
    """A number that decides is declared. What may stand in a macro says whether there is anything,
    halves, or is a place in a text.
    """
    for path in sorted((DBT_PROJECT_DIR / "macros/landing_zone/table_checks").glob("*.sql")):
        statement = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        statement = re.sub(r"substr\([^()]*\)|'(?:[^']|'')*'", "", statement)
        numbers = re.findall(r"(?<![\w.])\d+(?:\.\d+)?", statement)
        assert {float(number) for number in numbers} <= {0, 1, 2}, path.name


def _relation(rule: Rule, name: str, value: Any) -> str | None:
    """How the relation that an argument names stands in a statement; None for other arguments."""
    if rule.stage == "table" and isinstance(value, str):
        return value
    return f'{value}"' if name in RELATIONS else None


def _declared(rule: Rule) -> dict[str, Any]:
    limit = {} if rule.threshold is None else {"threshold": rule.threshold}
    return limit | rule.arguments


def _with_another_argument(project: Path, position: int) -> dict[Path, str]:
    """Change one argument of each rule that has so many; returns the files as they were."""
    before = {}
    models = {entity: f"dq_{entity}" for entity in load_contracts()} | {SHARED: "table_checks"}
    for folder, model in models.items():
        path = project / "models" / "landing_zone" / folder / f"{folder}.yml"
        before[path] = path.read_text(encoding="utf-8")
        document = read_yaml(path)
        for rule in _rules(document, model):
            limit = {"threshold": rule["meta"]} if "threshold" in rule["meta"] else {}
            owners = limit | dict.fromkeys(rule.get("arguments", {}), rule.get("arguments", {}))
            for name, owner in list(owners.items())[position : position + 1]:
                if name not in RELATIONS and not (
                    model == "table_checks" and isinstance(owner[name], str)
                ):
                    owner[name] = _other(name, owner[name])
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return before


def _rules(document: dict, model: str) -> Iterator[dict[str, Any]]:
    node = next(node for node in document["models"] if node["name"] == model)
    yield from node["config"]["meta"]["rules"]


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


def _compile(project: Path, *what: str) -> Any:
    """The result of dbt's compilation."""
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(
        [
            *("--quiet", "--log-level", "none", "--log-level-file", "none"),
            *("compile", *what),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(project.parent / "target")),
        ]
    )
    assert result.success, result.exception
    return result.result


def _statements(project: Path, rules: list[Rule]) -> dict[str, str]:
    """The compiled statement of each rule, with that of the model it looks up."""
    _compile(project, "--select", "tag:landing_zone,resource_type:model")
    folder = project.parent / "target" / "compiled" / "icon_dbt" / "models" / "landing_zone"
    statements = {}
    for rule in rules:
        ahead = WORKED_OUT_AHEAD.get(rule.kind)
        statements[rule.name] = (rule_sql(folder, rule) or "") + (
            (folder / rule.entity / ahead).read_text(encoding="utf-8") if ahead else ""
        )
    return statements


def _fingerprints(project: Path) -> dict[tuple[str, str], str]:
    """Source and stage of rules -> what dbt takes for the content of the lists that they name."""
    keys = [(entity, stage) for entity in load_contracts() for stage in STAGES]
    calls = [f"{{{{ reference_lists('{entity}', '{stage}') }}}}" for entity, stage in keys]
    result = _compile(project, "--inline", "\n".join(calls))
    (node,) = (each.node for each in result.results)
    return dict(zip(keys, node.compiled_code.split("\n"), strict=True))
