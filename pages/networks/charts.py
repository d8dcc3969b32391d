"""Charts of networks: a map without tiles, the coverage matrix, ranges of prices and savings."""

import math
from textwrap import shorten, wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.networks.us_states import outlines
from pages.widgets.charts import GRID, HEIGHT, faded, literal, styled
from pages.widgets.palette import ACCENT, ALERT, CATEGORICAL, NEUTRAL

LEAST_SPAN = 1.2  # degrees that a map shows at least, about 80 miles
MARGIN = 0.15
#: Nobody performs it, nobody did eleven or more, covered: let through, so that the text of either
#: theme can be read on each.
HOLES = [[0, faded(ALERT, 0.45)], [0.5, faded(ALERT, 0.2)], [1, faded(ACCENT, 0.1)]]


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


def coverage(
    frame: pd.DataFrame, procedures: dict[str, str], employers: dict[str, str]
) -> go.Figure:
    """Employers x procedures, coloured by holes: nobody performs it, nobody did eleven, covered;
    words in the cell say the same. The fewer of both stand side by side, for narrow screens.
    """
    order = [cpt for cpt in procedures if cpt in set(frame["cpt"])]
    rows = list(dict.fromkeys(frame["employer_id"]))
    cells = {(str(line.employer_id), str(line.cpt)): line for line in frame.itertuples()}
    labels = {cpt: procedures[cpt] for cpt in order} | {
        employer: employers.get(employer, "") for employer in rows
    }
    is_wide = len(rows) > len(order)
    across, down = (order, rows) if is_wide else (rows, order)
    grid = [[cells.get((y, x) if is_wide else (x, y)) for x in across] for y in down]
    x_names = [_lines(labels[each], each, 12) for each in across]
    y_names = [_lines(labels[each], each, 20) for each in down]
    figure = go.Figure(
        go.Heatmap(
            z=[[_hole(cell) for cell in line] for line in grid],
            x=x_names,
            y=y_names,
            colorscale=HOLES,
            zmin=0,
            zmax=2,
            showscale=False,
            xgap=2,
            ygap=2,
            customdata=[[_on_hover(cell, procedures, employers) for cell in line] for line in grid],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    # words of a trace have the colour of the theme, those of a heatmap one of their own
    figure.add_scatter(
        x=x_names * len(down),
        y=[each for each in y_names for _ in across],
        text=[_in_cell(cell) for line in grid for cell in line],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_xaxes(type="category", side="top", tickangle=0)
    figure.update_yaxes(type="category", autorange="reversed")
    return styled(figure, height=max(240, 66 * len(down) + 130), grid="rgba(0,0,0,0)")


def _on_hover(cell: Any, procedures: dict[str, str], employers: dict[str, str]) -> str:
    if cell is None:
        return ""
    name = f"{employers[cell.employer_id]} · " if cell.employer_id in employers else ""
    return (
        f"{literal(name)}{literal(cell.employer_id)}: {literal(procedures[cell.cpt])} · {literal(cell.cpt)}<br>"
        f"{_count(cell.performing)} of {_count(cell.listed)} listed providers perform it, "
        f"{_count(cell.measurable_provider_count)} with 11 encounters or more<br>{_count(cell.referrals)} referrals, "
        f"{_count(cell.referrals_without_option)} without an option"
    )


def _hole(cell: Any) -> int | None:
    """0 nobody performs it, 1 nobody did eleven or more, 2 somebody did; None where unknown."""
    if cell is None or any(
        each != each for each in (cell.performing, cell.measurable_provider_count)
    ):
        return None
    return 0 if not cell.performing else 1 if not cell.measurable_provider_count else 2


def _in_cell(cell: Any) -> str:
    if cell is None or cell.performing != cell.performing:
        return "unknown"
    words = f"{cell.performing:,.0f}" + ("<br>none 11+" if _hole(cell) == 1 else "")
    without = cell.referrals_without_option
    return f"{words}<br>{without:,.0f} without" if without == without and without else words


def _lines(name: str, code: str, width: int) -> str:
    """A name over a few lines, and its code on the last."""
    lines = wrap(shorten(name, 3 * width, placeholder="…"), width)
    return "<br>".join(literal(line) for line in [*lines, code])


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
