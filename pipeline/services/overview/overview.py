"""The state of the data on one page: layers, row flow, what quarantine holds back, what to do
next.
"""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.declared.sources import source_names
from pipeline.services.overview.held_back import HeldBack, held_back
from pipeline.services.overview.layer_states import (
    COUNTED,
    LayerState,
    counted_as_in_ledger,
    layer_states,
)
from pipeline.services.overview.next_action import NextAction, next_action
from pipeline.services.quarantine.shown_effect import rows_told
from pipeline.services.run import selection
from pipeline.services.tables import table_list
from pipeline.services.why import missing_files
from pipeline.services.why.missing_files import Missing
from pipeline.store.control import result_history, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import state


@dataclass(frozen=True)
class Overview:
    """Everything the overview page shows."""

    is_empty: bool
    layers: tuple[LayerState, ...]
    tables: tuple[table_list.TableInfo, ...]
    ledger: pd.DataFrame
    quarantine: dict[str, int]
    holds_back: HeldBack
    last_run: dict | None
    last_delivery_at: str | None
    next_action: NextAction
    missing: Missing
    as_of: str | None
    loads_waiting: int
    decisions_waiting: int
    quality: pd.DataFrame


def overview(settings: Settings) -> Overview:
    """The state of the data; before the first load everything is empty and the next action is to
    load.
    """
    with open_control(settings) as control:
        builds = result_history.layer_builds(control)
        last_run = result_history.last_run(control)
        trend = result_history.quality_trend(control)
        published = runs.last_published(control)
        suggested = published.result.get("suggested_repairs", 0) if published else 0
        counts = result_history.row_counts(control, published.run_id) if published else None
        received = result_history.ledger_trend(control, 2).groupby("run_id")["received"].sum()
        if not warehouse_exists(settings):
            return _empty(last_run, trend)
        with open_warehouse(settings) as warehouse:
            stamp = state.build_stamp(warehouse)
            as_of = stamp["as_of"] if stamp else None
            held = state.loads_held(warehouse)
            delivered = state.last_delivery(warehouse)
            ledger = state.ledger(warehouse)
            quarantine = rows_told(warehouse, state.open_quarantine(warehouse, source_names()))
            holds_back = held_back(warehouse, quarantine)
            missing = missing_files.missing(warehouse)
    tables = tuple(
        info
        for layer in Layer
        for info in table_list.tables(settings, layer.label, COUNTED.get(layer, ("",)))
    )
    fresh = selection.freshness(settings)
    waiting, changed = fresh.loads, fresh.decisions
    layers = layer_states(tables, builds, fresh.layers_behind, counts)
    if ledger.size:
        layers = (counted_as_in_ledger(layers[0], ledger, received), *layers[1:])
    return Overview(
        is_empty=delivered is None and not ledger.size,
        layers=layers,
        tables=tables,
        ledger=ledger,
        quarantine=quarantine,
        holds_back=holds_back,
        last_run=last_run,
        last_delivery_at=delivered,
        as_of=as_of,
        loads_waiting=waiting,
        decisions_waiting=changed,
        quality=trend,
        missing=missing,
        next_action=next_action(
            delivered, last_run, waiting, held, changed, layers, holds_back, suggested, missing
        ),
    )


def _empty(last_run: dict | None, trend: pd.DataFrame) -> Overview:
    layers = tuple(
        LayerState(layer.label, layer.medallion, "never built", None, 0, 0) for layer in Layer
    )
    held = HeldBack(0, 0, 0, 0.0, None)
    return Overview(
        True,
        layers,
        (),
        pd.DataFrame(),
        {},
        held,
        last_run,
        None,
        next_action(None, last_run, 0, 0, 0, layers, held, 0),
        Missing(),
        None,
        0,
        0,
        trend,
    )
