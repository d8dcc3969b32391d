"""Settings: one table that the command line, the settings page, the docs and the tests all read."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import InputRefused

#: The tree of the project: the top of a checkout, or the folder that a wheel brought.
PROJECT_DIR = Path(__file__).resolve().parent.parent
#: Who can carry out a build.
BUILDERS = ("plan", "dbt")
SYSLOG = re.compile(
    r"(?P<kind>udp|tcp)://(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?P<port>[0-9]{1,5})|unix:(?P<path>/.+)"
)
#: Of the address of a stream its broker, where that is, and the topics or subscriptions.
STREAM = re.compile(
    r"(?:(?P<kafka>kafka)://(?P<servers>[^/,@\s]+:[0-9]+(?:,[^/,@\s]+:[0-9]+)*)|pubsub://(?P<project>[\w.:-]+))"
    r"/(?P<topics>[\w.-]+(?:,[\w.-]+)*)"
)
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


def _data_dir() -> Path:
    """Where the data of a user belong: beside the code in a checkout, else where the system keeps
    them, the same from whatever folder the command is called.
    """
    if is_checkout():
        return PROJECT_DIR / "data"
    from platformdirs import user_data_path

    return user_data_path("icon-health", appauthor=False)


def _plan_dir() -> Path:
    """Where build plans are kept: beside dbt's own compiled files in a checkout, else where the
    system keeps what can be made again.
    """
    if is_checkout():
        return PROJECT_DIR / "icon_dbt" / "target" / "plans"
    from platformdirs import user_cache_path

    return user_cache_path("icon-health", appauthor=False) / "plans"


def share(text: Any) -> float:
    """A number from 0 to 1; raises ValueError for any other."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is not between 0 and 1")
    return value


def positive(text: Any) -> float:
    """A number above 0, of seconds for example; raises ValueError for any other."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(f"{value} is not above 0")
    return value


def not_negative(text: Any) -> float:
    """A number from 0 on; raises ValueError for any other."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(f"{value} is below 0")
    return value


def count(text: Any) -> int:
    """A whole number from 1 on; raises ValueError for any other."""
    value = int(text)
    if value < 1:
        raise ValueError(f"{value} is less than 1")
    return value


@dataclass(frozen=True)
class Setting:
    """One setting: its name, default, what turns text into its value, help text and environment
    variable.
    """

    name: str
    default: str
    kind: Callable[[Any], object]
    help: str

    @property
    def env_var(self) -> str:
        return f"ICON_HEALTH_{self.name.upper()}"


def _folder(text: Any) -> Path:
    """A folder by its name; raises ValueError for none, which would be the folder that one happens
    to stand in.
    """
    if not str(text).strip() or "\0" in str(text):
        raise ValueError("no folder is named")
    return Path(text)


def _builder(text: object) -> str:
    """Who builds; raises ValueError for anybody else."""
    if text not in BUILDERS:
        raise ValueError(f"{text!r} is none of {', '.join(BUILDERS)}")
    return str(text)


def yes_or_no(text: object) -> bool:
    """True for yes, true and 1, False for no, false and 0; raises ValueError for anything else."""
    word = str(text).strip().lower()
    if word not in ("yes", "true", "1", "no", "false", "0"):
        raise ValueError(f"{text!r} is neither yes nor no")
    return word in ("yes", "true", "1")


def syslog_address(text: object) -> str:
    """The address of a syslog, '' for none; raises ValueError for what is no address."""
    address = str(text).strip()
    parts = SYSLOG.fullmatch(address)
    if address and (parts is None or int(parts["port"] or 0) > 65535):
        raise ValueError("is neither udp://HOST:PORT, tcp://HOST:PORT nor unix:/PATH")
    return address


def stream_address(text: object) -> str:
    """The address of a stream, '' for none; raises ValueError for what is no address."""
    address = str(text).strip()
    if address and STREAM.fullmatch(address) is None:
        raise ValueError("is neither kafka://HOST:PORT/TOPIC nor pubsub://PROJECT/SUBSCRIPTION")
    return address


def web_address(text: object) -> str:
    """An address of a server that gets a password, '' for none: HTTPS, or HTTP on this machine;
    raises ValueError for what is no such address.
    """
    address = str(text).strip().rstrip("/")
    if not address:
        return ""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    host, _ = parts.hostname or "", parts.port
    if parts.scheme not in ("http", "https") or not host or any(map(str.isspace, address)):
        raise ValueError("is no http or https address")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("holds more than host and path")
    if parts.scheme == "http" and host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("is not this machine, and no https address")
    return address


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None


