"""The words that a declaration may use, read from the macros that give them their meaning: kinds of
rules with their arguments, kinds of cleaning, kinds of derived columns.
"""

import re
from functools import lru_cache
from pathlib import Path

from pipeline.config.project import PROJECT_DIR

MACROS_DIR = PROJECT_DIR / "icon_dbt" / "macros" / "landing_zone"
SHAPES_FILE = PROJECT_DIR / "icon_dbt" / "macros" / "cross_db" / "shapes.sql"
SEEDS_DIR = PROJECT_DIR / "icon_dbt" / "seeds"
KIND_MACRO = re.compile(r"macro passes__(\w+)\s*\(([^)]*)\)")
CHECK_MACRO = re.compile(r"macro measured__(\w+)\s*\(([^)]*)\)")
MACRO = re.compile(r"{%-?\s*macro (\w+)\s*\(.*?endmacro\s*-?%}", re.DOTALL)
SHAPES = re.compile(r"macro has_shape.*?set patterns = {(.*?)}\s*-?%}", re.DOTALL)
SHAPE = re.compile(r"'(\w+)': '([^']+)'")
COMPARED_KIND = re.compile(r"""(?:\bkind|\['kind'\]) == '(\w+)'""")


@lru_cache
def rule_kinds(folder: Path = MACROS_DIR) -> dict[str, tuple[str, ...]]:
    """Kind of a rule -> the arguments that its macro `passes__<kind>` takes."""
    return _signatures(KIND_MACRO, folder)


@lru_cache
def table_checks(folder: Path = MACROS_DIR) -> dict[str, tuple[str, ...]]:
    """Check on a whole table -> the arguments that its macro `measured__<check>` takes beside the
    threshold.
    """
    return {
        check: tuple(name for name in arguments if name != "threshold")
        for check, arguments in _signatures(CHECK_MACRO, folder).items()
    }


def _signatures(macro: re.Pattern[str], folder: Path) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(
            argument.partition("=")[0].strip() for argument in arguments.split(",") if argument
        )
        for name, arguments in macro.findall(_macros(folder))
    }


@lru_cache
def relation_arguments(folder: Path = MACROS_DIR) -> tuple[str, ...]:
    """The arguments of rules that name a relation, by the macro of this name."""
    body = next(
        match[0] for match in MACRO.finditer(_macros(folder)) if match[1] == "relation_arguments"
    )
    return tuple(re.findall(r"'(\w+)'", body))


@lru_cache
def cleanings(folder: Path = MACROS_DIR) -> tuple[str, ...]:
    """What `cleaning` of a column may be: the cases of the macro `cleaned`."""
    return _cases("cleaned", folder)


@lru_cache
def derivations(folder: Path = MACROS_DIR) -> tuple[str, ...]:
    """What `derived.kind` of a column may be: the cases of the macro `derived_value`."""
    return _cases("derived_value", folder)


@lru_cache
def shapes(file: Path = SHAPES_FILE) -> dict[str, str]:
    """Shape that a rule may ask for -> its regular expression, as the macro `has_shape` says."""
    body = SHAPES.search(file.read_text(encoding="utf-8"))
    return dict(SHAPE.findall(body[1])) if body else {}


@lru_cache
def reference_lists(folder: Path = SEEDS_DIR) -> tuple[str, ...]:
    """The seeds, by which a rule may know a value."""
    return tuple(sorted(path.stem for path in folder.rglob("*.csv")))


def _cases(macro: str, folder: Path) -> tuple[str, ...]:
    """The kinds that a macro tells apart."""
    bodies = [match[0] for match in MACRO.finditer(_macros(folder)) if match[1] == macro]
    return tuple(kind for body in bodies for kind in COMPARED_KIND.findall(body))


@lru_cache
def _macros(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.sql")))
