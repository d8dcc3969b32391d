"""The tree of the project, its version, and where the data of a user belong."""

import os
from functools import lru_cache
from pathlib import Path

#: The tree of the project: the top of a checkout, or the folder that a wheel brought.
PROJECT_DIR = Path(__file__).resolve().parents[2]
_PYPROJECT = PROJECT_DIR / "pyproject.toml"


def is_checkout() -> bool:
    """Whether this is a checkout; an installed wheel brings no pyproject.toml."""
    return _PYPROJECT.is_file()


@lru_cache(maxsize=1)
def project_version() -> str:
    """The version of this project."""
    if not is_checkout():
        from importlib import metadata

        return metadata.version("icon-health-workbench")
    import tomllib

    with open(_PYPROJECT, "rb") as file:
        return tomllib.load(file)["project"]["version"]


def python_path() -> str:
    """PYTHONPATH with which a child process finds the tree from whatever folder it runs in."""
    return os.pathsep.join(filter(None, (str(PROJECT_DIR), os.environ.get("PYTHONPATH"))))


def data_dir() -> Path:
    """Where the data of a user belong: beside the code in a checkout, else where the system keeps
    them, the same from whatever folder the command is called.
    """
    if is_checkout():
        return PROJECT_DIR / "data"
    from platformdirs import user_data_path

    return user_data_path("icon-health", appauthor=False)


def plan_dir() -> Path:
    """Where build plans are kept: beside dbt's own compiled files in a checkout, else where the
    system keeps what can be made again.
    """
    if is_checkout():
        return PROJECT_DIR / "icon_dbt" / "target" / "plans"
    from platformdirs import user_cache_path

    return user_cache_path("icon-health", appauthor=False) / "plans"
