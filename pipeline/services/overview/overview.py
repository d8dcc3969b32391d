"""The state of the house on one page: layers, row flow, what quarantine holds back, what to do
next.
"""

import json
from dataclasses import dataclass, replace

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.declared.sources import source_names
from pipeline.services.run import selection
from pipeline.services.tables import browse
from pipeline.store.control import result_history, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import state


@dataclass(frozen=True)
class LayerState:
    """One layer: `state` is never built, up to date or out of date; `built_at` is UTC ISO; `rows`
    counts its tables.

    `change` is how many rows more (or fewer) the last run left than the one before; None when there
    is no run before.
    """

    label: str
    medallion: str
    state: str
    built_at: str | None
    tables: int
    rows: int
    change: int | None = None


@dataclass(frozen=True)
class HeldBack:
    """What open quarantine keeps out of silver: rows by source and dollars of encounters, of all
    dollars known.
    """

    rows: int
    encounters: int
    adverse_events: int
    paid_usd: float
    paid_share: float | None


@dataclass(frozen=True)
class NextAction:
    """The most useful next step: what, why, and the page (a script of `pages/`) where it is done;
    `builds` starts a build first.
    """

    title: str
    why: str
    page: str
    button: str
    builds: bool = False


@dataclass(frozen=True)
class Overview:
    """Everything the overview page shows."""

    is_empty: bool
    layers: tuple[LayerState, ...]
    tables: tuple[browse.TableInfo, ...]
    ledger: pd.DataFrame
    quarantine: dict[str, int]
    holds_back: HeldBack
    last_run: dict | None
    last_delivery_at: str | None
    next_action: NextAction
    as_of: str | None
    loads_waiting: int
    decisions_waiting: int
    quality: pd.DataFrame


#: In bronze only what was delivered is counted: every other relation repeats it.
COUNTED = {Layer.LANDING_ZONE: ("raw_",)}


