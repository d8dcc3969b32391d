"""Choices kept in the URL, so that a link shows the same page to somebody else.

Streamlit's `bind="query-params"` writes the label of an option to the URL; a label with a row count
would make links that break with the next load. These functions write the plain value. Values of
patients are never choices.

The browser keeps each URL that was written; the choice follows Back and Forward.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Literal, overload

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.widgets import formats, session

#: A click within this time after a choice can still carry the previous URL; that is not Back.
LAG_SECONDS = 3.0
#: Of this run of a page (it has a thread of its own), see `tell_unknown_in`.
PLACE: ContextVar[DeltaGenerator | None] = ContextVar("place_of_unknown", default=None)
#: (address of a page, parameter) of which the page itself says in its own words what is unknown.
TOLD_BY_THE_PAGE = {
    ("providers", session.PROVIDER),
    ("data_quality", session.RUN),
    *(
        ("gold", key)
        for key in (
            session.TABLE,
            session.SORT,
            session.MEASURE,
            session.CHART_BY,
            session.GROUP_ALSO,
            session.CHART_OF,
            session.CHART_ACROSS,
            session.CHART_UP,
            session.QUESTION,
        )
    ),
}


def begin(page: str) -> None:
    """Before the script of a page: forget what another page wrote to the URL, and what the link of
    the last one named.
    """
    st.session_state[session.UNKNOWN_IN_LINK] = []
    if st.session_state.get(session.PUBLISHED_CHOICES, {}).get("page") != page:
        st.session_state[session.PUBLISHED_CHOICES] = {"page": page, "choices": {}}


def tell_unknown_in(place: DeltaGenerator) -> None:
    """Where this run of the page says what of its link is not there; an empty place."""
    PLACE.set(place)


def note_unknown(what: str, value: str) -> None:
    """Say that the link names something that is not there: `what` is its kind in words.

    It is said at once: nothing can be drawn any more when a page has stopped itself.
    """
    told, place = st.session_state[session.UNKNOWN_IN_LINK], PLACE.get()
    if place is None or [what, value] in told:
        return
    told.append([what, value])
    named = ", ".join(
        f"{formats.verbatim(each.lower())} {formats.verbatim(formats.plain_value(text))}"
        for each, text in told
    )
    place.warning(
        f"The link names what is not known here, and that part is left out: {named}.",
        icon=":material/link_off:",
    )


@overload
def select(
    label: str,
    options: Sequence[str],
    key: str,
    show: Callable[[str], str] = ...,
    default: str | None = ...,
    optional: Literal[False] = ...,
    **layout: Any,
) -> str: ...


@overload
def select(
    label: str,
    options: Sequence[str],
    key: str,
    show: Callable[[str], str] = ...,
    default: str | None = ...,
    *,
    optional: bool,
    **layout: Any,
) -> str | None: ...


def select(
    label: str,
    options: Sequence[str],
    key: str,
    show: Callable[[str], str] = str,
    default: str | None = None,
    optional: bool = False,
    **layout: Any,
) -> str | None:
    """A select box whose value is the address parameter `key`; with `optional` nothing need be
    chosen.
    """
    initial = default if optional or default in options else options[0]
    _prepare(options, key, initial, label)
    value: str | None = st.selectbox(
        label, options, index=None if optional else 0, key=key, format_func=show, **layout
    )
    _publish(key, value, initial)
    return value


def segments(
    label: str,
    options: Sequence[str],
    key: str,
    show: Callable[[str], str] = str,
    default: str | None = None,
    **layout: Any,
) -> str:
    """Segments in a row, one always chosen, whose value is the address parameter `key`."""
    initial = default if default is not None and default in options else options[0]
    _prepare(options, key, initial, label)
    value: str = (
        st.segmented_control(label, options, key=key, format_func=show, required=True, **layout)
        or initial
    )
    _publish(key, value, initial)
    return value


def several(
    place: DeltaGenerator,
    label: str,
    options: Sequence[str],
    key: str,
    show: Callable[[str], str] = str,
    **layout: Any,
) -> list[str]:
    """Any number of choices in a container, each of them once in the address under `key`."""
    selected = (
        st.query_params.get_all(key)
        if key not in st.session_state or _is_set_by_url(key)
        else st.session_state[key]
    )
    st.session_state[key] = [value for value in selected if value in options]
    values = place.multiselect(label, options, key=key, format_func=show, **layout)
    _write(key, values, values)
    return values


def views(draw: Mapping[str, Callable[[], None]], key: str) -> None:
    """Tabs by title, of which only the open one is drawn; it is the address parameter `key`."""
    for tab, draw_it in zip(
        st.tabs(list(draw), key=key, on_change="rerun", bind="query-params"),
        draw.values(),
        strict=True,
    ):
        if tab.open:
            with tab:
                draw_it()


def _prepare(options: Sequence[str], key: str, initial: str | None, label: str) -> None:
    """Before the widget: take the value of the URL on the first visit and after Back, and the
    initial value when a choice no longer exists.
    """
    value = st.query_params.get(key)
    if key not in st.session_state or _is_set_by_url(key):
        page = st.session_state[session.PUBLISHED_CHOICES]["page"]
        if value and value not in options and (page, key) not in TOLD_BY_THE_PAGE:
            note_unknown(label, value)
        st.session_state[key] = value if value in options else initial
    elif st.session_state[key] not in options:
        st.session_state[key] = initial


def _publish(key: str, value: str | None, initial: str | None) -> None:
    """After the widget: write a non-default choice to the URL."""
    _write(key, [] if value is None or value == initial else [value], value)


def _write(key: str, address: list[str], value: str | list[str] | None) -> None:
    """Write the choice to the URL, and remember the value and the time of writing."""
    choices = st.session_state[session.PUBLISHED_CHOICES]["choices"]
    if st.query_params.get_all(key) == address:
        choices[key] = (
            {"at": -math.inf} | choices.get(key, {}) | {"address": address, "value": value}
        )
        return
    if address:
        st.query_params[key] = address
    else:
        st.query_params.pop(key)
    choices[key] = {"address": address, "value": value, "at": time.monotonic()}


def _is_set_by_url(key: str) -> bool:
    """Whether the URL differs from what this page wrote, while the widget still has the value
    written then: the browser went Back or Forward.
    """
    url_value = st.session_state[session.PUBLISHED_CHOICES]["choices"].get(key)
    if url_value is None:
        return False
    return (
        st.query_params.get_all(key) != url_value["address"]
        and st.session_state[key] == url_value["value"]
        and time.monotonic() - url_value["at"] > LAG_SECONDS
    )
