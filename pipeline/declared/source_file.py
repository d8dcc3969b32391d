"""The shape of a source's YAML: which keys it may have, of which type, and which belong together.

Only reading a declaration imports this module, for pydantic takes a tenth of a second that a prompt
would feel. A mistake is refused in one sentence that names file and line.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.config.project import PROJECT_DIR
from pipeline.declared import vocabulary
from pipeline.declared.classes import STRICTEST_FIRST
from pipeline.errors import InputRefused

Shape = TypeVar("Shape", bound=BaseModel)
Action = Literal["quarantine", "flag", "fix", "reject"]
Stage = Literal["file", "before_promotion", "after_promotion", "table"]
#: Kahn et al. 2016, with the part of conformance and plausibility that a rule looks at.
Kahn = Literal[
    "completeness",
    "conformance-value",
    "conformance-relational",
    "conformance-computational",
    "plausibility-uniqueness",
    "plausibility-atemporal",
    "plausibility-temporal",
]


def _one_of(what: str, words: Any) -> AfterValidator:
    """A check that a text is one of the words that the macros know when it is read."""

    def check(text: str) -> str:
        if text not in words():
            raise ValueError(f"no {what} '{text}'; there are {', '.join(words())}")
        return text

    return AfterValidator(check)


Classification = Annotated[str, _one_of("privacy class", lambda: STRICTEST_FIRST)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """Only the keys that are named, only values of their type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Derived(Strict):
    """A column that is worked out from others."""

    kind: Annotated[str, _one_of("derivation", vocabulary.derivations)]
    from_: list[Name] = Field(alias="from", min_length=1)


class ColumnMeta(Strict):
    """What this project says of a mapped column: either how it is delivered or how it is derived,
    and always its privacy class. `example` is a made-up value that passes every rule.
    """

    classification: Classification
    delivered: str | None = None
    cleaning: Annotated[str, _one_of("cleaning", vocabulary.cleanings)] | None = None
    derived: Derived | None = None
    aliases: list[str] = []
    required: bool | None = None
    is_list: bool = False
    example: str | None = None

    @model_validator(mode="after")
    def _delivered_or_derived(self) -> "ColumnMeta":
        if (self.delivered is None) == (self.derived is None):
            raise ValueError("a column is either `delivered` or `derived`")
        if (self.delivered is None) != (self.cleaning is None):
            raise ValueError("a delivered column needs a `cleaning`, a derived one has none")
        return self


class ColumnConfig(Strict):
    """dbt's `config` of a mapped column."""

    meta: ColumnMeta


class ColumnNode(Strict):
    """A mapped column."""

    name: Name
    description: Annotated[str, Field(min_length=1)]
    data_type: Literal["text"]
    config: ColumnConfig


class SourceMeta(Strict):
    """`config.meta.source`: the file, its key, and how deliveries follow each other."""

    file: Annotated[str, Field(pattern=r"^[^/\\]+\.[a-z]+$")]
    aliases: list[str] = []
    order: Annotated[int, Field(ge=1)] | None = None
    row_name: str | None = None
    key: list[Name] = Field(min_length=1)
    write_disposition: Literal["merge", "replace"]
    replaces_list_of: Name | None = None
    schema_contract: Literal["evolve"]
    fresh_within_days: Annotated[int, Field(ge=1)] | None = None
    keyless_match: list[Name] = []
    lookups: list[list[str]] = []
    reviewed_whole: bool = False
    rows_tell: Classification | None = None

    @model_validator(mode="after")
    def _lists_have_an_owner(self) -> "SourceMeta":
        if (self.write_disposition == "replace") != (self.replaces_list_of is not None):
            raise ValueError("`replaces_list_of` belongs to `write_disposition: replace`")
        if self.replaces_list_of is not None and self.replaces_list_of not in self.key:
            raise ValueError("`replaces_list_of` is a column of the key")
        return self


