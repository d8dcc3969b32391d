"""Charts of the overview: where every received row went (plotly's own writes its labels over the
bands), and small lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from pages.widgets.charts import faded, styled
from pages.widgets.formats import words
from pages.widgets.palette import ACCENT, FATE_COLOURS, LAYER_COLOURS

#: Pixels: the tallest pile of bands, the thinnest band, the room that a label needs, the space
#: between nodes.
TALL, THINNEST, LABEL, BETWEEN = 210, 2.5, 24, 8
NODE = 0.022
STEPS = 24


@dataclass
class _Node:
    """A source or a fate: from `top` down its bands, in pixels."""

    top: float
    thick: float
    used: float = 0.0


def ledger_flow(ledger: pd.DataFrame, fates: Sequence[str]) -> go.Figure:
    """Bands of the ledger (one row an `entity`): every received row of every source ends in exactly
    one fate.

    A band is as thick as its rows, but never too thin to be seen; labels stand beside the bands,
    and a fate that no row has is named all the same.
    """
    rows = ledger.sort_values("received", ascending=False, kind="stable")
    scale = TALL / max(1, int(rows["received"].sum()))
    thick = {
        (row.entity, fate): max(THINNEST, getattr(row, fate) * scale) if getattr(row, fate) else 0.0
        for row in rows.itertuples()
        for fate in fates
    }
    sources = _stacked(
        {row.entity: sum(thick[row.entity, fate] for fate in fates) for row in rows.itertuples()}
    )
    ends = _stacked({fate: sum(thick[entity, fate] for entity in rows["entity"]) for fate in fates})
    height = max(_bottom(sources), _bottom(ends))
    _centre(sources, height)
    _centre(ends, height)
    figure = go.Figure()
    for row in rows.itertuples():
        for fate in fates:
            if thick[row.entity, fate]:
                _band(
                    figure,
                    sources[row.entity],
                    ends[fate],
                    thick[row.entity, fate],
                    FATE_COLOURS[fate],
                    f"{words(row.entity)} → {fate}: {int(getattr(row, fate)):,} rows",
                )
    for row in rows.itertuples():
        name = f"{words(row.entity)}  <b>{int(row.received):,}</b>"
        _node(figure, sources[row.entity], 0.0, LAYER_COLOURS["landing_zone"], name, "right")
    for fate in fates:
        _node(
            figure,
            ends[fate],
            1.0 - NODE,
            FATE_COLOURS[fate],
            f"<b>{int(rows[fate].sum()):,}</b>  {fate}",
            "left",
        )
    styled(figure, height=int(height) + 16, grid="rgba(0,0,0,0)")
    figure.update_layout(
        margin={"l": 168, "r": 128, "t": 8, "b": 8}, showlegend=False, hovermode="closest"
    )
    figure.update_xaxes(visible=False, range=[0, 1], fixedrange=True)
    figure.update_yaxes(visible=False, range=[height, 0], fixedrange=True)
    return figure


def small_line(runs: Sequence[str], labels: Sequence[str], values: Sequence[float]) -> go.Figure:
    """One number over runs, small enough for a tile; `told` writes each value for the one who
    points at it.
    """
    figure = go.Figure(
        go.Scatter(
            x=list(runs),
            y=list(values),
            text=list(labels),
            mode="lines+markers",
            line_color=ACCENT,
            marker_size=5,
            hovertemplate="%{x}: %{text}<extra></extra>",
        )
    )
    styled(figure, height=84, grid="rgba(0,0,0,0)")
    figure.update_layout(margin={"l": 6, "r": 6, "t": 8, "b": 8}, showlegend=False)
    figure.update_xaxes(visible=False, type="category", fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure


def _stacked(thickness: dict[str, float]) -> dict[str, _Node]:
    top, nodes = 0.0, {}
    for name, thick in thickness.items():
        room = max(thick, LABEL)
        nodes[name] = _Node(top + (room - thick) / 2, thick)
        top += room + BETWEEN
    return nodes


def _bottom(nodes: dict[str, _Node]) -> float:
    return max(
        (node.top + node.thick / 2 + max(node.thick, LABEL) / 2 for node in nodes.values()),
        default=LABEL,
    )


def _centre(nodes: dict[str, _Node], height: float) -> None:
    shift = (height - _bottom(nodes)) / 2
    for node in nodes.values():
        node.top += shift


def _band(
    figure: go.Figure, start: _Node, end: _Node, thick: float, colour: str, hover: str
) -> None:
    """A band that leaves its source and enters its fate level, under the bands drawn before it."""
    top0, top1 = start.top + start.used, end.top + end.used
    start.used += thick
    end.used += thick
    share = [step / STEPS for step in range(STEPS + 1)]
    across = [NODE + y * (1 - 2 * NODE) for y in share]
    edge = [top0 + (top1 - top0) * y * y * (3 - 2 * y) for y in share]
    figure.add_scatter(
        x=[*across, *reversed(across)],
        y=[*edge, *(y + thick for y in reversed(edge))],
        fill="toself",
        mode="lines",
        line={"width": 0},
        fillcolor=faded(colour, 0.5),
        hoveron="fills",
        text=hover,
        hoverinfo="text",
    )


def _node(figure: go.Figure, node: _Node, left: float, colour: str, label: str, side: str) -> None:
    figure.add_shape(
        type="rect",
        x0=left,
        x1=left + NODE,
        y0=node.top,
        y1=node.top + max(node.thick, 1.0),
        fillcolor=colour,
        line_width=0,
    )
    figure.add_annotation(
        x=0.0 if side == "right" else 1.0,
        y=node.top + node.thick / 2,
        text=label,
        showarrow=False,
        xanchor=side,
        yanchor="middle",
        xshift=-6 if side == "right" else 6,
    )
