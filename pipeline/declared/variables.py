"""The variables of the dbt project, for services that show or use a number which a model uses
too.
"""

from functools import lru_cache
from typing import Any

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.yaml_files import read_yaml


@lru_cache
def load_variables() -> dict[str, Any]:
    """Name -> value, as declared in dbt_project.yml."""
    return read_yaml(PROJECT_DIR / "icon_dbt" / "dbt_project.yml")["vars"]
