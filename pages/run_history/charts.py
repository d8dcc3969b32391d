"""Runs side by side: how long each took, and how it ended."""

import pandas as pd
import plotly.graph_objects as go

from pages.widgets.charts import styled
from pages.widgets.palette import PATTERNS, RUN_COLOURS

HEIGHT = 150


def strip(history: pd.DataFrame) -> go.Figure:
    """One bar a run, the oldest first (columns run_id, status, duration_seconds); a run that never
    began has none.
    """
    figure = go.Figure()
    for status, colour in RUN_COLOURS.items():
        rows = history[history["status"] == status]
        if len(rows):
            figure.add_bar(
                x=rows["run_id"],
                y=rows["duration_seconds"],
                name=status,
                marker={"color": colour, "pattern": {"shape": PATTERNS.get(status, "")}},
                hovertemplate="%{x}: %{y:,.0f} s, " + status + "<extra></extra>",
            )
    figure.update_layout(barmode="overlay", showlegend=True)
    figure.update_yaxes(title="seconds", rangemode="tozero")
    styled(figure, height=HEIGHT)
    return figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(history["run_id"]),
        showticklabels=len(history) <= 20,
    )
