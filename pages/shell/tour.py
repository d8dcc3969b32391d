"""The guided first visit: a card on the overview, and one line in the menu that says on every page
what comes next.
"""

import streamlit as st

from pages.widgets import formats, menu, permission, session
from pages.widgets.start_run import begin
from pipeline.services.overview import tour
from pipeline.services.overview.tour import Outcome, Tour
from pipeline.services.run import runs

UPLOAD, QUARANTINE, RUN = "upload", "quarantine", "run"
TITLES = ("See what was loaded", "Take the suggested repair", "Build and see rows come through")


def is_open() -> bool:
    """Whether the card of the tour asks for a step, so that another button beside it steps back."""
    tour_state = session.cached(tour.state)
    return tour_state is not None and tour_state.step <= 3


def card() -> None:
    """Three steps, the open one with its button; what happened once all are done; nothing when
    there is no tour.
    """
    tour_state = session.cached(tour.state)
    if tour_state is None:
        return
    with st.container(border=True, key="tour"):
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            title = (
                "Your first repair is done"
                if tour_state.step > 3
                else f"First visit: step {tour_state.step} of 3"
            )
            st.markdown(f":material/flag: **{title}**", width="content")
            if st.button(
                "Close the tour", key="tour_close", type="tertiary", icon=":material/close:"
            ):
                tour.close(session.settings())
                st.rerun()
        if tour_state.step > 3:
            if tour_state.outcome is not None:
                _finished(tour_state.outcome)
            return
        texts = (
            f"Loaded and built: {formats.counted(tour_state.files, 'file')} with {formats.counted(tour_state.loaded, 'row')}. "
            f"{formats.counted(tour_state.waiting, 'row was', 'rows were')} held back, none was lost. Look at how each file was read.",
            "One wrong value can hold back many rows. On the quarantine page each suggestion shows its evidence and what it "
            f"would promote. {_press(tour_state)}",
            "A decision changes nothing by itself. The next build judges again what it touches and publishes all at once.",
        )
        for number, (place, name, text) in enumerate(
            zip(st.columns(3), TITLES, texts, strict=True), 1
        ):
            with place:
                mark = (
                    ":material/check_circle:"
                    if number < tour_state.step
                    else f":material/counter_{number}:"
                )
                st.markdown(f"{mark} **{name}**" if number <= tour_state.step else f"{mark} {name}")
                st.caption(text)
                if number == tour_state.step:
                    _button(tour_state.step)


def _press(tour_state: Tour) -> str:
    rows = (
        formats.counted(tour_state.rows_of_suggestion, "row")
        if tour_state.rows_of_suggestion
        else "1 row"
    )
    return f"Press **Use this value in {rows}**."


def _button(step: int) -> None:
    if step == 1 and st.button(
        "Show me the files", key="tour_1", type="primary", icon=":material/arrow_forward:"
    ):
        tour.mark_seen(session.settings())
        menu.go(UPLOAD)
    if step == 2 and st.button(
        "Go to quarantine", key="tour_2", type="primary", icon=":material/arrow_forward:"
    ):
        menu.go(QUARANTINE)
    if step == 3 and permission.button(
        "Build now", runs.submit, key="tour_3", type="primary", icon=":material/play_arrow:"
    ):
        begin()
        menu.go(RUN)


def _finished(outcome: Outcome) -> None:
    parts = [
        formats.counted(count, formats.words(entity).lower().removesuffix("s"))
        for entity, count in outcome.promoted
    ]
    left = (
        f"{formats.counted(outcome.waiting, 'row')} still wait"
        if outcome.waiting
        else "no row waits any more"
    )
    st.success(
        f"**{formats.counted(outcome.repairs, 'repaired value')} promoted {formats.counted(outcome.rows, 'row')}**"
        f"{' (' + ', '.join(parts) + ')' if parts else ''}; {left}.",
        icon=":material/celebration:",
    )
    with st.container(horizontal=True):
        menu.link("run_history", label="What changed, run by run", width="content")
        menu.link(
            QUARANTINE,
            label="More repairs" if outcome.waiting else "The audit trail",
            icon=":material/front_hand:",
            width="content",
        )
        menu.link("providers", label="Compare providers", width="content")


def line() -> None:
    """In the menu: the open step and the way to it."""
    tour_state = session.cached(tour.state)
    if tour_state is None or tour_state.step > 3:
        return
    st.caption(f"First visit, step {tour_state.step} of 3")
    page, label = ((UPLOAD, "See the files"), (QUARANTINE, "Take a repair"), (RUN, "Build"))[
        tour_state.step - 1
    ]
    menu.link(page, label=label, icon=":material/flag:")
    if tour_state.step == 2:
        st.caption(_press(tour_state))
