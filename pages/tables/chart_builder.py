"""Draw any table, and click from the drawing to the rows. Every choice stands in the address."""

from typing import Final

import streamlit as st

from pages.tables import charts as table_charts
from pages.tables import totals, trace_back, whole_table
from pages.widgets import address, charts, formats, session
from pages.widgets.data_table import is_money
from pages.widgets.formats import words
from pipeline.services.tables import chart_queries
from pipeline.services.tables.browse import AGGREGATES, Filter
from pipeline.services.tables.chart_queries import Drawing
from pipeline.services.tables.table_list import TableInfo

BAR, LINE, HISTOGRAM, SCATTER, BOX = "Bars", "Line", "Histogram", "Scatter", "Box"
LARGEST_GROUPS = 30
#: More points hide each other, and browsers are slow to draw them.
MOST_POINTS = 5_000
MOST_BOXED = 20_000
#: Columns by which people group first.
USUAL_GROUPS = (
    "cpt",
    "npi",
    "volume_band",
    "age_band",
    "status",
    "zip3",
    "employer_id",
    "sex",
    "gender",
)
WIDTH = 230
RERUN: Final = "rerun"


def show(info: TableInfo, filters: tuple[Filter, ...], rows: int) -> None:
    """The chart controls, the chart of the `rows` that meet the filters, and the rows behind what
    is clicked.

    Masked columns are not offered.
    """
    numbers = list(info.numbers)
    names = list(info.open_columns)
    if not names:
        st.caption("Every column of this table describes a patient; there is nothing to draw.")
        return
    kinds = [BAR, LINE, HISTOGRAM, SCATTER, BOX] if numbers else [BAR]
    kind = address.segments("Chart", kinds, session.CHART, default=BAR)
    draw = {BAR: _bars, LINE: _line, HISTOGRAM: _histogram, SCATTER: _scatter, BOX: _box}[kind]
    clicked = draw(info, filters, rows, names, numbers)
    if clicked is not None:
        with st.container(border=True):
            trace_back.rows(info.name, (*filters, *clicked), f"clicked_{info.name}")
    else:
        st.caption(
            "Click the drawing to see the rows behind it."
            if kind != BOX
            else "Quartiles; whiskers to 1.5 box lengths."
        )


def _bars(
    info: TableInfo, filters: tuple[Filter, ...], total: int, names: list[str], numbers: list[str]
) -> tuple[Filter, ...] | None:
    with st.container(horizontal=True):
        by = group(names)
        how, measure = aggregate(numbers)
    drawing = whole_table.cached_drawing(
        chart_queries.grouped, how, info.name, by, measure, how, filters, LARGEST_GROUPS, total
    )
    frame = drawing.frame
    unit = unit_of(how, measure)
    figure = table_charts.bars(frame, by, "value", unit, in_dollars(how, measure))
    event = charts.show(figure, f"bars_{info.name}", f"{unit} by {words(by)}", on_select=RERUN)
    if len(frame) == LARGEST_GROUPS:
        st.caption(f"The {LARGEST_GROUPS} largest groups are drawn.")
    _say_hidden(frame)
    place = _clicked(event)
    return None if place is None or place >= len(frame) else (same(by, frame[by].iloc[place]),)


def _line(
    info: TableInfo, filters: tuple[Filter, ...], total: int, names: list[str], numbers: list[str]
) -> tuple[Filter, ...] | None:
    with st.container(horizontal=True):
        by = address.select(
            "Along", names, session.CHART_ACROSS, words, default=numbers[0], width=WIDTH
        )
        how, measure = aggregate(numbers)
    drawing = whole_table.cached_drawing(
        chart_queries.in_order, how, info.name, by, measure, how, filters, total
    )
    frame = drawing.frame
    unit = unit_of(how, measure)
    figure = table_charts.line(frame, by, "value", (words(by), unit), in_dollars(how, measure))
    place = _clicked(
        charts.show(figure, f"line_{info.name}", f"{unit} along {words(by)}", on_select=RERUN)
    )
    if "low" in frame:
        st.caption(
            f"{words(by)} has too many values for a point each: a point stands for all from one round limit to the next."
        )
        return None if place is None or place >= len(frame) else _between(by, frame, place)
    if len(frame) == chart_queries.LINE_VALUES:
        st.caption(f"The first {chart_queries.LINE_VALUES} values are drawn.")
    return None if place is None or place >= len(frame) else (same(by, frame[by].iloc[place]),)


