"""The settings that may be set in a home: limits, how long and how much, and when builds start."""

from collections.abc import Callable
from typing import Any

from pipeline.config.setting import Setting
from pipeline.config.values import (
    count,
    not_negative,
    positive,
    share,
    shared_count,
    yes_or_no,
)


def limit(name: str, default: str, kind: Callable[[Any], object], help: str) -> Setting:
    """A setting that may be set in a home."""
    return Setting(name, default, kind, help, is_editable=True)


LIMITS = (
    limit(
        "build_after_load",
        "no",
        yes_or_no,
        "yes: whatever changes on a page what is loaded (load, undo, redo, release) asks for a build at once.",
    ),
    limit(
        "gate_threshold",
        "0.25",
        share,
        "Share of quarantined rows (0 to 1) above which a load waits at the batch gate (rule FIL-10).",
    ),
    limit(
        "max_upload_mb",
        "2048",
        count,
        "Largest file in MB that the upload page takes.",
    ),
    limit(
        "max_columns",
        "5000",
        count,
        "Most columns that a delivered file may have.",
    ),
    limit(
        "max_rows",
        "50000000",
        count,
        "Most rows that a delivered file may have.",
    ),
    limit(
        "max_cell_mb",
        "8",
        count,
        "Largest cell of a delivered file in MB.",
    ),
    limit(
        "max_unpacked_mb",
        "16384",
        count,
        "Largest size in MB of a delivered file once unpacked (gzip, ZIP, workbook, Parquet).",
    ),
    limit(
        "max_unpack_ratio",
        "200",
        count,
        "How many times larger a delivered file may become by unpacking; counted above 16 MB.",
    ),
    limit(
        "min_free_mb",
        "256",
        count,
        "Free space in MB that has to be left on the disk of the home after a file was loaded.",
    ),
    limit(
        "wait_seconds",
        "30",
        not_negative,
        "Seconds that a verb that writes waits for the run or the lock of somebody else (option --wait).",
    ),
    limit(
        "query_seconds",
        "20",
        positive,
        "Seconds after which a page gives up on a question to the database, and says so.",
    ),
    limit(
        "kept_run_steps",
        "100",
        count,
        "Newest runs whose steps are kept, each some 300 rows; what older runs came to stays.",
    ),
    limit(
        "stall_seconds",
        "900",
        positive,
        "Seconds after which a build ends in which nothing moves: no step begins or ends, and no statement works.",
    ),
    limit(
        "retention_days",
        "0",
        not_negative,
        "Days after which `purge --expired` takes a load out of the home for good (0: never).",
    ),
    limit(
        "cause_seconds",
        "120",
        not_negative,
        "Seconds that a run whose step failed may look for the load, line and column that make it fail (0: not at all).",
    ),
    limit(
        "reject_threshold",
        "0.5",
        share,
        "Share of lines that are no row (0 to 1) above which a file is refused as cut off or not a table.",
    ),
    limit(
        "recipe_corrections",
        "11",
        shared_count,
        "Rows of one sender (11 or more) with the same correction from which on it is offered for the sender's recipe.",
    ),
    limit(
        "stream_inbox_mb",
        "1024",
        count,
        "Most MB of messages that wait in the inbox for a drain; a consumer stands still there.",
    ),
    limit(
        "stream_message_kb",
        "1024",
        count,
        "Largest message in kB; a larger one becomes a dead letter.",
    ),
    limit(
        "drift_psi",
        "0.2",
        positive,
        "Population stability index above which a feature has drifted, if it is also beyond chance.",
    ),
    limit(
        "drift_ks",
        "0.2",
        share,
        "Kolmogorov-Smirnov distance (0 to 1) above which a feature has drifted, if it is also beyond chance.",
    ),
    limit(
        "drift_missing",
        "0.1",
        share,
        "Change of the share of missing values (0 to 1) above which a feature has drifted, if it is also beyond chance.",
    ),
    limit(
        "drift_min_entities",
        "50",
        count,
        "Entities below which a feature that shows no drift is not called stable, since there are too few to tell.",
    ),
)
