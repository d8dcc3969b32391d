"""The settings in force: from arguments, the environment and the defaults of the table."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config.table import SETTINGS
from pipeline.errors import InputRefused


@dataclass(frozen=True)
class Settings:
    """The values in force and, per setting, where each came from (`argument`, `environment` or
    `default`).
    """

    home: Path
    target: str
    builder: str
    plan_dir: Path
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
        return {setting.name: str(getattr(self, setting.name)) for setting in SETTINGS}

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
    """Settings from arguments (first), the environment, and defaults (last).

    Raises InputRefused for a value of the wrong type or out of range.
    """
    values: dict[str, Any] = {}
    origins = []
    raw: object
    for setting in SETTINGS:
        if arguments.get(setting.name) is not None:
            raw, origin = arguments[setting.name], "argument"
        elif os.environ.get(setting.env_var):
            raw, origin = os.environ[setting.env_var], "environment"
        else:
            raw, origin = setting.default, "default"
        try:
            values[setting.name] = setting.kind(raw)
        except (TypeError, ValueError) as error:
            raise InputRefused(
                f"{raw!r} is no valid value", f"setting {setting.name}", setting.help
            ) from error
        origins.append((setting.name, origin))
    values["home"] = values["home"].expanduser().resolve()
    return Settings(origins=tuple(origins), **values)
