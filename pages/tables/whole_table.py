"""A chart of very many rows uses a sample and says so; a button reads all rows, shows progress and
can be stopped.
"""

import time
from collections.abc import Callable

import streamlit as st

from pages.widgets import query_limit, session
from pipeline.services.tables.chart_queries import Drawing

PROGRESS_SECONDS = 0.2
ESTIMATED = {
    "rows": "numbers of rows are estimates",
    "sum": "sums are estimates",
    "mean": "means are those of the sample",
}


def cached_drawing(call: Callable[..., Drawing], how: str, *arguments) -> Drawing:
    """The numbers of a chart, from a sample or, once a person asked for it, from all rows; `how` is
    the aggregate.
    """
    question = f"{call.__name__} {arguments!r}"
    remembered = st.session_state.get(session.ALL_ROWS, {})
    if remembered.get("question") != question:
        drawing = session.cached(call, *arguments)
        if drawing.is_sample:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    f"Draw all {drawing.rows:,} rows",
                    key="all_rows",
                    icon=":material/select_all:",
                    on_click=_ask,
                    args=(question,),
                    help="Reads every row. It takes seconds and can be stopped.",
                )
                st.caption(
                    f"This is a sample of {drawing.looked_at:,} of {drawing.rows:,} rows: "
                    f"{ESTIMATED.get(how, 'rare values may be missing')}. A click shows all rows behind it.",
                    width="content",
                )
        return drawing
    stamp = session.stamp_of(call)
    if remembered.get("stamp") != stamp:
        remembered = {"question": question, "stamp": stamp, "drawing": _all_of(call, arguments)}
        st.session_state[session.ALL_ROWS] = remembered
    st.caption(f"All {remembered['drawing'].rows:,} rows are drawn.")
    return remembered["drawing"]


def _all_of(call: Callable[..., Drawing], arguments: tuple) -> Drawing:
    """Read all rows while a bar tells how far that is: by the work that the sample took, row by
    row.
    """
    sample = session.cached(call, *arguments)
    expected = sample.looks * sample.rows / max(sample.looked_at, 1)
    told_at = 0.0
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text=f"Reading all {sample.rows:,} rows")
        st.button(
            "Stop", key="stop_all_rows", icon=":material/stop_circle:", on_click=_ask, args=(None,)
        )

    def tell(looks: int) -> None:
        nonlocal told_at
        if expected and time.monotonic() - told_at > PROGRESS_SECONDS:
            told_at = time.monotonic()
            bar.progress(min(looks / expected, 0.99), text=f"Reading all {sample.rows:,} rows")

    with query_limit.cancellable(tell):
        drawing = call(session.settings(), *arguments, all_rows=True)
    place.empty()
    return drawing


def _ask(question: str | None) -> None:
    st.session_state[session.ALL_ROWS] = {"question": question}
