"""Charts of networks: a map without tiles, the coverage matrix, ranges of prices and savings."""

import math

import pandas as pd
import plotly.graph_objects as go

from pages.networks.us_states import outlines
from pages.widgets.charts import GRID, HEIGHT, faded, literal, styled
from pages.widgets.palette import ACCENT, ALERT, CATEGORICAL, NEUTRAL

LEAST_SPAN = 1.2  # degrees that a map shows at least, about 80 miles
MARGIN = 0.15
FEW_TO_MANY = [
    [0, "#F6E3D3"],
    [0.15, "#DCEBF4"],
    [1, "#9CC6DF"],
]  # dark text has 9 : 1 and more on each


def place_map(
    providers: pd.DataFrame, areas: pd.DataFrame, area_label: str = "where referrals come from"
) -> go.Figure:
    """Providers (zip5, latitude, longitude, providers, performing, words) and areas (latitude,
    longitude, words, optional referrals) between the borders of the states, drawn to scale and cut
    to where they lie.
    """
    figure = go.Figure()
    longitudes, latitudes = outlines()
    figure.add_scatter(
        x=longitudes,
        y=latitudes,
        mode="lines",
        line={"color": NEUTRAL, "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )
    if len(areas):
        numbers = areas.get("referrals", pd.Series(1.0, index=areas.index)).astype(float)
        sizes = 14 + 26 * (numbers / numbers.max()) ** 0.5
        figure.add_scatter(
            x=areas["longitude"],
            y=areas["latitude"],
            mode="markers",
            name=area_label,
            text=areas["words"].map(literal),
            marker={
                "symbol": "square",
                "size": sizes,
                "opacity": 1,
                "color": faded(CATEGORICAL[4], 0.45),
                "line": {"color": CATEGORICAL[4], "width": 1.5},
            },
            hovertemplate="%{text}<extra></extra>",
        )
    for performing, label, symbol in (
        (True, "performs", "circle"),
        (False, "listed, none performed", "circle-open"),
    ):
        rows = providers[providers["performing"] == performing]
        if len(rows):
            figure.add_scatter(
                x=rows["longitude"],
                y=rows["latitude"],
                mode="markers",
                name=label,
                text=rows["words"].map(literal),
                marker={
                    "opacity": 1,
                    "symbol": symbol,
                    "size": [9 + 3 * min(count - 1, 4) for count in rows["providers"]],
                    "color": ACCENT if performing else ALERT,
                    "line": {"width": 1.5},
                },
                hovertemplate="%{text}<extra></extra>",
            )
    points = pd.concat(
        [frame[["longitude", "latitude"]] for frame in (providers, areas) if len(frame)]
    )
    middle = math.radians(float(points["latitude"].mean()))
    figure.update_xaxes(
        range=_span(points["longitude"], LEAST_SPAN / math.cos(middle)),
        title="degrees east",
        constrain="range",
    )
    figure.update_yaxes(
        range=_span(points["latitude"], LEAST_SPAN),
        title="degrees north",
        scaleanchor="x",
        scaleratio=1 / math.cos(middle),
        constrain="range",
    )
    figure.update_layout(hovermode="closest")
    return styled(figure, height=480)


def coverage(frame: pd.DataFrame, procedures: dict[str, str]) -> go.Figure:
    """Employers x procedures: colour and number say how many listed providers perform it; a cell
    without any names its referrals.
    """
    order = [cpt for cpt in procedures if cpt in set(frame["cpt"])]
    employers = list(dict.fromkeys(frame["employer_id"]))
    cells = frame.set_index(["employer_id", "cpt"]).reindex(
        pd.MultiIndex.from_product([employers, order])
    )
    lacking = cells["referrals_without_option"].fillna(0)
    texts = [
        "unknown"
        if performing != performing
        else f"{performing:,.0f}" + (f"<br>{without:,.0f} without" if without else "")
        for performing, without in zip(cells["performing"], lacking, strict=True)
    ]
    hovers = [
        f"{literal(employer)}: {procedures[cpt]}<br>{_count(row.performing)} of {_count(row.listed)} listed providers perform it, "
        f"{_count(row.measurable_provider_count)} with 11 encounters or more<br>{_count(row.referrals)} referrals, "
        f"{_count(row.referrals_without_option)} without an option"
        for (employer, cpt), row in zip(cells.index, cells.itertuples(), strict=True)
    ]
    rows = range(0, len(cells), len(order))
    figure = go.Figure(
        go.Heatmap(
            z=cells["performing"].to_numpy().reshape(len(employers), len(order)),
            x=order,
            y=[literal(employer) for employer in employers],
            colorscale=FEW_TO_MANY,
            zmin=0,
            zmax=cells["performing"].fillna(0).clip(lower=1).max(),
            showscale=False,
            xgap=2,
            ygap=2,
            text=[texts[start : start + len(order)] for start in rows],
            texttemplate="%{text}",
            textfont={"color": "#17242D"},
            customdata=[hovers[start : start + len(order)] for start in rows],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category", side="top", title="procedure (CPT)")
    figure.update_yaxes(type="category", autorange="reversed", title="employer")
    return styled(figure, height=max(240, 46 * len(employers) + 110), grid="rgba(0,0,0,0)")


def _count(value: float) -> str:
    return "an unknown number" if value != value else f"{value:,.0f}"


def ranges(
    names: pd.Series,
    low: pd.Series,
    middle: pd.Series,
    high: pd.Series,
    title: str,
    line_at: float | None = None,
    money: bool = False,
    words: pd.Series | None = None,
) -> go.Figure:
    """A point and the range around it, a row each; `line_at` is the value that means nothing."""
    form = "$%{x:,.0f}" if money else "%{x:.2f}"
    names, words = names.map(literal), names.map(literal) if words is None else words.map(literal)
    figure = go.Figure(
        go.Scatter(
            x=middle,
            y=names,
            mode="markers",
            marker={"size": 10, "color": ACCENT},
            text=words,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": high - middle,
                "arrayminus": middle - low,
                "color": ACCENT,
                "thickness": 2,
            },
            hovertemplate=f"%{{text}}<br>{form}<extra></extra>",
        )
    )
    if line_at is not None:
        figure.add_vline(x=line_at, line_color=NEUTRAL, line_width=1)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_xaxes(title=title, tickformat="$,.0f" if money else None, gridcolor=GRID)
    return styled(figure, height=max(HEIGHT - 120, 34 * len(names) + 110))


def _span(values: pd.Series, least: float) -> list[float]:
    """From below the smallest to above the largest value, with a margin."""
    low, high = float(values.min()), float(values.max())
    room = max((high - low) * (1 + 2 * MARGIN), least)
    return [(low + high - room) / 2, (low + high + room) / 2]
