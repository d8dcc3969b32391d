"""Reading the YAML of a source into its contract, and refusing what is wrong in it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.declared import vocabulary
from pipeline.declared.source_file import (
    ColumnNode,
    DeliveryRuleNode,
    MappedNode,
    RuleNode,
    refusal,
    validated,
)
from pipeline.declared.sources import GATE, SHARED, Column, Rule, SourceContract, folders
from pipeline.declared.yaml_files import read_yaml
from pipeline.errors import PipelineError


def read_contract(entity: str, folder: Path) -> SourceContract:
    """The contract of one source; raises InputRefused when its YAML has a mistake."""
    path = folder / entity / f"{entity}.yml"
    document = read_yaml(path)
    place = ("models", _position(document, f"stg_{entity}", path))
    mapped = validated(MappedNode, document, path, *place)
    source = mapped.config.meta.source
    names = {node.name for node in mapped.columns}
    for named, column in _named_columns(mapped):
        if column not in names:
            there = (*place, *named)
            raise refusal(path, there, f"there is no column `{column}`", f"columns: {_list(names)}")
    return SourceContract(
        entity=entity,
        file_name=source.file,
        aliases=tuple(source.aliases),
        raw_table=f"raw_{entity}",
        key=tuple(source.key),
        write_disposition=source.write_disposition,
        schema_contract=source.schema_contract,
        description=_flat(mapped.description),
        columns=tuple(_column(node) for node in mapped.columns),
        rules=tuple(_rules(entity, document, path, names, folder)),
        keyless_match=tuple(source.keyless_match),
        lookups=tuple(tuple(lookup) for lookup in source.lookups),
        reviewed_whole=source.reviewed_whole,
        row_name=source.row_name or entity.removesuffix("s").replace("_", " "),
        order=source.order,
        fresh_within_days=source.fresh_within_days,
    )


def read_delivery_rules(folder: Path) -> tuple[Rule, ...]:
    """Rules that judge a file or a whole table rather than a row."""
    path = folder / SHARED / f"{SHARED}.yml"
    document = read_yaml(path)
    place = ("models", _position(document, "table_checks", path), "config", "meta", "rules")
    declared = _at(document, place)
    return tuple(
        _delivery_rule(document, path, (*place, position)) for position in range(len(declared))
    )


def _delivery_rule(document: dict[str, Any], path: Path, place: tuple[str | int, ...]) -> Rule:
    """One rule on files or whole tables; raises InputRefused for arguments that its macro does not
    take, or a limit that it has not got.
    """
    node = validated(DeliveryRuleNode, document, path, *place)
    check = node.name.removeprefix("table__")
    takes = vocabulary.table_checks().get(check, ()) if node.kind == "table" else ()
    if node.kind == "table" and (
        check not in vocabulary.table_checks() or not node.name.startswith("table__")
    ):
        raise refusal(
            path,
            place,
            f"there is no macro measured__{check}",
            f"checks on tables: {_list(vocabulary.table_checks())}",
        )
    if node.kind == "table" and node.meta.threshold is None:
        raise refusal(path, place, f"`{node.name}` has no `threshold`", "declare it in its meta")
    if set(node.arguments) != set(takes):
        raise refusal(
            path,
            place,
            f"`{node.name}` has the arguments {_list(node.arguments)}",
            f"it takes {_list(takes)}",
        )
    return _rule(node.entity or "any", node)


def _rules(
    entity: str, document: dict[str, Any], path: Path, columns: set[str], folder: Path
) -> Iterator[Rule]:
    """The rules of a source; raises InputRefused for one that names what is not there."""
    place = ("models", _position(document, f"dq_{entity}", path), "config", "meta", "rules")
    names_used: set[str] = set()
    for position in range(len(_at(document, place))):
        here = (*place, position)
        rule = validated(RuleNode, document, path, *here)
        for what, hint in _mistakes(entity, rule, columns, folder):
            raise refusal(path, here, what, hint)
        if rule.name in names_used:
            raise refusal(path, here, f"there are two rules `{rule.name}`", "rename one of them")
        names_used.add(rule.name)
        yield _rule(entity, rule)


def _mistakes(
    entity: str, rule: RuleNode, columns: set[str], folder: Path
) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule whose keys are right, and what would be right."""
    kinds, kind = vocabulary.rule_kinds(), rule.kind
    if kind not in kinds:
        yield f"there is no kind of rule `{kind}`", f"kinds: {_list(kinds)}"
        return
    if not rule.name.startswith(f"{entity}__"):
        yield f"`{rule.name}` is not named after its source", f"begin it with {entity}__"
    for argument in rule.arguments:
        if argument not in kinds[kind]:
            yield (
                f"the rule `{rule.name}` has no argument `{argument}`",
                f"{kind} takes {', '.join(kinds[kind]) or 'none'}",
            )
    column = rule.arguments.get("column")
    if column is not None and column not in columns:
        yield f"there is no column `{column}`", f"columns: {_list(columns)}"
    relations = {*vocabulary.reference_lists(), *folders(folder)}
    for relation in (rule.arguments.get("parent"), *rule.arguments.get("children", ())):
        if relation is not None and relation.removeprefix(GATE) not in relations:
            yield (
                f"there is no source or reference list `{relation}`",
                f"there are {_list(relations)}",
            )


def _column(node: ColumnNode) -> Column:
    meta = node.config.meta
    return Column(
        name=node.name,
        delivered=meta.delivered,
        aliases=tuple(meta.aliases),
        required=meta.required if meta.required is not None else bool(meta.delivered),
        is_list=meta.is_list,
        data_type=node.data_type,
        cleaning=meta.cleaning,
        classification=meta.classification,
        description=_flat(node.description),
        example=meta.example,
    )


def _rule(entity: str, node: RuleNode | DeliveryRuleNode) -> Rule:
    meta = node.meta
    return Rule(
        rule_id=meta.rule,
        name=node.name,
        entity=entity,
        kind=node.kind,
        column=node.arguments.get("column"),
        action=meta.action,
        kahn=meta.kahn,
        stage=meta.stage,
        promotable=meta.promotable,
        threshold=meta.threshold,
        why=_flat(node.description),
        remedy=_flat(meta.remedy),
        arguments=dict(node.arguments),
    )


def _position(document: Any, name: str, path: Path) -> int:
    """The place of a model in a YAML file; raises PipelineError when it is not there."""
    models = (document or {}).get("models", ())
    for position, model in enumerate(models):
        if model.get("name") == name:
            return position
    raise PipelineError(
        f"declares no model {name}", path.name, "restore the file from the repository"
    )


def _at(document: Any, place: tuple[str | int, ...]) -> Any:
    """What stands at a place of a document; an empty list where nothing does."""
    for step in place:
        if isinstance(document, dict) and step not in document:
            return []
        document = document[step]
    return document


def _named_columns(mapped: MappedNode) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The places in the declaration of a source that name a column, each with that name."""
    for column in mapped.config.meta.source.key:
        yield ("config", "meta", "source", "key"), column
    for position, node in enumerate(mapped.columns):
        for column in node.config.meta.derived.from_ if node.config.meta.derived else ():
            yield ("columns", position, "config", "meta", "derived"), column


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _flat(text: str) -> str:
    return " ".join(text.split())
