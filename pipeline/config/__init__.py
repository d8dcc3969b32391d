"""The settings in force: from arguments, the environment, the home and the table's defaults."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import home_settings
from pipeline.config.setting import Setting
from pipeline.config.table import SETTINGS
from pipeline.config.values import as_words
from pipeline.errors import InputRefused


@dataclass(frozen=True)
class Settings:
    """The values in force and, per setting, where each came from (`argument`, `environment`,
    `home` or `default`).
    """

    home: Path
    target: str
    builder: str
    plan_dir: Path
    build_after_load: bool
    gate_threshold: float
    max_upload_mb: int
    max_columns: int
    max_rows: int
    max_cell_mb: int
    max_unpacked_mb: int
    max_unpack_ratio: int
    min_free_mb: int
    wait_seconds: float
    lease_seconds: float
    clock_leap_days: float
    query_seconds: float
    kept_run_steps: int
    stall_seconds: float
    session_hours: float
    roles_file: Path | None
    alerts_file: Path | None
    openlineage_file: Path | None
    airflow_url: str
    idle_minutes: float
    four_eyes: bool
    reveal_minutes: float
    audit_syslog: str
    retention_days: float
    cause_seconds: float
    reject_threshold: float
    recipe_corrections: int
    stream_source: str
    stream_config: Path | None
    stream_inbox_mb: int
    stream_message_kb: int
    drift_psi: float
    drift_ks: float
    drift_missing: float
    drift_min_entities: int
    feast_python: Path
    feast_store: Path | None
    origins: tuple[tuple[str, str], ...]

    def as_text(self) -> dict[str, str]:
        """Every setting with its value in words."""
        return {setting.name: as_words(getattr(self, setting.name)) for setting in SETTINGS}

    def given(self) -> dict[str, Any]:
        """What this process was given beside the defaults, its environment and its home: arguments,
        and values that were replaced. With the home that it is about.
        """
        origins = dict(self.origins)
        given = {
            setting.name: getattr(self, setting.name)
            for setting in SETTINGS
            if origins.get(setting.name) == "argument"
            or getattr(self, setting.name) != self._as_stated(setting, origins.get(setting.name))
        }
        return {**given, "home": self.home}

    def as_environment(self) -> dict[str, str]:
        """The environment in which a process that this one starts has the same settings. What the
        home sets is not in it: the process reads it there, as it stands then.
        """
        given = self.given()
        named = {
            each.env_var: as_words(given[each.name]) for each in SETTINGS if each.name in given
        }
        return {**os.environ, **named}

    def _as_stated(self, setting: Setting, origin: str | None) -> object:
        """The value of a setting as its origin states it; the one in force where the home does."""
        if origin == "home":
            return getattr(self, setting.name)
        stated = os.environ.get(setting.env_var) if origin == "environment" else None
        return setting.kind(stated or setting.default)

    @property
    def warehouse_path(self) -> Path:
        """The published warehouse."""
        return self.home / "icon_health.db"

    @property
    def control_path(self) -> Path:
        """Decisions, runs and their events; writable while a build holds the warehouse."""
        return self.home / "control.db"

    @property
    def delivered_dir(self) -> Path:
        """Delivered bytes, one file per SHA-256."""
        return self.home / "delivered"

    @property
    def tray_dir(self) -> Path:
        """Files that were dropped on the upload page and wait to be loaded."""
        return self.home / "tray"

    @property
    def login_dir(self) -> Path:
        """Tokens that are not spent yet, one file each, and the port that serves the home."""
        return self.home / "login"

    @property
    def dbt_dir(self) -> Path:
        """dbt target and logs."""
        return self.home / "dbt"

    @property
    def feast_dir(self) -> Path:
        """The feature repository of Feast: its Parquet files, definitions, registry and online
        store.
        """
        return self.home / "feast"

    @property
    def inbox_path(self) -> Path:
        """Messages of streams that came in: those that wait, dead letters, and how far each stream
        was read.
        """
        return self.home / "inbox.db"

    @property
    def drafts_path(self) -> Path:
        """Edits that nobody has saved yet."""
        return self.home / "drafts.db"


def load_settings(**arguments: object) -> Settings:
    """Settings from arguments (first), the environment, the home, and defaults (last).

    Raises InputRefused for a value of the wrong type or out of range.
    """
    values: dict[str, Any] = {}
    origins = []
    of_home: dict[str, str] = {}
    for setting in SETTINGS:
        raw, origin = _stated(setting, arguments.get(setting.name), of_home)
        place = home_settings.path(values["home"]) if origin == "home" else None
        values[setting.name] = valid(setting, raw, place)
        origins.append((setting.name, origin))
        if setting.name == "home":
            values["home"] = values["home"].expanduser().resolve()
            of_home = home_settings.read(values["home"])
    return Settings(origins=tuple(origins), **values)


def reloaded(settings: Settings) -> Settings:
    """The settings as they are by now: the home may set others than when they were loaded."""
    return load_settings(**settings.given())


def valid(setting: Setting, raw: object, file: Path | None = None) -> Any:
    """The value of a setting; raises InputRefused for what is none, with the file that states it
    where one does.
    """
    try:
        return setting.kind(raw)
    except (TypeError, ValueError) as error:
        place = f"setting {setting.name}" + (f" in {file}" if file else "")
        raise InputRefused(f"{raw!r} is no valid value", place, setting.help) from error


def _stated(setting: Setting, argument: object, of_home: dict[str, str]) -> tuple[object, str]:
    """What states a setting first, and where that is."""
    if argument is not None:
        return argument, "argument"
    if os.environ.get(setting.env_var):
        return os.environ[setting.env_var], "environment"
    if setting.name in of_home:
        return of_home[setting.name], "home"
    return setting.default, "default"
