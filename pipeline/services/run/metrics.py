"""Numbers of a home for Prometheus: runs, tables, loads, quarantine, streams, alerts, disk.

What is not known has no sample; it is not 0. Labels are names of ours, so no value of a delivery
is among them.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.config import Settings
from pipeline.config.project import project_version
from pipeline.orchestrate import queue
from pipeline.services.access.roles import SEE, needs
from pipeline.store.control import alerts, lease, publications, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.inbox import letters, messages, positions
from pipeline.store.sqlite.clock import FORMAT
from pipeline.store.sqlite.database import (
    Database,
    open_inbox,
    open_warehouse,
    warehouse_exists,
)
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import loads

#: How Prometheus calls the format.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "icon_health_"


@dataclass(frozen=True)
class Metric:
    """One metric: name without prefix, kind (gauge or counter), help, and samples (labels with
    their value).
    """

    name: str
    kind: str
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...] = field(default=())


@needs(SEE)
def metrics(settings: Settings) -> tuple[Metric, ...]:
    """The numbers as they are now; without a home only what is known without one."""
    return tuple(metric for metric in _metrics(settings) if metric.samples)


def exposition(measured: Iterable[Metric]) -> str:
    """Metrics in Prometheus' text format."""
    lines = []
    for metric in measured:
        name = PREFIX + metric.name
        lines += [f"# HELP {name} {metric.help}", f"# TYPE {name} {metric.kind}"]
        for labels, value in metric.samples:
            inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            lines.append(f"{name}{{{inside}}} {value:.17g}" if inside else f"{name} {value:.17g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _metrics(settings: Settings) -> Iterator[Metric]:
    yield Metric(
        "info", "gauge", "Version of the workbench.", (({"version": project_version()}, 1),)
    )
    if not settings.control_path.exists():
        return
    free = shutil.disk_usage(settings.home).free
    yield _single("home_free_bytes", "Free bytes on the disk of the home.", free)
    queue.close_dead_runs(settings)
    with open_control(settings) as control:
        yield from _of_runs(control)
        yield from _of_alerts(control)
        yield _single(
            "lock_held",
            "Whether a process may write the warehouse now.",
            lease.owner(control) is not None,
        )
    if settings.inbox_path.exists():
        yield from _of_streams(settings)
    if warehouse_exists(settings):
        size = settings.warehouse_path.stat().st_size
        yield _single("warehouse_bytes", "Size of the warehouse file.", size)
        with open_warehouse(settings) as warehouse:
            if has_relation(warehouse, "ops_loads"):
                yield from _of_loads(warehouse)


def _of_runs(control: Database) -> Iterator[Metric]:
    counts = Counter(
        control.execute(
            "select verb, status from ops_runs where status not in ('queued', 'running')"
        ).fetchall()
    )
    yield Metric(
        "runs_total",
        "counter",
        "Runs that have ended.",
        tuple(
            ({"verb": verb, "status": status}, count)
            for (verb, status), count in sorted(counts.items())
        ),
    )
    active = runs.active(control)
    yield _single("run_active", "Whether a run waits or runs.", active is not None)
    ended = next((run for run in runs.listed(control, 50) if run.finished_at), None)
    if ended is not None:
        yield _single(
            "last_run_success",
            "Whether the newest run that has ended published its tables.",
            ended.status in ("succeeded", "held"),
        )
        yield _moment("last_run_end_timestamp_seconds", "When it ended.", ended.finished_at)
        if ended.duration_seconds is not None:
            yield _single("last_run_seconds", "Seconds that it took.", ended.duration_seconds)
    published = runs.last_published(control)
    if published is None:
        return
    yield _moment(
        "published_timestamp_seconds", "When tables were published last.", published.finished_at
    )
    yield Metric(
        "table_rows",
        "gauge",
        "Rows of each published table.",
        tuple(
            ({"table": table["name"], "layer": table["layer"]}, table["rows"])
            for table in publications.tables(control, published.run_id)
        ),
    )
    yield Metric(
        "quarantined_rows",
        "gauge",
        "Open rows in quarantine of each source.",
        tuple(
            ({"source": source}, rows)
            for source, rows in publications.quarantined(control, published.run_id).items()
        ),
    )


def _of_alerts(control: Database) -> Iterator[Metric]:
    present = Counter(alert.event for alert in alerts.open_alerts(control))
    yield Metric(
        "alerts_open",
        "gauge",
        "Alerts whose reason lasts.",
        tuple(({"event": event}, count) for event, count in sorted(present.items())),
    )
    yield _single(
        "alerts_undelivered",
        "Open alerts that a channel did not take.",
        alerts.undelivered(control),
    )


def _of_streams(settings: Settings) -> Iterator[Metric]:
    with open_inbox(settings) as inbox:
        partitions = positions.partitions(inbox)
        open_letters = letters.open_by_reason(inbox)
        yield _single(
            "stream_waiting_bytes",
            "Bytes of messages that wait for a drain.",
            messages.waiting_bytes(inbox),
        )
        yield _single("stream_gaps", "Open gaps in a log.", len(positions.gaps(inbox)))
    yield _single(
        "stream_dead_letters",
        "Messages that are no row, tombstones among them, and wait for a person.",
        sum(open_letters.values()),
    )
    yield Metric(
        "stream_lag_messages",
        "gauge",
        "Messages that wait at the broker, as of the consumer's last look.",
        tuple(
            ({"topic": each.topic, "partition": str(each.partition)}, each.lag)
            for each in partitions
            if each.lag is not None
        ),
    )
    newest: dict[str, str] = {}
    for each in partitions:
        if each.last_sent_at:
            newest[each.topic] = max(newest.get(each.topic, ""), each.last_sent_at)
    yield Metric(
        "stream_last_message_timestamp_seconds",
        "gauge",
        "When the newest message of each topic was sent.",
        tuple(({"topic": topic}, _seconds(at)) for topic, at in sorted(newest.items())),
    )


def _of_loads(warehouse: Database) -> Iterator[Metric]:
    in_force = [load for load in loads.history(warehouse) if load["status"] == "loaded"]
    held = sum(load["gate"] == "held" for load in in_force)
    yield _single("held_loads", "Loads that wait at the batch gate.", held)
    newest: dict[str, str] = {}
    rejected: Counter[str] = Counter()
    for load in in_force:
        source = load["entity"]
        newest[source] = max(newest.get(source, ""), load["loaded_at"])
        rejected[source] += load["rejected"] or 0
    yield Metric(
        "source_loaded_timestamp_seconds",
        "gauge",
        "When the newest load in force of each source came.",
        tuple(({"source": source}, _seconds(at)) for source, at in sorted(newest.items())),
    )
    yield Metric(
        "rejected_lines",
        "gauge",
        "Lines of loads in force that are no rows.",
        tuple(({"source": source}, count) for source, count in sorted(rejected.items())),
    )


def _single(name: str, help: str, value: float) -> Metric:
    return Metric(name, "gauge", help, (({}, value),))


def _moment(name: str, help: str, at: str | None) -> Metric:
    return Metric(name, "gauge", help, (({}, _seconds(at)),) if at else ())


def _seconds(at: str) -> float:
    return datetime.strptime(at, FORMAT).replace(tzinfo=UTC).timestamp()