class ModelMeta(Strict):
    """`config.meta` of the model that maps the source."""

    source: SourceMeta


class ModelConfig(Strict):
    """dbt's `config` of the model that maps the source."""

    meta: ModelMeta


class MappedNode(Strict):
    """The model that maps the source."""

    name: str
    description: Annotated[str, Field(min_length=1)]
    config: ModelConfig
    columns: list[ColumnNode] = Field(min_length=1)


class RuleMeta(Strict):
    """`meta` of a rule."""

    rule: Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{2}$")]
    action: Action
    kahn: Kahn
    stage: Stage = "before_promotion"
    promotable: bool = False
    threshold: float | int | None = None
    remedy: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _late_rules_only_remark(self) -> "RuleMeta":
        if self.stage == "after_promotion" and self.action != "flag":
            raise ValueError("a rule after promotion may only flag")
        return self


class RuleNode(Strict):
    """A rule on the rows of a source; `kind` is the macro that judges it."""

    name: Name
    kind: Name
    description: Annotated[str, Field(min_length=1)]
    arguments: dict[str, Any] = {}
    meta: RuleMeta


class DeliveryRuleNode(RuleNode):
    """A rule on files (`kind: file`) or whole tables (`kind: table`), of one source or of any."""

    kind: Literal["file", "table"]
    entity: Name | None = None


def validated(shape: type[Shape], document: Any, path: Path, *place: str | int) -> Shape:
    """The part of a YAML document at `place` (keys and positions from its top), as `shape`.

    Raises InputRefused that says what is wrong, on which line, and what would be right.
    """
    part = document
    for step in place:
        part = part[step]
    try:
        return shape.model_validate(part)
    except ValidationError as error:
        mistakes = error.errors()
        # a misspelled key is also a missing one: the spelling says more
        first = next(
            (mistake for mistake in mistakes if mistake["type"] == "extra_forbidden"), mistakes[0]
        )
        raise refusal(path, (*place, *first["loc"]), *_sentence(shape, first)) from error


def refusal(path: Path, place: Sequence[str | int], what: str, hint: str) -> InputRefused:
    """The error about one place of a declaration."""
    shown = path.relative_to(PROJECT_DIR) if path.is_relative_to(PROJECT_DIR) else path
    return InputRefused(what, f"{shown}, line {line_of(path, place)}", hint)


def line_of(path: Path, place: Sequence[str | int]) -> int:
    """The line (from 1) of a place in a YAML file, or of the nearest one above it that is there."""
    node, line = yaml.compose(path.read_text(encoding="utf-8")), 1
    for step in place:
        found = _below(node, step)
        if found is None:
            break
        node, line = found
    return line


def _below(node: Any, step: str | int) -> tuple[Any, int] | None:
    """The node under a key or position, and the line on which it begins."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    return None


def _sentence(shape: type[BaseModel], error: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what would be right."""
    key = next((step for step in reversed(error["loc"]) if isinstance(step, str)), "")
    if error["type"] == "extra_forbidden":
        return f"there is no key `{key}` here", f"keys: {', '.join(_keys(shape, error['loc']))}"
    if error["type"] == "missing":
        return f"the key `{key}` is missing", "add it"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"]), "correct the declaration"
    return f"`{key}` cannot be {error['input']!r}", _lowered(error["msg"])


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _keys(shape: type[BaseModel], place: Sequence[str | int]) -> Iterator[str]:
    """The keys that the object above `place` may have."""
    for step in place[:-1]:
        if isinstance(step, str):
            field = next(
                (
                    model_field
                    for name, model_field in shape.model_fields.items()
                    if step in (name, model_field.alias)
                ),
                None,
            )
            shape = next(iter(_shapes(field.annotation if field else None)), shape)
    return (field.alias or name for name, field in shape.model_fields.items())


def _shapes(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside an annotation such as `list[X]` or `X | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _shapes(inner)
