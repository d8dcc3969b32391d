"""Conditions on the columns of a table. Values stay in the session: a link never carries one."""

import streamlit as st

from pages.components import state
from pipeline.services.explore import OPERATORS, Filter, TableInfo

WITHOUT_VALUE = ("is empty", "is not empty")


def choose(info: TableInfo) -> tuple[Filter, ...]:
    """The filters of one table; each can be taken away by its button."""
    kept = st.session_state.setdefault(state.FILTERS, {}).setdefault(info.name, [])
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Add a filter", icon=":material/filter_alt:"):
            column = st.selectbox("Column", [each.name for each in info.columns], key=f"filter_column_{info.name}")
            operator = st.selectbox("Condition", OPERATORS, key=f"filter_operator_{info.name}")
            value = "" if operator in WITHOUT_VALUE else st.text_input("Value", key=f"filter_value_{info.name}")
            if st.button("Apply", type="primary", key=f"filter_apply_{info.name}"):
                kept.append([column, operator, value])
                st.session_state.pop(state.PAGE, None)
                st.rerun()
        for position, (column, operator, value) in enumerate(kept):
            if st.button(f"{column} {operator} {value}".strip(), icon=":material/close:", help="Take this filter away",
                         key=f"filter_{info.name}_{position}"):
                kept.pop(position)
                st.session_state.pop(state.PAGE, None)
                st.rerun()
    return tuple(Filter(*each) for each in kept)