SETTINGS = (
    Setting(
        "home",
        str(_data_dir() / "warehouse"),
        _folder,
        "Folder that holds everything a run writes: warehouse, control file, delivered bytes, dbt target and logs.",
    ),
    Setting("target", "sqlite", str, "dbt target, that is the engine that builds the models."),
    Setting(
        "builder",
        "plan",
        _builder,
        "Who carries out a build: plan (dbt's own statements as recorded, dbt where none are known) or dbt.",
    ),
    Setting(
        "plan_dir",
        str(_plan_dir()),
        _folder,
        "Folder of the recorded build plans, the same for all homes.",
    ),
    Setting(
        "gate_threshold",
        "0.25",
        share,
        "Share of quarantined rows (0 to 1) above which a load waits at the batch gate (rule FIL-10).",
    ),
    Setting("max_upload_mb", "2048", count, "Largest file in MB that the upload page takes."),
    Setting("max_columns", "5000", count, "Most columns that a delivered file may have."),
    Setting("max_rows", "50000000", count, "Most rows that a delivered file may have."),
    Setting("max_cell_mb", "8", count, "Largest cell of a delivered file in MB."),
    Setting(
        "max_unpacked_mb",
        "16384",
        count,
        "Largest size in MB of a delivered file once unpacked (gzip, ZIP, workbook, Parquet).",
    ),
    Setting(
        "max_unpack_ratio",
        "200",
        count,
        "How many times larger a delivered file may become by unpacking; counted above 16 MB.",
    ),
    Setting(
        "min_free_mb",
        "256",
        count,
        "Free space in MB that has to be left on the disk of the home after a file was loaded.",
    ),
    Setting(
        "wait_seconds",
        "30",
        not_negative,
        "Seconds that a verb that writes waits for the run or the lock of somebody else (option --wait).",
    ),
    Setting(
        "lease_seconds",
        "30",
        positive,
        "Seconds without a sign of life after which another process may take over the right to write the warehouse.",
    ),
    Setting(
        "clock_leap_days",
        "366",
        positive,
        "Days from the newest load on after which a new one is refused, since the machine's clock is wrong then.",
    ),
    Setting(
        "query_seconds",
        "20",
        positive,
        "Seconds after which a page gives up on a question to the database, and says so.",
    ),
    Setting(
        "kept_run_steps",
        "100",
        count,
        "Newest runs whose steps are kept, each some 300 rows; what older runs came to stays.",
    ),
    Setting(
        "stall_seconds",
        "900",
        positive,
        "Seconds after which a build ends in which nothing moves: no step begins or ends, and no statement works.",
    ),
    Setting(
        "session_hours",
        "12",
        positive,
        "Hours after which somebody who logged in has to log in again.",
    ),
    Setting(
        "roles_file",
        "",
        _optional_path,
        "TOML file that gives people roles where a login by OpenID Connect is configured; see docs/access.md.",
    ),
    Setting(
        "alerts_file",
        "",
        _optional_path,
        "TOML file that says who is told of failed, held and late runs and the like; see docs/operate.md.",
    ),
    Setting(
        "openlineage_file",
        "",
        _optional_path,
        "YAML file of the OpenLineage client that says where the events of each run are sent; see docs/operate.md.",
    ),
    Setting(
        "airflow_url",
        "",
        web_address,
        "Address of the Airflow 3 that runs the DAGs, for its last runs on the page Run (empty: none); see docs/operate.md.",
    ),
    Setting(
        "idle_minutes",
        "60",
        positive,
        "Minutes without a click after which somebody who logged in has to log in again.",
    ),
    Setting(
        "four_eyes",
        "no",
        yes_or_no,
        "yes: a waiver or a release counts only after another login has approved it.",
    ),
    Setting(
        "reveal_minutes",
        "0",
        not_negative,
        "Most minutes for which a masked table may be revealed to a login that may do so (0: never).",
    ),
    Setting(
        "audit_syslog",
        "",
        syslog_address,
        "Where the head of the audit trail is sent whenever it moves: udp://HOST:PORT, tcp://HOST:PORT or unix:/PATH (empty: nowhere).",
    ),
    Setting(
        "retention_days",
        "0",
        not_negative,
        "Days after which `purge --expired` takes a load out of the home for good (0: never).",
    ),
    Setting(
        "cause_seconds",
        "120",
        not_negative,
        "Seconds that a run whose step failed may look for the load, line and column that make it fail (0: not at all).",
    ),
    Setting(
        "reject_threshold",
        "0.5",
        share,
        "Share of lines that are no row (0 to 1) above which a file is refused as cut off or not a table.",
    ),
    Setting(
        "stream_source",
        "",
        stream_address,
        "Where messages come from: kafka://HOST:PORT[,HOST:PORT]/TOPIC[,TOPIC] or pubsub://PROJECT/SUBSCRIPTION[,...] (empty: nowhere).",
    ),
    Setting(
        "stream_config",
        "",
        _optional_path,
        "TOML file with further settings of the client of the broker, as for TLS and logins; see docs/operate.md.",
    ),
    Setting(
        "stream_inbox_mb",
        "1024",
        count,
        "Most MB of messages that wait in the inbox for a drain; a consumer stands still there.",
    ),
    Setting(
        "stream_message_kb",
        "1024",
        count,
        "Largest message in kB; a larger one becomes a dead letter.",
    ),
    Setting(
        "drift_psi",
        "0.2",
        positive,
        "Population stability index above which a feature has drifted, if it is also beyond chance.",
    ),
    Setting(
        "drift_ks",
        "0.2",
        share,
        "Kolmogorov-Smirnov distance (0 to 1) above which a feature has drifted, if it is also beyond chance.",
    ),
    Setting(
        "drift_missing",
        "0.1",
        share,
        "Change of the share of missing values (0 to 1) above which a feature has drifted, if it is also beyond chance.",
    ),
    Setting(
        "drift_min_entities",
        "50",
        count,
        "Entities below which a feature that shows no drift is not called stable, since there are too few to tell.",
    ),
    Setting(
        "feast_python",
        str((PROJECT_DIR if is_checkout() else _data_dir()) / ".venv-feast" / "bin" / "python"),
        Path,
        "Python of the environment that holds Feast (make feast); features push runs it.",
    ),
    Setting(
        "feast_store",
        "",
        _optional_path,
        "YAML file with online_store, and registry if wanted, of Feast; empty: SQLite in the home.",
    ),
)


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
