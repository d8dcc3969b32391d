"""Charts that set providers beside what was expected: funnel, estimates with intervals, mix of
patients.
"""

from collections.abc import Mapping, Sequence
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from pages.widgets.charts import HEIGHT, LABEL, literal, styled
from pages.widgets.palette import ACCENT, ALERT, CATEGORICAL, NEUTRAL, SYMBOLS

#: Verdict -> (legend, colour, shape): a point outside differs by shape as well as by colour.
VERDICTS = {
    "in": ("inside the limits", ACCENT, "circle"),
    "high": ("above", ALERT, "triangle-up"),
    "low": ("below", CATEGORICAL[2], "triangle-down"),
}
CHOSEN_SIZE, SIZE = 17, 11
#: Source of a difference -> (colour, pattern).
SOURCES = {
    "chance": (NEUTRAL, ""),
    "case mix": (CATEGORICAL[4], "."),
    "provider": (CATEGORICAL[0], "/"),
    "place": (CATEGORICAL[2], "x"),
    "delivery": (CATEGORICAL[3], "-"),
}


def funnel(
    points: pd.DataFrame,
    limits: pd.DataFrame,
    verdict: str,
    provider: str | None = None,
    overdispersed: bool = False,
) -> go.Figure:
    """O/E against expected events; `verdict` is the column that says in, high or low.

    Beside each provider stand the ratios from which its verdict flags it (columns lower_count_95,
    upper_count_95, and _998, over its expected events): its own, so that picture and verdict agree.
    Where over-dispersion is allowed for, the lines of the table funnel_limits have to be passed
    too. `points` has a column `words` for people who point at one; the provider `provider` is drawn
    larger.
    """
    figure = go.Figure()
    expected = points["expected_adverse_event_count"]
    for name, label, size in (("95", "95 % limits", 7), ("998", "99.8 % limits", 13)):
        for side in ("lower", "upper"):
            figure.add_scatter(
                x=expected,
                y=points[f"{side}_count_{name}"].astype("float64") / expected,
                mode="markers",
                name=label,
                hoverinfo="skip",
                marker={
                    "symbol": "line-ew",
                    "size": size,
                    "color": NEUTRAL,
                    "line": {"color": NEUTRAL, "width": 1.5},
                },
                showlegend=side == "upper",
            )
    if overdispersed:
        for side in ("low", "high"):
            figure.add_scatter(
                x=limits["expected_adverse_event_count"],
                y=limits[f"overdispersed_{side}_{verdict.rpartition('_')[2]}"],
                mode="lines",
                name="widened by over-dispersion",
                hoverinfo="skip",
                line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
                showlegend=side == "high",
            )
    figure.add_hline(y=1, line_color=NEUTRAL, line_width=1)
    verdicts = _verdicts(points, verdict)
    for name, (label, colour, symbol) in VERDICTS.items():
        rows = points[verdicts == name]
        if len(rows):
            sizes = [CHOSEN_SIZE if npi == provider else SIZE for npi in rows["npi"]]
            figure.add_scatter(
                x=rows["expected_adverse_event_count"],
                y=rows["observed_to_expected"],
                mode="markers",
                name=label,
                text=rows["words"].map(literal),
                customdata=rows[["npi"]],
                marker={"color": colour, "size": sizes, "symbol": symbol, "opacity": 1},
                hovertemplate="%{text}<br>O/E %{y:.2f}<extra></extra>",
            )
    highest = max(2.5, float(points["observed_to_expected"].max()) * 1.15) if len(points) else 2.5
    farthest = (
        max(10.0, float(points["expected_adverse_event_count"].max()) * 1.08)
        if len(points)
        else 10.0
    )
    figure.update_xaxes(title="expected adverse events (from case mix)", range=[0, farthest])
    figure.update_yaxes(title="observed / expected", range=[0, highest])
    figure.update_layout(hovermode="closest")
    return styled(figure, height=440)


