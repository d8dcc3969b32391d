"""Draw any table: one number's spread, a number by group, or two numbers against each other."""

import streamlit as st

from pages.components import charts, formats, state
from pages.components.formats import words
from pipeline.services import explore
from pipeline.services.explore import AGGREGATES, Filter, TableInfo

KINDS = ("By group", "Spread", "Two numbers")
NUMERIC = ("int", "real", "num", "float", "double", "dec")


def show(info: TableInfo, filters: tuple[Filter, ...]) -> None:
    """The chart controls and the chart; columns that describe a patient are not offered."""
    open_columns = [column for column in info.columns if column.classification not in ("phi", "identifier")
                    and not column.name.startswith("_")]
    numbers = [column.name for column in open_columns if column.data_type.startswith(NUMERIC)]
    names = [column.name for column in open_columns]
    if not names:
        st.caption("Every column of this table describes a patient; there is nothing to draw.")
        return
    kind = st.segmented_control("Chart", KINDS if numbers else KINDS[:1], default=KINDS[0], required=True,
                                key=f"kind_{info.name}")
    if kind == "By group":
        _by_group(info, filters, names, numbers)
    elif kind == "Spread":
        _spread(info, filters, numbers)
    else:
        _two_numbers(info, filters, numbers, names)


def _by_group(info: TableInfo, filters: tuple[Filter, ...], names: list[str], numbers: list[str]) -> None:
    with st.container(horizontal=True):
        by = st.selectbox("Group by", names, key=f"by_{info.name}", format_func=words, width=260)
        how = st.selectbox("Show", ["rows", *(AGGREGATES if numbers else ())], key=f"how_{info.name}", width=200)
        measure = None if how == "rows" else st.selectbox("Of", numbers, key=f"measure_{info.name}", format_func=words, width=260)
    frame = state.answer(explore.grouped, info.name, by, measure, how, filters, 30)
    unit = "rows" if measure is None else f"{how} of {words(measure)}"
    money = bool(measure) and how != "distinct values" and (measure.endswith("_usd") or measure.startswith("paid"))
    charts.show(charts.bars(frame, by, "value", unit, money=money), f"group_{info.name}", f"{unit} by {words(by)}")
    if len(frame) == 30:
        st.caption("The 30 largest groups are drawn.")


def _spread(info: TableInfo, filters: tuple[Filter, ...], numbers: list[str]) -> None:
    column = st.selectbox("Number", numbers, key=f"spread_{info.name}", format_func=words, width=260)
    facts = state.answer(explore.summary, info.name, column, filters)
    with st.container(horizontal=True):
        for name, value in facts.items():
            st.metric(name.capitalize(), formats.number(value))
    values = state.answer(explore.sample, info.name, (column,), filters)[column]
    charts.show(charts.histogram(values, words(column)), f"histogram_{info.name}", f"Spread of {words(column)}")


def _two_numbers(info: TableInfo, filters: tuple[Filter, ...], numbers: list[str], names: list[str]) -> None:
    with st.container(horizontal=True):
        x = st.selectbox("Across", numbers, key=f"x_{info.name}", format_func=words, width=260)
        y = st.selectbox("Up", numbers, index=min(1, len(numbers) - 1), key=f"y_{info.name}", format_func=words, width=260)
    label = next((name for name in names if name not in (x, y)), x)
    frame = state.answer(explore.sample, info.name, tuple(dict.fromkeys((x, y, label))), filters)
    figure = charts.scatter(frame, x, y, [f"{words(label)} {value}" for value in frame[label]], (words(x), words(y)))
    charts.show(figure, f"scatter_{info.name}", f"{words(y)} against {words(x)}")