def _histogram(
    info: TableInfo, filters: tuple[Filter, ...], total: int, names: list[str], numbers: list[str]
) -> tuple[Filter, ...] | None:
    column = address.select("Number", numbers, session.CHART_OF, words, width=WIDTH)
    drawing = whole_table.cached_drawing(
        chart_queries.histogram, "rows", info.name, column, filters, total
    )
    frame = drawing.frame
    if frame.empty:
        st.caption(f"No row has a value of {words(column)}.")
        return None
    figure = table_charts.bins(frame, words(column), is_money(column))
    place = _clicked(
        charts.show(figure, f"bins_{info.name}", f"Spread of {words(column)}", on_select=RERUN)
    )
    return None if place is None or place >= len(frame) else _between(column, frame, place)


def _scatter(
    info: TableInfo, filters: tuple[Filter, ...], total: int, names: list[str], numbers: list[str]
) -> tuple[Filter, ...] | None:
    with st.container(horizontal=True):
        x = address.select("Across", numbers, session.CHART_ACROSS, words, width=WIDTH)
        y = address.select(
            "Up",
            numbers,
            session.CHART_UP,
            words,
            default=numbers[min(1, len(numbers) - 1)],
            width=WIDTH,
        )
    label = next((name for name in names if name not in (x, y)), x)
    drawing = session.cached(
        chart_queries.points,
        info.name,
        tuple(dict.fromkeys((x, y, label))),
        filters,
        total,
        MOST_POINTS,
    )
    frame = drawing.frame.dropna(subset=[x, y])
    texts = [f"{words(label)} {formats.plain_value(value)}" for value in frame[label]]
    figure = table_charts.points(frame, x, y, texts, (words(x), words(y)))
    _say_points(drawing)
    place = _clicked(
        charts.show(
            figure, f"points_{info.name}", f"{words(y)} against {words(x)}", on_select=RERUN
        )
    )
    return (
        None
        if place is None or place >= len(frame)
        else (same(x, frame[x].iloc[place]), same(y, frame[y].iloc[place]))
    )


def _box(
    info: TableInfo, filters: tuple[Filter, ...], total: int, names: list[str], numbers: list[str]
) -> None:
    with st.container(horizontal=True):
        number = address.select("Number", numbers, session.CHART_OF, words, width=WIDTH)
        by = group([name for name in names if name != number] or names)
    drawing = session.cached(
        chart_queries.points,
        info.name,
        tuple(dict.fromkeys((by, number))),
        filters,
        total,
        MOST_BOXED,
    )
    _say_points(drawing)
    figure = table_charts.boxes(
        table_charts.spreads(drawing.frame, by, number), by, words(number), is_money(number)
    )
    charts.show(figure, f"boxes_{info.name}", f"Spread of {words(number)} by {words(by)}")


def group(names: list[str]) -> str:
    """The column to group by, that which people mean first where nobody chose."""
    usual = next((name for name in USUAL_GROUPS if name in names), names[0])
    return address.select("Group by", names, session.CHART_BY, words, default=usual, width=WIDTH)


def aggregate(numbers: list[str]) -> tuple[str, str | None]:
    """What is shown of each group: rows, or an aggregate of a number."""
    usual = totals.usual(numbers)
    how = address.select(
        "Show",
        ["rows", *(AGGREGATES if numbers else ())],
        session.CHART_HOW,
        default="sum" if usual else "rows",
        width=170,
    )
    return how, None if how == "rows" else address.select(
        "Of", numbers, session.CHART_OF, words, default=usual, width=WIDTH
    )


def unit_of(how: str, measure: str | None) -> str:
    """What an aggregate is called."""
    return "rows" if measure is None else f"{how} of {words(measure)}"


def in_dollars(how: str, measure: str | None) -> bool:
    """Whether an aggregate is an amount of money."""
    return measure is not None and how != "distinct values" and is_money(measure)


def _say_points(drawing: Drawing) -> None:
    if drawing.is_sample:
        st.caption(
            f"A sample of {drawing.looked_at:,} of {drawing.rows:,} rows, taken evenly from all."
        )


def _between(column: str, frame, place: int) -> tuple[Filter, ...]:
    """The filters of the bin that was clicked."""
    low, high = frame["low"].iloc[place].item(), frame["high"].iloc[place].item()
    return Filter(column, "at least", low), Filter(column, "less than", high)


def _say_hidden(frame) -> None:
    if frame["value"].isna().any():
        st.caption("A group without a bar has no value, or its cell is too small to be shown.")


def same(column: str, value) -> Filter:
    """The condition that the rows of a group meet."""
    if value is None or value != value:
        return Filter(column, "is empty")
    return Filter(column, "is", value.item() if hasattr(value, "item") else value)


def _clicked(event) -> int | None:
    """The row of the frame behind the point that is selected."""
    points = event.selection.points if event else []
    if not points:
        return None
    place = points[0].get("customdata")
    return (
        int(place[0] if isinstance(place, list) else place)
        if place is not None
        else points[0].get("point_index")
    )