def estimates(
    frame: pd.DataFrame,
    raw: str,
    value: str,
    reliability: str,
    title: str,
    verdict: str | None = None,
    limits: tuple[str, str] | None = None,
    provider: str | None = None,
) -> go.Figure:
    """Per provider a shrunken estimate (with its interval), the value as counted as a ring, and the
    reliability as text.

    Rows come in the order in which they are drawn; the line at 1 is what all providers together
    have.
    """
    provider_names = frame["provider_name"].map(literal)
    names = [
        f"<b>{name}</b>" if npi == provider else name
        for npi, name in zip(frame["npi"], provider_names, strict=True)
    ]
    figure = go.Figure()
    figure.add_scatter(
        x=frame[raw],
        y=frame["npi"],
        mode="markers",
        name="as counted",
        customdata=frame[["npi"]],
        marker={"symbol": "circle-open", "size": 9, "color": NEUTRAL},
        text=provider_names,
        hovertemplate="%{text}<br>as counted %{x:.2f}<extra></extra>",
    )
    verdicts = _verdicts(frame, verdict) if verdict else pd.Series("in", index=frame.index)
    for name, (label, colour, symbol) in VERDICTS.items():
        rows = frame[verdicts == name]
        if rows.empty:
            continue
        bars = (
            {
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": rows[limits[1]] - rows[value],
                    "arrayminus": rows[value] - rows[limits[0]],
                    "color": colour,
                    "thickness": 1.5,
                }
            }
            if limits
            else {}
        )
        meaning = (
            "shrunk to the evidence"
            + (", 95 % interval" if limits else "")
            + ("" if name == "in" else f", {label} the limits")
        )
        figure.add_scatter(
            x=rows[value],
            y=rows["npi"],
            mode="markers",
            name=meaning,
            text=rows["words"].map(literal),
            customdata=rows[["npi"]],
            marker={"size": 9, "color": colour, "symbol": symbol},
            **bars,
            hovertemplate="%{text}<br>shrunk %{x:.2f}<extra></extra>",
        )
    figure.add_vline(x=1, line_color=NEUTRAL, line_width=1)
    drawn_values = frame[[raw, value, *(limits or ())]]
    left, right = drawn_values.min(axis=None), drawn_values.max(axis=None)
    room = (right - left) * 0.04 or 0.1
    figure.add_scatter(
        x=[right + room] * len(frame),
        y=frame["npi"],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
        text=[f" {share * 100:.0f} %" for share in frame[reliability]],
        textposition="middle right",
    )
    figure.add_annotation(
        x=1,
        xref="paper",
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="left",
        xshift=-22,
        text="reliability",
        showarrow=False,
    )
    figure.update_yaxes(
        autorange="reversed", type="category", tickvals=frame["npi"], ticktext=names
    )
    figure.update_xaxes(title=title, range=[left - room, right + room])
    styled(figure, height=max(HEIGHT, 24 * len(frame) + 110))
    return figure.update_layout(hovermode="closest", margin_r=52)


def beside_all(
    frame: pd.DataFrame, group: str, own: str, all_of_them: str, order: Sequence[str] | None = None
) -> go.Figure:
    """Shares of one provider beside those of all providers, a pair of bars a group."""
    rows = frame.set_index(group).loc[list(order)].reset_index() if order is not None else frame
    figure = go.Figure()
    for column, label, colour in (
        (own, "this provider", ACCENT),
        (all_of_them, "all providers", NEUTRAL),
    ):
        figure.add_bar(
            x=rows[column],
            y=rows[group],
            orientation="h",
            name=label,
            marker={"color": colour, "pattern": {"shape": "" if column == own else "/"}},
            hovertemplate=f"%{{y}}: %{{x:.0%}} of {label}<extra></extra>",
        )
    figure.update_layout(barmode="group")
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(tickformat=".0%", title="share of encounters", rangemode="tozero")
    return styled(figure, height=max(220, 44 * len(rows) + 110))


def trend_lines(paths: pd.DataFrame, drawn: Sequence[str], names: Mapping[str, str]) -> go.Figure:
    """Cumulative sums of these providers over the deliveries, as shares of their limits: more
    adverse events above the line at 0, fewer below.
    """
    figure = go.Figure()
    for place, npi in enumerate(drawn):
        path = paths[paths["npi"] == npi]
        for sign, direction in ((1, "more"), (-1, "fewer")):
            figure.add_scatter(
                x=path["step"],
                y=sign * path[direction],
                name=literal(names.get(npi, npi)),
                legendgroup=npi,
                showlegend=sign == 1,
                mode="lines+markers",
                line={"color": CATEGORICAL[place % len(CATEGORICAL)]},
                marker={"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 8},
                customdata=path[["observed", "expected", "encounters"]],
                hovertemplate=f"{literal(names.get(npi, npi))}, {direction}: %{{y:.2f}} of its limit<br>"
                "%{customdata[0]} of %{customdata[2]} encounters, %{customdata[1]:.1f} expected<extra></extra>",
            )
    for limit in (1, -1):
        figure.add_hline(y=limit, line_color=ALERT, line_width=1.5, line_dash="dash")
    figure.update_xaxes(title="delivery", dtick=1)
    figure.update_yaxes(title="fewer    ·    share of the limit    ·    more", range=[-1.4, 1.4])
    return styled(figure, height=420)


def shares(rows: pd.DataFrame) -> go.Figure:
    """A bar a scope, cut into the sources that its differences come from (scope, source, share)."""
    scopes = list(dict.fromkeys(rows["scope"]))
    names = {scope: "<br>".join(wrap(literal(scope), LABEL)) for scope in scopes}
    figure = go.Figure()
    for source, (colour, pattern) in SOURCES.items():
        own = rows[(rows["source"] == source) & rows["share"].notna()]
        if own.empty:
            continue
        figure.add_bar(
            x=own["share"],
            y=own["scope"].map(names),
            name=source,
            orientation="h",
            customdata=own[["low", "high"]],
            marker={"color": colour, "pattern": {"shape": pattern}},
            hovertemplate=f"{source}: %{{x:.0%}}, from %{{customdata[0]:.0%}} to %{{customdata[1]:.0%}}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed", type="category", categoryarray=list(names.values()))
    figure.update_xaxes(tickformat=".0%", title="share of the differences", range=[0, 1])
    lines = sum(max(2, name.count("<br>") + 1) for name in names.values())
    return styled(figure, height=max(240, 23 * lines + 150))


def _verdicts(frame: pd.DataFrame, column: str) -> pd.Series:
    """high or low where the column says so, in for the rest (`none` is no finding either)."""
    return frame[column].where(frame[column].isin(("high", "low")), "in")
