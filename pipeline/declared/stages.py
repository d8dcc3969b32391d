"""The models that every source has in the landing zone, and their names: written once."""

from collections.abc import Iterable
from typing import Literal

Stage = Literal["stg", "scope", "verdicts", "row_verdicts", "promoted", "quarantine", "dq"]

#: Stage -> name of its model, in the order in which they are built.
MODEL_NAMES: dict[Stage, str] = {
    "stg": "stg_{}",
    "scope": "int_{}_scope",
    "verdicts": "int_{}_verdicts",
    "row_verdicts": "row_verdicts_{}",
    "promoted": "promoted_{}",
    "quarantine": "quarantine_{}",
    "dq": "dq_{}",
}
#: Stage -> the name of its table up to version 0.1; a standing warehouse is renamed by its next
#: build.
FORMER_NAMES: dict[Stage, str] = {"stg": "mapped_{}", "row_verdicts": "checked_{}"}


#: Stages whose tables a build drops when the layer is done.
WORKING: tuple[Stage, ...] = ("scope", "verdicts")


def model_name(stage: Stage, entity: str) -> str:
    """The model of a stage of a source, as `row_verdicts_patients`."""
    return MODEL_NAMES[stage].format(entity)


def working_tables(entities: Iterable[str]) -> set[str]:
    """The models that a build drops when the layer is done."""
    return {model_name(stage, entity) for entity in entities for stage in WORKING}


def former_tables(entities: Iterable[str]) -> dict[str, str]:
    """Table of an older version -> its name now."""
    return {
        former.format(entity): model_name(stage, entity)
        for entity in entities
        for stage, former in FORMER_NAMES.items()
    }


#: Columns that a stage adds to those of a source -> their privacy class, and why it is less strict
#: than what they are made of. Texts that repeat cells stay texts in which anything may stand.
_NAMES = ("technical", "Names rules and columns; no cell is repeated.")
_CELLS = ("free_text", "Repeats cells of the row.")
STAGE_COLUMNS: dict[Stage, dict[str, tuple[str, str]]] = {
    "stg": {
        "_fixes": _NAMES,
        "_content": _CELLS,
        "_family": _CELLS,
        "_position": ("line_reference", "Place of an element in its cell."),
    },
    "row_verdicts": {
        "_fixes": _NAMES,
        "_content": _CELLS,
        "_family": _CELLS,
        "_current": _CELLS,
        "_key": _CELLS,
        "_failed": _NAMES,
        "_status": ("technical", "One of six words on what became of the row."),
        "_waived": _NAMES,
    },
    "quarantine": {
        "_key": _CELLS,
        "rules": _NAMES,
        "primary_rule": _NAMES,
        "failed_rules": _NAMES,
    },
    "dq": dict.fromkeys(("rule_id", "rule_name", "column_name", "action"), _NAMES),
}
