"""Which settings are in force, where each came from, and a stamp that changes with the data."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Settings, home_settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.config.table import SETTINGS
from pipeline.config.values import as_words
from pipeline.store.sqlite.change_stamp import stamp
from pipeline.store.sqlite.query_limit import limited

__all__ = ["SettingRow", "Settings", "current_settings", "data_stamp", "limited", "setting_rows"]


@dataclass(frozen=True)
class SettingRow:
    """One setting as the settings page shows it."""

    name: str
    value: str
    origin: str
    env_var: str
    default: str
    help: str
    is_editable: bool


def current_settings() -> Settings:
    """The settings of this process: environment first, then its home, then defaults."""
    return load_settings()


def setting_rows(settings: Settings) -> tuple[SettingRow, ...]:
    """Every setting with its value and where that came from."""
    origins = dict(settings.origins)
    return tuple(
        SettingRow(
            setting.name,
            _display_value(getattr(settings, setting.name)),
            origins.get(setting.name, "default"),
            setting.env_var,
            setting.default,
            setting.help,
            setting.is_editable,
        )
        for setting in SETTINGS
    )


def _display_value(value: object) -> str:
    """The value in words; a path inside the project as it is seen from there."""
    if isinstance(value, Path) and value.is_relative_to(PROJECT_DIR):
        return str(value.relative_to(PROJECT_DIR))
    return as_words(value)


def data_stamp(settings: Settings, of_warehouse_alone: bool = False) -> tuple:
    """Changes with every commit and every setting of the home that an answer may depend on; answers
    may be kept as long as it stays the same.
    """
    files = (
        (settings.warehouse_path,)
        if of_warehouse_alone
        else (settings.warehouse_path, settings.control_path)
    )
    return (str(settings.home), home_settings.stamp(settings.home), *map(stamp, files))
