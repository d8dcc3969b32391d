"""The table of settings; command line, the page Settings, docs and tests all read it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config.project import PROJECT_DIR, data_dir, is_checkout, plan_dir
from pipeline.config.values import (
    builder,
    count,
    folder,
    not_negative,
    optional_path,
    positive,
    share,
    shared_count,
    stream_address,
    syslog_address,
    web_address,
    yes_or_no,
)


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
        "recipe_corrections",
        "11",
        shared_count,
        "Rows of one sender (11 or more) with the same correction from which on it is offered for the sender's recipe.",
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
)
