"""The state of a home in one look, fast enough for a prompt: layers, rows by table, open
quarantine, loads, last run.
"""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.orchestrate.queue import close_dead_runs
from pipeline.services.access import audit
from pipeline.services.access.audit import AuditState
from pipeline.services.access.roles import SEE, needs
from pipeline.store.control import publications, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import builds, judged_loads


@dataclass(frozen=True)
class LayerStatus:
    """One layer: `status` is built or never built, `built_at` UTC text, `rows` the sum over its
    `tables`.
    """

    name: str
    medallion: str
    status: str
    built_at: str | None
    tables: int
    rows: int


@dataclass(frozen=True)
class TableStatus:
    """One published table and its rows as of the last build."""

    name: str
    layer: str
    rows: int


@dataclass(frozen=True)
class Status:
    """Everything at a glance; `freshness` is the newest load in force of each source (UTC text),
    `loads_waiting` how many loads came, went or were decided about since the last build.
    """

    home: str
    as_of: str | None
    build_id: str | None
    layers: tuple[LayerStatus, ...]
    tables: tuple[TableStatus, ...]
    quarantine: dict[str, int]
    freshness: dict[str, str]
    loads_waiting: int
    held_loads: tuple[str, ...]
    active_run: dict | None
    last_run: dict | None
    audit: AuditState


@needs(SEE)
def status(settings: Settings) -> Status:
    """The state of this home; empty but whole before the first load."""
    close_dead_runs(settings)
    with open_control(settings) as control:
        newest = runs.recent(control, 1)
        active = runs.active(control)
        published = runs.last_published(control)
        tables = (
            tuple(TableStatus(**row) for row in publications.tables(control, published.run_id))
            if published
            else ()
        )
        built_at = publications.built_at(control)
        quarantine = publications.quarantined(control, published.run_id) if published else {}
    stamp, freshness, waiting = {}, {}, 0
    held: tuple[str, ...] = ()
    if warehouse_exists(settings):
        with open_warehouse(settings) as warehouse:
            if has_relation(warehouse, "ops_loads"):
                stamp = builds.newest_stamp(warehouse) or {}
                held = tuple(judged_loads.held_loads(warehouse))
                waiting = judged_loads.loads_waiting(warehouse)
                freshness = loads_by_source(judged_loads.active_loads(warehouse))
    return Status(
        str(settings.home),
        stamp.get("as_of"),
        stamp.get("build_id"),
        tuple(_layer(layer, tables, built_at.get(layer.label)) for layer in Layer),
        tables,
        quarantine,
        freshness,
        waiting,
        held,
        _short(active),
        _short(newest[0]) if newest else None,
        audit.verify(settings),
    )


def loads_by_source(active_loads: list[dict]) -> dict[str, str]:
    """Source -> when its newest load in force came."""
    return {load["entity"]: load["loaded_at"] for load in active_loads}


def _layer(layer: Layer, tables: tuple[TableStatus, ...], built_at: str | None) -> LayerStatus:
    own = [table for table in tables if table.layer == layer.label]
    return LayerStatus(
        layer.label,
        layer.medallion,
        "built" if built_at else "never built",
        built_at,
        len(own),
        sum(table.rows for table in own),
    )


def _short(run: runs.Run | None) -> dict | None:
    if run is None:
        return None
    return {
        "run_id": run.run_id,
        "verb": run.verb,
        "status": run.status,
        "layers": list(run.layers),
        "as_of": run.as_of,
        "requested_by": run.requested_by,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "duration_seconds": run.duration_seconds,
        "error": run.error,
    }
