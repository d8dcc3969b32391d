"""The expressions of dbt's macros without dbt, rendered by Jinja, for tests of many values."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, StrictUndefined

MACROS_DIR = Path(__file__).parents[1] / "icon_dbt" / "macros"


def macro(name: str, engine: str = "sqlite") -> Callable[..., str]:
    """One macro of icon_dbt that needs no graph; called, it yields its SQL for `engine`."""
    environment = Environment(extensions=["jinja2.ext.do"], undefined=StrictUndefined)
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("cross_db", "landing_zone/cleaning")
        for path in sorted((MACROS_DIR / folder).rglob("*.sql"))
    )
    text += (MACROS_DIR / "landing_zone" / "rule_kinds.sql").read_text(encoding="utf-8")
    macros = {}

    def dispatch(wanted: str, package: str = "") -> Callable[..., str]:
        return macros[f"{engine}__{wanted}"]

    environment.globals |= {
        "adapter": SimpleNamespace(dispatch=dispatch),
        "modules": SimpleNamespace(re=re),
        "return": lambda value: value,
    }
    module = environment.from_string(text).module
    macros |= {each: value for each, value in vars(module).items() if callable(value)}
    return lambda *arguments, **named: str(macros[name](*arguments, **named)).strip()
