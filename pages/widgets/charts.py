"""Every chart of the workbench in one style; plotly is imported here and in `charts_providers` and
`charts_maps` only.

Functions take frames and return figures; `show` draws one. Colours come from `palette`, so light
and dark both read.
"""

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.widgets.palette import (
    ACCENT,
    ALERT,
    CATEGORICAL,
    LAYER_COLOURS,
    NEUTRAL,
    PATTERNS,
    SYMBOLS,
)

HEIGHT = 340
#: Pixels that mark the placeholder of a chart, see `frame.PLACES`.
STEP = 50
#: Letters of a name beside a bar; a longer one goes on below, so that a telephone has room for the
#: bar.
LABEL = 26
GRID = "rgba(128,140,150,.25)"
#: Next to nothing on either ground: the middle or the beginning of a scale of colours.
FAINT = "rgba(140,149,156,.12)"


def show(
    figure: go.Figure,
    key: str,
    alt: str,
    on_select: Callable[[], None] | Literal["rerun"] | None = None,
) -> Any:
    """Draw a figure; `alt` says in words what it shows. `on_select` is called when a point is
    clicked (see `picked`), or `rerun`.

    Its place has its height from the first moment on (`frame.STYLE`), so that nothing below jumps
    when the drawing arrives.
    """
    extra: dict[str, Any] = (
        {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    )
    tall = round((figure.layout.height or HEIGHT) / STEP)
    with st.container(key=f"tall{tall}_{key}"):
        return st.plotly_chart(
            figure,
            key=key,
            alt=alt,
            config={"displaylogo": False, "displayModeBar": False},
            **extra,
        )


def selected_point(key: str) -> str | None:
    """What stands behind the point that was clicked on the chart `key`; None when the selection was
    taken away.
    """
    points = st.session_state[key].selection.points
    data = points[0].get("customdata") if points else None
    return str(data[0] if isinstance(data, list | tuple) else data) if data is not None else None


def bars(
    frame: pd.DataFrame,
    category: str,
    value: str,
    unit: str = "",
    colour: str | Sequence[str] = ACCENT,
    money: bool = False,
) -> go.Figure:
    """Horizontal bars, first row on top; `unit` names what the length measures."""
    form = "$%{x:,.0f}" if money else "%{x:,}"
    names = ["<br>".join(wrap(literal(name), LABEL)) for name in frame[category]]
    figure = go.Figure(
        go.Bar(
            x=frame[value],
            y=names,
            orientation="h",
            marker_color=colour,
            hovertemplate=f"%{{y}}: {form} {unit}<extra></extra>",
            texttemplate=form,
            textposition="auto",
        )
    )
    figure.update_yaxes(type="category", autorange="reversed", title=None)
    figure.update_xaxes(title=unit or None, tickformat="$,.0f" if money else None)
    return styled(figure, height=max(180, 30 * len(frame) + 80))


def histogram(values: pd.Series, title: str, counted: str, bins: int = 40) -> go.Figure:
    """How one number is spread over what is `counted`; the median is marked above the bars."""
    figure = go.Figure(
        go.Histogram(
            x=values,
            nbinsx=bins,
            marker_color=ACCENT,
            hovertemplate="%{x}: %{y:,} " + counted + "<extra></extra>",
        )
    )
    middle = values.median()
    if middle == middle:
        figure.add_vline(x=middle, line_color=NEUTRAL, line_dash="dash")
        figure.add_annotation(
            x=middle,
            y=1,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
            text=f"median {middle:,.3g}",
        )
    figure.update_xaxes(title=title)
    figure.update_yaxes(title=counted)
    return styled(figure)


def lines(frame: pd.DataFrame, x: str, y: str, series: str, unit: str = "") -> go.Figure:
    """One line a value of `series`, in the order of the rows."""
    figure = go.Figure()
    for position, (name, rows) in enumerate(frame.groupby(series, sort=False)):
        figure.add_scatter(
            x=rows[x],
            y=rows[y],
            name=str(name),
            mode="lines+markers",
            line_color=CATEGORICAL[position % len(CATEGORICAL)],
            marker={"symbol": SYMBOLS[position % len(SYMBOLS)], "size": 8},
            hovertemplate=f"{name}: %{{y:,}} {unit}<br>%{{x}}<extra></extra>",
        )
    figure.update_yaxes(title=unit or None, rangemode="tozero")
    figure.update_xaxes(type="category", title=None)
    return styled(figure)


def heatmap(matrix: pd.DataFrame, unit: str, around_zero: bool = False) -> go.Figure:
    """A square or table of numbers as colours; `around_zero` for correlations."""
    scale = [[0, ACCENT], [0.5, FAINT], [1, ALERT]] if around_zero else [[0, FAINT], [1, ACCENT]]
    limits = {"zmin": -1, "zmax": 1} if around_zero else {}
    bar = {
        "title": {"text": unit, "side": "top"},
        "thickness": 10,
        "orientation": "h",
        "y": 1.02,
        "yanchor": "bottom",
    }
    figure = go.Figure(
        go.Heatmap(
            z=matrix.values,
            x=list(matrix.columns),
            y=list(matrix.index),
            colorscale=scale,
            colorbar=bar,
            **limits,
            hovertemplate="%{y} · %{x}: %{z:.2f}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, height=max(HEIGHT, 24 * len(matrix) + 170), grid="rgba(0,0,0,0)")


def stacked(
    frame: pd.DataFrame, category: str, parts: Sequence[str], colours: Mapping[str, str], unit: str
) -> go.Figure:
    """Horizontal bars cut into parts, each in its colour."""
    figure = go.Figure()
    for part in parts:
        figure.add_bar(
            y=frame[category],
            x=frame[part],
            name=part,
            orientation="h",
            marker={"color": colours[part], "pattern": {"shape": PATTERNS.get(part, "")}},
            hovertemplate=f"%{{y}}: %{{x:,}} {part}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title=unit)
    return styled(figure, height=max(200, 34 * len(frame) + 110))


def timeline(frame: pd.DataFrame, name: str, seconds: str, layer: str) -> go.Figure:
    """How long each model took, coloured by layer."""
    colours = [LAYER_COLOURS.get(name, NEUTRAL) for name in frame[layer]]
    figure = go.Figure(
        go.Bar(
            x=frame[seconds],
            y=frame[name],
            orientation="h",
            marker_color=colours,
            hovertemplate="%{y}: %{x:.2f} s<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title="seconds")
    return styled(figure, height=max(200, 22 * len(frame) + 80))


def styled(figure: go.Figure, height: int = HEIGHT, grid: str = GRID) -> go.Figure:
    """Margins, legend and grid lines that all charts share."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        bargap=0.25,
        legend={
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.06,
            "x": 0,
            "title": None,
            "traceorder": "normal",
        },
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 13},
    )
    figure.update_xaxes(gridcolor=grid, zeroline=False, automargin=True, separatethousands=True)
    is_category = figure.layout.yaxis.type == "category"
    figure.update_yaxes(
        gridcolor=grid,
        zeroline=False,
        automargin=True,
        showgrid=not is_category,
        separatethousands=True,
    )
    return figure


def literal(value: object) -> str:
    """Text of the data as it stands: plotly reads some HTML, and a name must not become a link."""
    return str(value).replace("&", "&amp;").replace("<", "&lt;")


def faded(colour: str, share: float = 0.35) -> str:
    """A colour let through by this share."""
    red, green, blue = (int(colour[position : position + 2], 16) for position in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"
