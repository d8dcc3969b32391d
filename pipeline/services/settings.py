"""Which settings are in force, where each came from, and a stamp that changes with the data."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.config import SETTINGS, Settings, load_settings


@dataclass(frozen=True)
class SettingRow:
    """One setting as the settings page shows it."""

    name: str
    value: str
    origin: str
    env_var: str
    default: str
    help: str


def current_settings() -> Settings:
    """The settings of this process: environment first, then defaults."""
    return load_settings()


def setting_rows(settings: Settings) -> tuple[SettingRow, ...]:
    """Every setting with its value and where that came from."""
    origins = dict(settings.origins)
    return tuple(
        SettingRow(each.name, str(getattr(settings, each.name)), origins.get(each.name, "default"), each.env_var,
                   each.default, each.help)
        for each in SETTINGS
    )


def data_stamp(settings: Settings) -> tuple:
    """Changes with every commit to the warehouse or the control file; answers may be kept as long as it stays the same."""
    files = [path for base in (settings.warehouse_path, settings.control_path) for path in (base, _write_ahead_log(base))]
    return (str(settings.home), *(_size_and_time(path) for path in files))


def _write_ahead_log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