def overview(settings: Settings) -> Overview:
    """The state of the house; before the first load everything is empty and the next action is to
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
            quarantine = state.open_quarantine(warehouse, source_names())
            held_back = _held_back(warehouse, quarantine)
    tables = tuple(
        info
        for layer in Layer
        for info in browse.tables(settings, layer.label, COUNTED.get(layer, ("",)))
    )
    fresh = selection.freshness(settings)
    waiting, changed = fresh.loads, fresh.decisions
    layers = _layers(tables, builds, fresh.layers_behind, counts)
    if ledger.size:
        layers = (_as_in_ledger(layers[0], ledger, received), *layers[1:])
    return Overview(
        is_empty=delivered is None and not ledger.size,
        layers=layers,
        tables=tables,
        ledger=ledger,
        quarantine=quarantine,
        holds_back=held_back,
        last_run=last_run,
        last_delivery_at=delivered,
        as_of=as_of,
        loads_waiting=waiting,
        decisions_waiting=changed,
        quality=trend,
        next_action=_next_action(
            delivered, last_run, waiting, held, changed, layers, held_back, suggested
        ),
    )


def _layers(
    tables: tuple[browse.TableInfo, ...],
    builds: list[tuple[str, str]],
    behind: frozenset[str],
    counts: pd.DataFrame | None,
) -> tuple[LayerState, ...]:
    """A layer is out of date when something waits to be built in or one of its models is behind."""
    states = []
    for layer in Layer:
        own = [info for info in tables if info.layer == layer.label]
        built_at = next(
            (
                finished
                for built_layer, finished in builds
                if layer.label in _layers_of(built_layer)
            ),
            None,
        )
        produced = [info for info in own if not info.name.startswith("raw_")]
        state = (
            "never built"
            if built_at is None or not produced
            else "out of date"
            if layer.label in behind
            else "up to date"
        )
        states.append(
            LayerState(
                layer.label,
                layer.medallion,
                state,
                built_at,
                len(own),
                _main_rows(layer, own),
                _change(layer, own, counts),
            )
        )
    return tuple(states)


def _change(
    layer: Layer, tables: list[browse.TableInfo], counts: pd.DataFrame | None
) -> int | None:
    if counts is None or counts["previous_rows"].isna().all():
        return None
    own = counts[counts["table_name"].isin([info.name for info in _counted(layer, tables)])]
    return int((own["rows"] - own["previous_rows"].fillna(0)).sum())


def _as_in_ledger(
    landing_zone: LayerState, ledger: pd.DataFrame, received: pd.Series
) -> LayerState:
    """The landing zone counts as its ledger does: a line of a JSON file that lists three entries is
    three rows.
    """
    change = int(received.iloc[-1] - received.iloc[-2]) if len(received) > 1 else None
    return replace(landing_zone, rows=int(ledger["received"].sum()), change=change)


def _layers_of(layer: str | None) -> list[str]:
    return json.loads(layer) if layer and layer != "null" else [layer.label for layer in Layer]


def _main_rows(layer: Layer, tables: list[browse.TableInfo]) -> int:
    """Rows that came (bronze: raw tables only, or each would count four times) or that the layer's
    tables hold.
    """
    return sum(info.rows or 0 for info in _counted(layer, tables))


def _counted(layer: Layer, tables: list[browse.TableInfo]) -> list[browse.TableInfo]:
    counted = [
        info for info in tables if layer is not Layer.LANDING_ZONE or info.name.startswith("raw_")
    ]
    return [info for info in counted if not info.name.endswith("_latest")]


def _held_back(warehouse, quarantine: dict[str, int]) -> HeldBack:
    held = state.held_back_dollars(warehouse)
    total = held + state.promoted_dollars(warehouse)
    return HeldBack(
        sum(quarantine.values()),
        quarantine.get("encounters", 0),
        quarantine.get("adverse_events", 0),
        held,
        held / total if total else None,
    )


def _next_action(
    delivered: str | None,
    last_run: dict | None,
    waiting: int,
    held: int,
    changed: int,
    layers: tuple[LayerState, ...],
    held_back: HeldBack,
    suggested: int,
) -> NextAction:
    """What comes first: what is under way, then what keeps data out, then what is behind, then what
    waits for a person.
    """
    run, review = "run", "quarantine"
    if last_run and last_run["status"] in ("queued", "running"):
        return NextAction(
            "A build is running",
            "Nothing changes for readers until it has succeeded.",
            run,
            "Watch it",
        )
    if delivered is None:
        return NextAction(
            "Load the first delivery", "Nothing is loaded yet.", "upload", "Upload files"
        )
    if held:
        return NextAction(
            "A load waits at the gate",
            "More of its rows failed than agreed; release it or undo it.",
            "upload",
            "Look at the load",
        )
    if last_run and last_run["status"] == "failed":
        why = last_run["error"] or "See its log"
        consequence = (
            ""
            if "published tables" in why
            else "  \nThe published tables are as they were before it."
        )
        return NextAction("The last build failed", f"{why}.{consequence}", run, "See why")
    if waiting or changed:
        what = " and ".join(
            f"{count:,} {word}{'s' if count > 1 else ''}"
            for count, word in ((waiting, "load"), (changed, "decision"))
            if count
        )
        return NextAction(
            "Build the layers",
            f"{what} {'wait' if waiting + changed > 1 else 'waits'} to be built in.",
            run,
            "Build now",
            builds=True,
        )
    if any(layer.state != "up to date" for layer in layers):
        late = [layer.label.replace("_", " ") for layer in layers if layer.state != "up to date"]
        return NextAction(
            "Finish the build",
            f"Behind what is loaded or declared: {', '.join(late)}.",
            run,
            "Build now",
            builds=True,
        )
    if held_back.rows:
        waits = f"{held_back.rows:,} row{'s wait' if held_back.rows > 1 else ' waits'}"
        worth = (
            f", among them {held_back.encounters:,} encounters worth ${held_back.paid_usd:,.0f}"
            if held_back.encounters
            else ""
        )
        why = f"{waits}{worth}."
        if suggested:
            repairs = f"{suggested} suggested repair{'s' if suggested > 1 else ''}"
            return NextAction(
                f"Decide on {repairs}",
                f"{why} Each shows its evidence.",
                review,
                "Look at the evidence",
            )
        return NextAction("Review the quarantine", why, review, "Review the rows")
    return NextAction(
        "Everything is up to date",
        "No row waits. Look at how providers compare.",
        "providers",
        "Explore providers",
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
        _next_action(None, last_run, 0, 0, 0, layers, held, 0),
        None,
        0,
        0,
        trend,
    )
