"""Charts of features: one snapshot beside another, and how far each feature moved beside what
chance explains.
"""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from pages.widgets.charts import faded, literal, styled
from pages.widgets.palette import ACCENT, ALERT, CATEGORICAL, NEUTRAL

BINS = 30


def two_snapshots(
    before: pd.Series, now: pd.Series, names: tuple[str, str], title: str
) -> go.Figure:
    """The share of entities by value in two snapshots of a number, as outlines over each other."""
    least, most = min(before.min(), now.min()), max(before.max(), now.max())
    bins = {
        "start": float(least),
        "end": float(most) + 1e-9,
        "size": max(float(most - least) / BINS, 1e-9),
    }
    figure = go.Figure()
    for values, name, colour in ((before, names[0], NEUTRAL), (now, names[1], ACCENT)):
        figure.add_histogram(
            x=values,
            name=name,
            histnorm="percent",
            xbins=bins,
            marker={
                "color": faded(colour, 0.5),
                "line": {"color": colour, "width": 2},
                "pattern": {"shape": "/" if colour == NEUTRAL else ""},
            },
            hovertemplate="%{x}: %{y:.1f} % of entities<extra>" + name + "</extra>",
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(title=title)
    figure.update_yaxes(title="% of entities")
    return styled(figure)


def two_mixes(before: pd.DataFrame, now: pd.DataFrame, names: tuple[str, str]) -> go.Figure:
    """The share of entities by category in two snapshots; frames have `value` and `entities`."""
    figure = go.Figure()
    for counts, name, colour in ((before, names[0], NEUTRAL), (now, names[1], ACCENT)):
        share = counts["entities"] / max(counts["entities"].sum(), 1) * 100
        figure.add_bar(
            y=counts["value"].map(literal),
            x=share,
            name=name,
            orientation="h",
            marker={"color": colour, "pattern": {"shape": "/" if colour == NEUTRAL else ""}},
            hovertemplate="%{y}: %{x:.1f} % of entities<extra>" + name + "</extra>",
        )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title="% of entities")
    return styled(figure, height=max(220, 30 * max(len(before), len(now)) + 110))


def moved(
    names: Sequence[str],
    psi: Sequence[float],
    by_chance: Sequence[float],
    verdicts: Sequence[str],
    gate: float,
) -> go.Figure:
    """PSI a feature by its verdict, what chance alone reaches once in a thousand as a tick, and the
    gate as a line. What nobody can judge is neither stable nor drifted.
    """
    figure = go.Figure()
    for verdict, label, colour, pattern in (
        ("stable", "stable", ACCENT, ""),
        ("too few to tell", "not judged: too few to tell", NEUTRAL, "."),
        ("drifted", "beyond the gate", ALERT, "/"),
    ):
        positions = [place for place, each in enumerate(verdicts) if each == verdict]
        if positions:
            figure.add_bar(
                y=[names[place] for place in positions],
                x=[psi[place] for place in positions],
                name=label,
                orientation="h",
                marker={"color": colour, "pattern": {"shape": pattern}},
                hovertemplate="%{y}: PSI %{x:.3f}<extra></extra>",
            )
    figure.add_scatter(
        x=list(by_chance),
        y=list(names),
        mode="markers",
        name="chance reaches this once in 1,000",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2.5, "color": CATEGORICAL[4]}},
        hovertemplate="%{y}: chance up to %{x:.3f}<extra></extra>",
    )
    figure.add_vline(x=gate, line_color=NEUTRAL, line_dash="dash", annotation_text=f"gate {gate:g}")
    figure.update_yaxes(
        autorange="reversed", type="category", categoryorder="array", categoryarray=list(names)
    )
    figure.update_xaxes(title="population stability index (PSI)", rangemode="tozero")
    return styled(figure, height=max(240, 26 * len(names) + 110))
