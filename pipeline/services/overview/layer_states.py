"""The layers as the overview shows them: when built, how far, how many rows."""

import json
from dataclasses import dataclass, replace

import pandas as pd

from pipeline.declared.layers import Layer
from pipeline.services.tables import table_list


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


#: In bronze only what was delivered is counted: every other relation repeats it.
COUNTED = {Layer.LANDING_ZONE: ("raw_",)}


def layer_states(
    tables: tuple[table_list.TableInfo, ...],
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
    layer: Layer, tables: list[table_list.TableInfo], counts: pd.DataFrame | None
) -> int | None:
    if counts is None or counts["previous_rows"].isna().all():
        return None
    own = counts[counts["table_name"].isin([info.name for info in _counted(layer, tables)])]
    return int((own["rows"] - own["previous_rows"].fillna(0)).sum())


def counted_as_in_ledger(
    landing_zone: LayerState, ledger: pd.DataFrame, received: pd.Series
) -> LayerState:
    """The landing zone counts as its ledger does: a line of a JSON file that lists three entries is
    three rows.
    """
    change = int(received.iloc[-1] - received.iloc[-2]) if len(received) > 1 else None
    return replace(landing_zone, rows=int(ledger["received"].sum()), change=change)


def _layers_of(layer: str | None) -> list[str]:
    return json.loads(layer) if layer and layer != "null" else [layer.label for layer in Layer]


def _main_rows(layer: Layer, tables: list[table_list.TableInfo]) -> int:
    """Rows that came (bronze: raw tables only, or each would count four times) or that the layer's
    tables hold.
    """
    return sum(info.rows or 0 for info in _counted(layer, tables))


def _counted(layer: Layer, tables: list[table_list.TableInfo]) -> list[table_list.TableInfo]:
    counted = [
        info for info in tables if layer is not Layer.LANDING_ZONE or info.name.startswith("raw_")
    ]
    return [info for info in counted if not info.name.endswith("_latest")]
