"""Charts of rule results over runs and dates."""

import pandas as pd
import plotly.graph_objects as go

from pages.widgets.charts import styled
from pages.widgets.palette import CATEGORICAL, NEUTRAL, PATTERNS, SEVERITY_COLOURS, SYMBOLS

#: Kind of a mark -> how its line is drawn.
DASHES = {"delivery": "dot", "decisions": "dash"}


def rule_states(frame: pd.DataFrame) -> go.Figure:
    """One bar a run, cut into the states of its checks (columns run_id, status, rules), the calm
    ones below.
    """
    figure = go.Figure()
    for status in reversed(list(SEVERITY_COLOURS)):
        rows = frame[frame["status"] == status]
        if len(rows):
            figure.add_bar(
                x=rows["run_id"],
                y=rows["rules"],
                name=status,
                marker={
                    "color": SEVERITY_COLOURS[status],
                    "pattern": {"shape": PATTERNS[status]},
                },
                hovertemplate=f"%{{x}}: %{{y:,}} {status}<extra></extra>",
            )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(type="category", title=None)
    figure.update_yaxes(title="checks")
    return styled(figure)


def shares_over_time(shares: pd.DataFrame, marks: pd.DataFrame) -> go.Figure:
    """One line a source (columns at, run_id, entity, share in per cent), and a line across for each
    mark (at, kind, label) between the first run and the last.
    """
    figure = go.Figure()
    for position, (name, rows) in enumerate(shares.groupby("entity", sort=False)):
        figure.add_scatter(
            x=rows["at"],
            y=rows["share"].tolist(),
            customdata=rows["run_id"],
            name=str(name),
            mode="lines+markers",
            line_color=CATEGORICAL[position % len(CATEGORICAL)],
            marker={"symbol": SYMBOLS[position % len(SYMBOLS)], "size": 8},
            hovertemplate=f"{name}: %{{y:.2f}} %<br>%{{customdata}}, %{{x|%d %b %Y, %H:%M}}<extra></extra>",
        )
    seen = marks[marks["at"].between(shares["at"].min(), shares["at"].max())]
    for kind, rows in seen.groupby("kind", sort=True):
        top = float(shares["share"].max()) or 1.0
        figure.add_scatter(
            x=[moment for at in rows["at"] for moment in (at, at, None)],
            y=[height for _ in rows["at"] for height in (0.0, top, None)],
            text=[label for each in rows["label"] for label in (each, each, None)],
            name=str(kind),
            mode="lines",
            line={"color": NEUTRAL, "width": 1.5, "dash": DASHES[str(kind)]},
            hovertemplate="%{text}<br>%{x|%d %b %Y, %H:%M}<extra></extra>",
        )
    figure.update_yaxes(title="% of rows", rangemode="tozero")
    figure.update_xaxes(type="date", title=None)
    return styled(figure)
