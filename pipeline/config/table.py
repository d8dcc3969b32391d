"""The table of settings; command line, the page Settings, docs and tests all read it."""

from pathlib import Path

from pipeline.config.limits import LIMITS
from pipeline.config.project import PROJECT_DIR, data_dir, is_checkout, plan_dir
from pipeline.config.setting import Setting
from pipeline.config.values import (
    builder,
    folder,
    not_negative,
    optional_path,
    positive,
    stream_address,
    syslog_address,
    web_address,
    yes_or_no,
)

SETTINGS = (
    Setting(
        "home",
        str(data_dir() / "warehouse"),
        folder,
        "Folder that holds everything a run writes: warehouse, control file, delivered bytes, dbt target and logs.",
    ),
    Setting("target", "sqlite", str, "dbt target, that is the engine that builds the models."),
    Setting(
        "builder",
        "plan",
        builder,
        "Who carries out a build: plan (dbt's own statements as recorded, dbt where none are known) or dbt.",
    ),
    Setting(
        "plan_dir",
        str(plan_dir()),
        folder,
        "Folder of the recorded build plans, the same for all homes.",
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
        "session_hours",
        "12",
        positive,
        "Hours after which somebody who logged in has to log in again.",
    ),
    Setting(
        "roles_file",
        "",
        optional_path,
        "TOML file that gives people roles where a login by OpenID Connect is configured; see docs/access.md.",
    ),
    Setting(
        "alerts_file",
        "",
        optional_path,
        "TOML file that says who is told of failed, held and late runs and the like; see docs/operate.md.",
    ),
    Setting(
        "openlineage_file",
        "",
        optional_path,
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
        "stream_source",
        "",
        stream_address,
        "Where messages come from: kafka://HOST:PORT[,HOST:PORT]/TOPIC[,TOPIC] or pubsub://PROJECT/SUBSCRIPTION[,...] (empty: nowhere).",
    ),
    Setting(
        "stream_config",
        "",
        optional_path,
        "TOML file with further settings of the client of the broker, as for TLS and logins; see docs/operate.md.",
    ),
    Setting(
        "feast_python",
        str((PROJECT_DIR if is_checkout() else data_dir()) / ".venv-feast" / "bin" / "python"),
        Path,
        "Python of the environment that holds Feast (make feast); features push runs it.",
    ),
    Setting(
        "feast_store",
        "",
        optional_path,
        "YAML file with online_store, and registry if wanted, of Feast; empty: SQLite in the home.",
    ),
    *LIMITS,
)
