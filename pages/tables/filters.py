"""Conditions on the columns of a table. They stand in the address, but for those on columns that
describe a patient.

Conditions on masked columns live in the session alone: a link never carries one, and one in a link
that somebody wrote by hand is refused.
"""

from collections.abc import Mapping

import streamlit as st

from pages.tables import conditions, filter_form, link_refusals
from pages.widgets import formats, session
from pipeline.services.tables.browse import Filter
from pipeline.services.tables.table_list import TableInfo


def choose(info: TableInfo, place) -> tuple[Filter, ...]:
    """The filters of one table; each can be taken away by its button in `place`, which stays empty
    while there is none.
    """
    _read_url(info)
    filters = _kept(info.name)
    adding = st.popover(
        "Add a filter",
        icon=":material/filter_alt:",
        key=f"filter_add_{info.name}",
        on_change="rerun",
    )
    if adding.open:
        with adding:
            filter_form.show(info, filters, _apply)
    if filters:
        with place, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for position, condition in enumerate(filters):
                _chip(info, _key(info.name, filters, position), condition)
            st.button(
                "Clear",
                type="tertiary",
                key=f"filter_clear_{info.name}",
                on_click=_keep,
                args=(info.name, []),
            )
    _write_url(info, filters)
    return tuple(filters)


def like_row(info: TableInfo, row: Mapping[str, object]) -> None:
    """A filter by a value of one row (column -> value as shown); masked columns offer none."""
    with st.popover("Filter by a value of this row", icon=":material/filter_alt:"):
        shareable = (each.name for each in info.columns if each.name in info.shareable)
        for condition in conditions.values_of(row, shareable):
            value = formats.verbatim(condition.value) or "empty"
            st.button(
                f"{formats.words(condition.column)}: {value}",
                type="tertiary",
                key=f"filter_like_{info.name}_{condition.column}",
                on_click=_take,
                args=(info.name, [condition]),
            )


def take_button(info: TableInfo, more: tuple[Filter, ...]) -> None:
    """A button that adds these filters to those of the table."""
    st.button(
        f"Filter by {conditions.sentence(more)}",
        icon=":material/filter_alt:",
        key=f"filter_group_{info.name}",
        on_click=_take,
        args=(info.name, list(more)),
    )


def _chip(info: TableInfo, key: str, condition: Filter) -> None:
    is_open = condition.column in info.shareable
    st.button(
        f"{'or ' if condition.is_alternative else ''}{conditions.in_words(condition)}",
        icon=":material/close:" if is_open else ":material/lock:",
        help="Take this filter away"
        if is_open
        else "Take this filter away. A link leaves it out: the column is masked",
        key=key,
        on_click=_remove,
        args=(info.name, condition),
    )


def _apply(info: TableInfo) -> None:
    """A callback that reads the fields at the click: a value may be typed and applied before the
    page is drawn with it.
    """
    _take(info.name, filter_form.filled_in(info))
    st.session_state[f"filter_add_{info.name}"] = False


def _take(table: str, more: list[Filter]) -> None:
    _keep(table, conditions.added(_kept(table), more))


def _remove(table: str, condition: Filter) -> None:
    """Remove a filter; a second click on the same button does nothing."""
    _keep(table, conditions.without(_kept(table), condition))


def _kept(table: str) -> list[Filter]:
    """The filters of a table in this session, which keeps them as lists."""
    return [Filter(*each) for each in st.session_state.get(session.FILTERS, {}).get(table, [])]


def _keep(table: str, filters: list[Filter]) -> None:
    """Keep the filters of a table; its first page is the next one that is shown."""
    st.session_state.setdefault(session.FILTERS, {})[table] = [
        [each.column, each.operator, each.value, each.is_alternative] for each in filters
    ]
    st.session_state.pop(session.PAGE, None)
    link_refusals.forget()


def _key(table: str, filters: list[Filter], position: int) -> str:
    """The button's key names the filter, not its position: a second click on a removed filter must
    not remove the one that took its place.
    """
    one = filters[position]
    same = [(each.column, each.operator) for each in filters[:position]]
    place = same.count((one.column, one.operator))
    return f"filter_{table}_{one.column}_{conditions.CODES[one.operator]}_{place}"


def _read_url(info: TableInfo) -> None:
    """Read the conditions from the URL unless this page wrote them."""
    in_url = st.query_params.get_all(session.WHERE)
    if in_url == st.session_state.get(session.PUBLISHED_FILTERS, []):
        return
    taken, refusals = conditions.from_address(info, in_url)
    link_refusals.note(info.name, refusals)
    masked = [each for each in _kept(info.name) if each.column not in info.shareable]
    st.session_state.setdefault(session.FILTERS, {})[info.name] = [
        [each.column, each.operator, each.value, each.is_alternative] for each in taken + masked
    ]


def _write_url(info: TableInfo, filters: list[Filter]) -> None:
    in_url = conditions.in_address(info, filters)
    if in_url != st.query_params.get_all(session.WHERE):
        if in_url:
            st.query_params[session.WHERE] = in_url
        else:
            st.query_params.pop(session.WHERE, None)
    st.session_state[session.PUBLISHED_FILTERS] = in_url
