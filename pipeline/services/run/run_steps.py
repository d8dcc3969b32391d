"""The steps of a run: how far it is, and what each said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.services.access.roles import SEE, needs
from pipeline.services.run import runs
from pipeline.services.run.time_left import time_left
from pipeline.store.control import run_nodes
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.clock import utc_now

if TYPE_CHECKING:
    import pandas as pd

NODE_COLUMNS = [
    "node",
    "name",
    "layer",
    "kind",
    "status",
    "started_at",
    "seconds",
    "rows",
    "failures",
    "message",
]
LOG_LINES = 1000


@dataclass(frozen=True)
class Progress:
    """A run as it goes: its nodes (columns NODE_COLUMNS), how many of them ended, an estimate of
    the time left, and whether it takes longer than usual.
    """

    run: Run
    nodes: pd.DataFrame
    done: int
    total: int
    seconds_left: float | None
    log_tail: str
    is_longer_than_usual: bool = False


def no_steps() -> pd.DataFrame:
    """The steps of a run that has none yet."""
    import pandas as pd

    return pd.DataFrame(columns=NODE_COLUMNS)


@needs(SEE)
def progress(settings: Settings, run_id: str) -> Progress:
    """How far a run is. `seconds_left` comes from what the steps took in the last published run and
    from the pace of this one; it is None without an earlier run, and before the first step.
    """
    import pandas as pd

    run = runs.get(settings, run_id)
    with open_control(settings) as control:
        nodes = run_nodes.of_run(control, run_id)
        typical = run_nodes.typical_seconds(control) if run.is_active else {}
    ended = [node for node in nodes if node["status"] not in ("queued", "running")]
    left = time_left(nodes, typical, utc_now()) if run.is_active else None
    return Progress(
        run,
        pd.DataFrame(nodes, columns=NODE_COLUMNS),
        len(ended),
        len(nodes),
        left.seconds if left else None,
        _log_of(run, nodes),
        left is not None and left.is_longer_than_usual,
    )


@needs(SEE)
def steps_of_tables(settings: Settings, progress: Progress) -> pd.DataFrame:
    """The steps that made the tables which a run left: its own, or where it found nothing new
    those of the run that built them.
    """
    import pandas as pd

    built_by = progress.run.result.get("unchanged_since")
    if not built_by:
        return progress.nodes
    with open_control(settings) as control:
        return pd.DataFrame(run_nodes.of_run(control, built_by), columns=NODE_COLUMNS)


def _detail(node: dict) -> str:
    """What dbt said: in full under a step that failed, in one line after a warning."""
    if not node["message"] or node["status"] not in ("error", "warn"):
        return ""
    if node["status"] == "warn":
        return f" {' '.join(node['message'].split())}"
    return "".join(
        f"\n    {line.rstrip()}" for line in node["message"].splitlines() if line.strip()
    )


def _log_of(run: Run, nodes: list[dict]) -> str:
    lines = [f"{run.requested_at} {run.verb} asked for by {run.requested_by}"]
    for node in nodes:
        if node["status"] not in ("queued", "running") and node["started_at"]:
            seconds = f" {node['seconds']:.2f} s" if node["seconds"] is not None else ""
            lines.append(
                f"{node['started_at']} {node['status']:<7} {node['kind']} {node['name']}{seconds}{_detail(node)}"
            )
    if run.finished_at:
        lines.append(f"{run.finished_at} {run.status}{f': {run.error}' if run.error else ''}")
    return "\n".join(lines[-LOG_LINES:])
