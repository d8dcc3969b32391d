"""The declaration of each source, read from its landing-zone YAML: the same file that dbt builds
from.

Plain YAML is all it takes, so a header can be matched or a template offered before any warehouse
exists.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pipeline.config import PROJECT_DIR
from pipeline.declared.yaml_files import read_yaml
from pipeline.errors import PipelineError

LANDING_ZONE_DIR = PROJECT_DIR / "icon_dbt" / "models" / "landing_zone"

#: The sources, parents before children.
ENTITIES = (
    "patients",
    "providers",
    "encounters",
    "referrals",
    "adverse_events",
    "employer_networks",
)


@dataclass(frozen=True)
class Column:
    """One column after mapping; `delivered` is its name in the file, None when it is derived from
    another.
    """

    name: str
    delivered: str | None
    aliases: tuple[str, ...]
    required: bool
    is_list: bool
    data_type: str
    classification: str
    description: str


@dataclass(frozen=True)
class Rule:
    """One rule: `rule_id` is the catalogue's, `name` is unique; `stage` says when it is judged.

    Stages: `file` (while loading), `before_promotion` (row by row, can hold a row back),
    `after_promotion` (looks at the promoted rows of other sources, only flags), `table` (one
    verdict for the whole table).
    """

    rule_id: str
    name: str
    entity: str
    kind: str
    column: str | None
    action: str
    kahn: str
    stage: str
    promotable: bool
    threshold: float | None
    why: str
    remedy: str
    arguments: dict = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SourceContract:
    """What a source looks like and which rules judge it."""

    entity: str
    file_name: str
    aliases: tuple[str, ...]
    raw_table: str
    key: tuple[str, ...]
    write_disposition: str
    schema_contract: str
    description: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]

    @property
    def delivered(self) -> tuple[str, ...]:
        """Names of the delivered columns, in the order of the file."""
        return tuple(column.delivered for column in self.columns if column.delivered)

    @property
    def mapped(self) -> tuple[str, ...]:
        """Names of the columns after mapping."""
        return tuple(column.name for column in self.columns)

    def mapped_name(self, name: str) -> str:
        """The mapped name of a column given by its mapped or its delivered name; raises KeyError
        otherwise.
        """
        for column in self.columns:
            if name in (column.name, column.delivered):
                return column.name
        raise KeyError(name)

    def column(self, name: str) -> Column:
        """The column of this mapped name; raises KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _column(node: dict) -> Column:
    meta = node.get("config", {}).get("meta", {})
    return Column(
        name=node["name"],
        delivered=meta.get("delivered"),
        aliases=tuple(meta.get("aliases", ())),
        required=bool(meta.get("required", bool(meta.get("delivered")))),
        is_list=bool(meta.get("is_list", False)),
        data_type=node.get("data_type", "text"),
        classification=meta.get("classification", "public"),
        description=" ".join(node.get("description", "").split()),
    )


def _rule(entity: str, kind: str, node: dict) -> Rule:
    meta = node.get("config", {}).get("meta", {})
    arguments = node.get("arguments", {})
    return Rule(
        rule_id=meta["rule"],
        name=node["name"],
        entity=entity,
        kind=kind,
        column=arguments.get("column"),
        action=meta["action"],
        kahn=meta["kahn"],
        stage=meta.get("stage", "before_promotion"),
        promotable=bool(meta.get("promotable", False)),
        threshold=meta.get("threshold"),
        why=" ".join(node.get("description", "").split()),
        remedy=" ".join(meta.get("remedy", "").split()),
        arguments=dict(arguments),
    )


def _model(document: dict, name: str, path: Path) -> dict:
    for model in document.get("models", ()):
        if model["name"] == name:
            return model
    raise PipelineError(
        f"declares no model {name}", path.name, "restore the file from the repository"
    )


def read_contract(entity: str, folder: Path = LANDING_ZONE_DIR) -> SourceContract:
    """The contract of one source; raises PipelineError when its YAML declares no such source."""
    path = folder / entity / f"{entity}.yml"
    document = read_yaml(path)
    mapped = _model(document, f"mapped_{entity}", path)
    judged = _model(document, f"dq_{entity}", path)
    source = mapped["config"]["meta"]["source"]
    rules = []
    for test in judged.get("data_tests", ()):
        ((kind, node),) = test.items()
        if "rule" in node.get("config", {}).get("meta", {}):
            rules.append(_rule(entity, kind, node))
    return SourceContract(
        entity=entity,
        file_name=source["file"],
        aliases=tuple(source.get("aliases", ())),
        raw_table=f"raw_{entity}",
        key=tuple(source["key"]),
        write_disposition=source["write_disposition"],
        schema_contract=source["schema_contract"],
        description=" ".join(mapped["description"].split()),
        columns=tuple(
            _column(node) for node in mapped["columns"] if not node["name"].startswith("_")
        ),
        rules=tuple(rules),
    )


@lru_cache(maxsize=1)
def load_contracts() -> dict[str, SourceContract]:
    """Every contract by entity, parents before children."""
    return {entity: read_contract(entity) for entity in ENTITIES}


@lru_cache(maxsize=1)
def load_delivery_rules() -> tuple[Rule, ...]:
    """Rules that judge a file or a whole table rather than a row."""
    path = LANDING_ZONE_DIR / "deliveries" / "deliveries.yml"
    document = read_yaml(path)
    declared = _model(document, "table_checks", path)["config"]["meta"]["rules"]
    return tuple(_rule(node.get("entity", "any"), node["kind"], node) for node in declared)
