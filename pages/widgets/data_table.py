"""Tables: column formats by name and type, units in headings, meaning on hover, pages cut by the
server.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from pages.widgets import row_selection
from pages.widgets.formats import NO_VALUE, change, kind, words, zone
from pages.widgets.palette import LAYER_TITLES

PAGE_SIZES = (25, 100, 500)
SHARES = (
    "_rate",
    "_rate_to_date",
    "_share",
    "reliability",
    "adverse_event_rate_low",
    "adverse_event_rate_high",
    "share_of_paid",
)
#: Pixels of columns of long names, which would push the numbers beside them out of sight.
WIDTHS = {"procedure": 250, "plain_label": 250}
#: Pixels of a moment with its zone.
WIDTH_OF_TIMES = 185
#: Columns whose values are names of ours, and how people read them.
NAMED = {
    "entity": words,
    "layer": lambda label: LAYER_TITLES.get(label, words(label)),
    "kahn": kind,
}


def show_table(
    frame: pd.DataFrame,
    descriptions: Mapping[str, str] | None = None,
    hidden: tuple[str, ...] = (),
    key: str | None = None,
    height: int | Literal["stretch", "content", "auto"] = "auto",
    ids: Sequence[Hashable] | None = None,
    alt: str | None = None,
    headings: Mapping[str, str] | None = None,
    columns: Mapping[str, Any] | None = None,
    as_stored: bool = False,
    number_formats: Mapping[str, Callable[[float], str]] | None = None,
) -> list[int]:
    """Draw a frame with formats chosen by column name (`columns` overrides); the positions of the
    selected rows, one at most.

    `ids` say what each row is; with them (and a `key`) a row can be selected, and stays selected
    when its place changes. `as_stored` leaves names as the database has them, for rows that people
    filter by what they see. `told` writes the numbers of a column, which is sorted by them all the
    same; a difference is always told with its sign.
    """
    visible = [column for column in frame.columns if column not in hidden]
    frame = _for_people(frame[visible], as_stored)
    config = {
        column: column_format(column, frame[column], (descriptions or {}).get(column, ""), headings)
        for column in visible
    }
    config |= columns or {}
    written = {name: change for name in visible if name == "change"} | dict(number_formats or {})
    config |= {
        name: st.column_config.NumberColumn(
            (headings or {}).get(name) or words(name), help=(descriptions or {}).get(name)
        )
        for name in written
    }
    if ids is not None and key is None:
        raise ValueError("rows that can be selected need a key")
    selects: dict[str, Any] = (
        {"key": key} if ids is None or key is None else row_selection.begin(key, ids)
    )
    styled = frame.style.format(written, na_rep=NO_VALUE) if written else frame
    event: Any = st.dataframe(
        styled,
        hide_index=True,
        column_config=config,
        height=height,
        alt=alt,
        placeholder="–",
        **selects,
    )
    if ids is None or key is None:
        return []
    return row_selection.end(key, event.selection.rows)


def column_format(
    column: str, values: pd.Series, meaning: str = "", headings: Mapping[str, str] | None = None
) -> ColumnConfig:
    """The column configuration for one column: money, share, count, time or text, with its meaning
    on hover.
    """
    label = (headings or {}).get(column) or words(column)
    text = meaning or None
    if pd.api.types.is_bool_dtype(values):
        return st.column_config.CheckboxColumn(label, help=text)
    if pd.api.types.is_datetime64_any_dtype(values):
        return st.column_config.DatetimeColumn(
            label,
            help=text,
            width=WIDTH_OF_TIMES,
            format="D MMM YYYY, HH:mm z",
            timezone=str(zone()),
        )
    if (
        pd.api.types.is_object_dtype(values)
        and values.map(lambda value: isinstance(value, list)).any()
    ):
        return st.column_config.ListColumn(label, help=text)
    if not pd.api.types.is_numeric_dtype(values):
        return st.column_config.TextColumn(label, help=text, width=WIDTHS.get(column))
    if is_money(column):
        return st.column_config.NumberColumn(
            label, help=text, format="$%,.0f" if _whole(values) else "$%,.2f"
        )
    if column.endswith(SHARES):
        return st.column_config.NumberColumn(label, help=text, format="%.1f %%")
    if column.endswith(("_year", "_seq")):
        return st.column_config.NumberColumn(label, help=text, format="%d")
    if _whole(values):
        return st.column_config.NumberColumn(label, help=text, format="localized")
    return st.column_config.NumberColumn(label, help=text, format="%.2f")


def is_money(column: str) -> bool:
    """Whether a column holds US dollars, by its name."""
    return (
        column.endswith("_usd")
        or column.startswith("paid_")
        and not column.endswith(("_cents", "_ratio", "_share", "_cents_sum"))
    )


def page_offset(size: int, key: str, total: int | None = None) -> int:
    """The first row of the page that the pager further down will show: the one chosen, else the one
    that the address names.
    """
    page_number = str(st.session_state.get(key) or st.query_params.get(key) or 1)
    page = int(page_number) if page_number.isdecimal() and len(page_number) < 10 else 1
    last = page if total is None else max(1, -(-total // size))
    return (max(1, min(page, last)) - 1) * size


def pager(total: int, size: int, key: str) -> int:
    """Page buttons for `total` rows; the offset of the first row to fetch."""
    pages = max(1, -(-total // size))
    if pages == 1:
        return 0
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = pages
    return (st.pagination(pages, key=key, bind="query-params") - 1) * size


def _for_people(frame: pd.DataFrame, as_stored: bool) -> pd.DataFrame:
    """Shares as per cent, UTC texts as times, sources and layers by the names that people know."""
    readable = frame.copy()
    for column in readable.columns:
        if column.endswith(SHARES) and pd.api.types.is_numeric_dtype(readable[column]):
            readable[column] = readable[column] * 100
        elif column.endswith("_at") and not pd.api.types.is_numeric_dtype(readable[column]):
            readable[column] = pd.to_datetime(
                readable[column], format="%Y-%m-%dT%H:%M:%SZ", errors="coerce", utc=True
            )
        elif column in NAMED and not as_stored:
            readable[column] = readable[column].map(NAMED[column], na_action="ignore")
    return readable


def _whole(values: pd.Series) -> bool:
    present = values.dropna()
    return bool((present == present.round()).all())
