"""The declaration of each source, read from its landing-zone YAML: the same file that dbt builds
from.

Plain YAML is all it takes, so a header can be matched or a template offered before any warehouse
exists.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.config.project import PROJECT_DIR
from pipeline.declared import vocabulary
from pipeline.errors import InputRefused

LANDING_ZONE_DIR = PROJECT_DIR / "icon_dbt" / "models" / "landing_zone"
#: The folder beside those of the sources: what the tables of all of them have in common.
SHARED = "deliveries"
#: The gate in front of the standing rows of a source, by which a rule before promotion knows them.
GATE = "promoted_"


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
    cleaning: str | None
    classification: str
    description: str
    example: str | None = None


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
    arguments: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def relations(self) -> tuple[str, ...]:
        """What the rule looks at besides the row itself: gates, sources, reference lists."""
        named = (self.arguments.get(name) for name in vocabulary.relation_arguments())
        return tuple(
            relation
            for value in named
            if value
            for relation in (value if isinstance(value, dict) else (value,))
        )

    @property
    def parent(self) -> str | None:
        """The source of which the rule asks for a promoted row; None for any other rule."""
        relation = str(self.arguments.get("parent", ""))
        return relation.removeprefix(GATE) if relation.startswith(GATE) else None


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
    row_name: str
    keyless_match: tuple[str, ...]
    lookups: tuple[tuple[str, ...], ...]
    reviewed_whole: bool
    order: int | None = None
    fresh_within_days: int | None = None

    @property
    def row_names(self) -> str:
        """What several rows are called: `encounters`, `network entries`."""
        return f"{self.row_name[:-1]}ies" if self.row_name.endswith("y") else f"{self.row_name}s"

    def counted(self, count: int) -> str:
        """So many rows in words: `1 encounter`, `1,200 network entries`."""
        return f"{count:,} {self.row_name if count == 1 else self.row_names}"

    @property
    def parents(self) -> dict[str, str]:
        """Column -> the source whose key it must hold for a row to be promoted."""
        return {rule.arguments["column"]: rule.parent for rule in self.rules if rule.parent}

    @property
    def listed(self) -> Column | None:
        """The column that is delivered as a list and mapped to a row an entry; None without one."""
        return next((column for column in self.columns if column.is_list), None)

    @property
    def dated(self) -> tuple[str, ...]:
        """Delivered columns that hold dates."""
        return tuple(
            column.delivered
            for column in self.columns
            if column.delivered and column.cleaning == "date"
        )

    @property
    def domains(self) -> dict[str, tuple[str, ...]]:
        """Mapped columns for which a rule lists the allowed values, with these."""
        return {
            rule.column: tuple(rule.arguments["values"])
            for rule in self.rules
            if rule.kind == "among" and rule.column is not None
        }

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


def source_names() -> tuple[str, ...]:
    """The sources, parents before children."""
    return tuple(load_contracts())


def folders(folder: Path = LANDING_ZONE_DIR) -> list[str]:
    """The folders of the sources, by name."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != SHARED)


@lru_cache
def load_contracts(folder: Path = LANDING_ZONE_DIR) -> dict[str, SourceContract]:
    """Every contract by source: one a folder of the landing zone, parents before children.

    Raises InputRefused for a declaration with a mistake, with file and line.
    """
    from pipeline.declared.read_source import read_contract

    contracts = {name: read_contract(name, folder) for name in folders(folder)}
    _refuse_shared_names(contracts.values())
    return {name: contracts[name] for name in _parents_first(contracts)}


@lru_cache
def load_delivery_rules(folder: Path = LANDING_ZONE_DIR) -> tuple[Rule, ...]:
    """Rules that judge a file or a whole table rather than a row."""
    from pipeline.declared.read_source import read_delivery_rules

    return read_delivery_rules(folder)


def _refuse_shared_names(contracts: Iterable[SourceContract]) -> None:
    """Raises InputRefused when two sources claim the same file name or alias."""
    owner: dict[str, str] = {}
    for contract in contracts:
        for name in {contract.file_name, *contract.aliases}:
            if owner.setdefault(name, contract.entity) != contract.entity:
                raise InputRefused(
                    f"the name {name} belongs to {owner[name]} already",
                    f"source {contract.entity}",
                    "take it from one of the two",
                )


def _parents_first(contracts: Mapping[str, SourceContract]) -> Iterator[str]:
    """Names so that each comes after its parents; among those that may come next by `order`, then
    by name. Raises InputRefused for sources that wait for each other.
    """
    waiting = dict(contracts)
    while waiting:
        free = [
            contract
            for contract in waiting.values()
            if not (set(contract.parents.values()) & set(waiting))
        ]
        if not free:
            raise InputRefused(
                f"sources wait for each other: {', '.join(waiting)}",
                "rules known_in before promotion",
                "let one of them look after promotion",
            )
        first = min(
            free,
            key=lambda contract: (contract.order is None, contract.order or 0, contract.entity),
        )
        yield waiting.pop(first.entity).entity
