"""The expressions of dbt's macros without dbt, rendered by Jinja, for tests of many values."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, StrictUndefined

MACROS_DIR = Path(__file__).parents[1] / "icon_dbt" / "macros"


def macro(name: str, engine: str = "sqlite") -> Callable[..., str]:
    """One macro of icon_dbt that needs no graph; called, it yields its SQL for `engine`."""
    found = _macros(engine)[name]
    return lambda *arguments, **named: str(found(*arguments, **named)).strip()


@cache
def _macros(engine: str) -> Mapping[str, Callable[..., str]]:
    """All of them by name; reading them takes a second."""
    environment = Environment(extensions=["jinja2.ext.do"], undefined=StrictUndefined)
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("cross_db", "landing_zone/cleaning")
        for path in sorted((MACROS_DIR / folder).rglob("*.sql"))
    )
    for name in ("rule_kinds", "birth_cohort", "text_list"):
        text += (MACROS_DIR / "landing_zone" / f"{name}.sql").read_text(encoding="utf-8")
    macros: dict[str, Callable[..., str]] = {}

    def dispatch(wanted: str, package: str = "") -> Callable[..., str]:
        return macros[f"{engine}__{wanted}"]

    environment.globals |= {
        "adapter": SimpleNamespace(dispatch=dispatch),
        "modules": SimpleNamespace(re=re),
        "return": lambda value: value,
    }
    module = environment.from_string(text).module
    macros |= {each: value for each, value in vars(module).items() if callable(value)}
    return macros


def model(path: str, variables: Mapping[str, object], **stubs: str) -> str:
    """The SQL of a model of icon_dbt for SQLite, its refs as names of tables; `stubs` are texts in
    place of macros that need dbt.
    """
    environment = Environment(extensions=["jinja2.ext.do"], undefined=StrictUndefined)
    texts = [
        file.read_text(encoding="utf-8")
        for folder in ("cross_db", "statistics")
        for file in sorted((MACROS_DIR / folder).rglob("*.sql"))
    ]
    source = (MACROS_DIR.parent / "models" / f"{path}.sql").read_text(encoding="utf-8")
    macros: dict[str, Callable[..., str]] = {}
    environment.globals |= {
        "adapter": SimpleNamespace(dispatch=lambda name, package="": macros[f"sqlite__{name}"]),
        "modules": SimpleNamespace(re=re),
        "return": lambda value: value,
        "ref": lambda name: name,
        "var": lambda name: variables[name],
        "config": lambda **_: "",
    } | {name: lambda text=text: text for name, text in stubs.items()}
    module = environment.from_string("\n".join(texts)).module
    macros |= {name: value for name, value in vars(module).items() if callable(value)}
    environment.globals |= macros
    return environment.from_string(source).render()
