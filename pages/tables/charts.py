"""Charts of any table: bars, a line, bins, points and spreads, each of which can be clicked."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from pages.widgets.charts import faded, literal, styled
from pages.widgets.palette import ACCENT


def bars(frame: pd.DataFrame, category: str, value: str, unit: str, money: bool) -> go.Figure:
    """Horizontal bars, first row on top; a bar that is clicked says which row of the frame it
    is.
    """
    form = "$%{x:,.0f}" if money else "%{x:,.4~g}" if _broken(frame[value]) else "%{x:,}"
    names = [_name(value) for value in frame[category]]
    figure = go.Figure(
        go.Bar(
            x=frame[value],
            y=names,
            orientation="h",
            marker_color=ACCENT,
            customdata=list(range(len(frame))),
            hovertemplate=f"%{{y}}: {form} {unit}<extra></extra>",
            texttemplate=form,
            textposition="auto",
            textangle=0,
        )
    )
    figure.update_yaxes(type="category", autorange="reversed", title=None)
    figure.update_xaxes(title=unit, tickformat=_ticks(money))
    return styled(figure, height=max(180, 30 * len(frame) + 80))


def line(
    frame: pd.DataFrame, x: str, value: str, titles: tuple[str, str], money: bool
) -> go.Figure:
    """One line in the order of x."""
    form = "$%{y:,.0f}" if money else "%{y:,}"
    is_number = pd.api.types.is_numeric_dtype(frame[x])
    figure = go.Figure(
        go.Scatter(
            x=frame[x] if is_number else [_name(value) for value in frame[x]],
            y=frame[value],
            mode="lines+markers",
            line_color=ACCENT,
            customdata=list(range(len(frame))),
            hovertemplate=f"%{{x}}: {form}<extra></extra>",
        )
    )
    figure.update_xaxes(title=titles[0], type=None if is_number else "category")
    figure.update_yaxes(title=titles[1], rangemode="tozero", tickformat=_ticks(money))
    return styled(figure, height=380)


def bins(frame: pd.DataFrame, title: str, money: bool) -> go.Figure:
    """Bins (low, high, rows) that touch each other."""
    sign = "$" if money else ""
    texts = [
        f"{sign}{low:,.10g} to under {sign}{high:,.10g}"
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=(frame["low"] + frame["high"]) / 2,
            y=frame["rows"],
            width=frame["high"] - frame["low"],
            marker={"color": ACCENT, "line": {"width": 1, "color": "rgba(255,255,255,.6)"}},
            text=texts,
            textposition="none",
            customdata=list(range(len(frame))),
            hovertemplate="%{text}: %{y:,} rows<extra></extra>",
        )
    )
    figure.update_xaxes(title=title, tickformat=_ticks(money))
    figure.update_yaxes(title="rows", tickformat=",")
    return styled(figure, height=380)


def points(
    frame: pd.DataFrame, x: str, y: str, labels: Sequence[str], titles: tuple[str, str]
) -> go.Figure:
    """One point a row; `labels` are the hover texts."""
    figure = go.Figure(
        go.Scatter(
            x=frame[x],
            y=frame[y],
            mode="markers",
            text=[literal(label) for label in labels],
            customdata=list(range(len(frame))),
            marker={
                "color": faded(ACCENT, 0.6),
                "size": 8,
                "line": {"color": ACCENT, "width": 1.5},
            },
            hovertemplate="%{text}<br>%{x:,.4~g} · %{y:,.4~g}<extra></extra>",
        )
    )
    figure.update_xaxes(title=titles[0])
    figure.update_yaxes(title=titles[1])
    return styled(figure, height=440)


def boxes(frame: pd.DataFrame, category: str, title: str, money: bool) -> go.Figure:
    """One box a row: quartiles, and whiskers to the last value within 1.5 box lengths; columns as
    `spreads` gives them.
    """
    names = [
        f"{_name(category)} ({rows:,})"
        for category, rows in zip(frame[category], frame["rows"], strict=True)
    ]
    figure = go.Figure(
        go.Box(
            y=names,
            q1=frame["q1"],
            median=frame["median"],
            q3=frame["q3"],
            lowerfence=frame["low"],
            upperfence=frame["high"],
            mean=frame["mean"],
            orientation="h",
            fillcolor="rgba(0,114,178,.25)",
            line_color=ACCENT,
            whiskerwidth=0.5,
            hoverinfo="x",
        )
    )
    figure.update_yaxes(type="category", autorange="reversed", title=None)
    figure.update_xaxes(title=title, tickformat=_ticks(money))
    return styled(figure, height=max(220, 44 * len(frame) + 90))


def spreads(frame: pd.DataFrame, by: str, number: str, groups: int = 25) -> pd.DataFrame:
    """Quartiles, whiskers, mean and rows of `number` for the largest groups of `by`, largest
    first.
    """
    traces = []
    for name, values in frame.dropna(subset=[by, number]).groupby(by)[number]:
        q1, middle, q3 = values.quantile([0.25, 0.5, 0.75])
        inside = values[values.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))]
        traces.append(
            {
                by: name,
                "q1": q1,
                "median": middle,
                "q3": q3,
                "low": inside.min(),
                "high": inside.max(),
                "mean": values.mean(),
                "rows": len(values),
            }
        )
    columns = [by, "q1", "median", "q3", "low", "high", "mean", "rows"]
    return (
        pd.DataFrame(traces, columns=columns)
        .sort_values("rows", ascending=False)
        .head(groups)
        .reset_index(drop=True)
    )


def _ticks(money: bool) -> str:
    """Dollars with their sign behind the minus; thousands apart."""
    return "$,.0f" if money else ","


def _name(value: object) -> str:
    if value is None or value != value or value == "":
        return "(empty)"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else literal(value)


def _broken(values: pd.Series) -> bool:
    present = values.dropna()
    return bool(len(present)) and not bool((present == present.round()).all())
