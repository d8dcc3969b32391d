"""The variables of the dbt project, for services that show or use a number which a model uses too."""

from functools import lru_cache
from typing import Any

import yaml

from pipeline.config import PROJECT_DIR


@lru_cache
def load_variables() -> dict[str, Any]:
    """Name -> value, as declared in dbt_project.yml."""
    return yaml.safe_load((PROJECT_DIR / "icon_dbt" / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
