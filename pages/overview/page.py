"""The four layers, what flowed through them, what waits in quarantine, how quality went, and what
to do next.
"""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from pages.overview import flow_charts
from pages.run import freshness
from pages.shell import tour
from pages.widgets import charts, formats, headline, menu, permission, placeholder, session
from pages.widgets.badges import LAYER_STATES, layer_heading, run_badge
from pages.widgets.data_table import show_table
from pages.widgets.palette import FATE_COLOURS
from pages.widgets.start_run import begin, begin_sample
from pipeline.services.overview import overview as overview_service
from pipeline.services.overview.layer_states import LayerState
from pipeline.services.overview.overview import Overview
from pipeline.services.run import runs

FATES = tuple(FATE_COLOURS)


def next_step(overview: Overview) -> None:
    action = overview.next_action
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(
            f"**Next: {formats.verbatim(action.title)}**  \n{formats.verbatim(action.why)}",
            width="content",
        )
        icon = ":material/play_arrow:" if action.builds else ":material/arrow_forward:"
        if st.button(
            action.button,
            type="secondary" if tour.is_open() else "primary",
            icon=icon,
            icon_position="right",
            key="next_step",
            **(permission.closed(runs.submit) if action.builds else {}),
        ):
            if action.builds:
                begin()
            menu.go(action.page)


def where_rows_stand(overview: Overview) -> str:
    """`97.0 % of 2,383 rows are promoted, 71 wait in quarantine. All four layers are up to
    date.`
    """
    sentence = freshness.sentence(overview.layers)
    received = int(overview.ledger["received"].sum()) if len(overview.ledger) else 0
    if not received:
        return sentence
    waits = (
        f"{formats.counted(overview.holds_back.rows, 'waits', 'wait')} in quarantine"
        if overview.holds_back.rows
        else "none waits in quarantine"
    )
    if overview.missing.whole and overview.holds_back.rows:
        waits += f": {overview.missing.upload[0].lower()}{overview.missing.upload[1:]}"
    promoted = formats.share(overview.ledger["promoted"].sum() / received)
    rows = formats.counted(received, "row is promoted", "rows are promoted")
    return f"**{promoted} of {rows}**, {waits}. {sentence}"


def layer_card(layer: LayerState) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key=f"layer_{layer.label}"):
        layer_heading(layer.label)
        unit = "rows received" if layer.medallion == "bronze" else "rows"
        st.metric(unit, formats.number(layer.rows), label_visibility="collapsed")
        st.caption(f"{unit} · {formats.counted(layer.tables, 'table')}")
        if layer.change is not None:
            st.caption(
                f"{layer.change:+,} in the last run"
                if layer.change
                else "as many as before the last run"
            )
        st.badge(layer.state, color=LAYER_STATES[layer.state])
        if layer.built_at:
            st.caption(f"built {formats.ago(layer.built_at)}")


def held_back(overview: Overview) -> None:
    held = overview.holds_back
    is_part = bool(held.paid_share and overview.layers[1].rows)
    st.subheader("Held back by quarantine")
    with st.container(horizontal=True):
        st.metric("Rows", formats.number(held.rows), border=True, height="stretch")
        st.metric("Encounters", formats.number(held.encounters), border=True, height="stretch")
        st.metric(
            "Paid",
            formats.money(held.paid_usd),
            border=True,
            height="stretch",
            help="US dollars of the encounters that wait, next to everything in silver.",
            delta=f"{formats.share(held.paid_share)} of all dollars" if is_part else None,
            delta_color="off",
            delta_arrow="off",
        )
        st.metric(
            "Adverse events", formats.number(held.adverse_events), border=True, height="stretch"
        )
    if held.rows:
        menu.link("quarantine", label="Review these rows")


def row_flow(overview: Overview) -> None:
    st.subheader("Where every row went")
    by_entity = overview.ledger.groupby("entity", as_index=False)[["received", *FATES]].sum()
    received = int(by_entity["received"].sum())
    balanced = received == int(by_entity[list(FATES)].to_numpy().sum())
    sentence = f"Of {received:,} received rows " + ", ".join(
        f"{formats.counted(int(by_entity[fate].sum()), 'was', 'were')} {fate}" for fate in FATES
    )
    charts.show(flow_charts.ledger_flow(by_entity, FATES), "ledger_flow", sentence)
    st.caption(
        ":material/balance: every received row has exactly one fate"
        if balanced
        else ":material/error: the ledger does not balance"
    )
    with st.expander("As a table", icon=":material/table_view:"):
        show_table(
            by_entity[["entity", "received", *FATES]],
            headings={"entity": "Source"},
            alt="Row ledger by source",
        )


def quality_over_runs(overview: Overview) -> None:
    """Three numbers of every run that published, as small lines; one run makes no trend."""
    trend = overview.quality
    if trend.empty:
        return
    st.subheader("Quality, run by run")
    last, first = trend.iloc[-1], trend.iloc[-2] if len(trend) > 1 else None
    tiles: tuple[
        tuple[str, str, Callable[[float], str], Literal["inverse", "normal"], int], ...
    ] = (
        ("Rows held back", "quarantined", formats.number, "inverse", 1),
        ("Rule failures", "failing_rows", formats.number, "inverse", 1),
        ("Share promoted", "promoted_share", formats.share, "normal", 100),
    )
    for place, (label, column, written, colour, times) in zip(st.columns(3), tiles, strict=True):
        change = None if first is None else (last[column] - first[column]) * times
        delta = (
            None
            if change is None
            else f"{change:+,.1f} points"
            if times == 100
            else f"{change:+,.0f}"
        )
        with place, st.container(border=True, height="stretch"):
            st.metric(
                label,
                written(last[column]),
                delta=delta,
                delta_color=colour if change else "off",
                delta_arrow="auto" if change else "off",
            )
            if first is not None:
                charts.show(
                    flow_charts.small_line(
                        trend["run_id"], [written(value) for value in trend[column]], trend[column]
                    ),
                    f"quality_{column}",
                    f"{label}, run by run: {', '.join(written(value) for value in trend[column].tail(6))}",
                )
    if first is None:
        st.caption("One run so far; the next build adds a point.")
    else:
        st.caption(
            f"{formats.counted(len(trend), 'run')} from {trend['run_id'].iloc[0]} to {last['run_id']}; "
            f"the change is that since {first['run_id']}."
        )
    menu.link("quality", label="Trend by source and rule")


def first_visit() -> None:
    """The way from nothing to the first repaired row, in three steps."""
    st.markdown(
        "Delivered files go in; checked tables, provider scorecards and features come out, and no row is lost on the way."
    )
    steps = (
        (
            "1. Load",
            "Drop the files that arrived; each is looked at before anything is loaded.",
            "upload",
            "Upload files",
        ),
        (
            "2. Build",
            "Four layers, built in a process of its own; you can watch or leave.",
            "run",
            "Run the pipeline",
        ),
        (
            "3. Repair",
            "Rows that fail a rule wait with every reason; mend them and build again.",
            "quarantine",
            "Review quarantine",
        ),
    )
    for place, (title, text, page, label) in zip(st.columns(3), steps, strict=True):
        with place, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**  \n{text}")
            menu.link(page, label=label, icon=":material/arrow_forward:")
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(
            "**No files at hand?**  \nThe shipped sample is synthetic; a tour leads through its first repair.",
            width="content",
        )
        if permission.button(
            "Load the sample and build",
            runs.submit,
            key="load_sample",
            type="primary",
            icon=":material/play_arrow:",
        ):
            begin_sample()
            menu.go("run")


overview = session.cached(overview_service.overview)
st.title("Overview")
session.show_flash()
if overview.is_empty:
    first_visit()
    st.stop()
headline.lead(where_rows_stand(overview))
with placeholder.place():
    tour.card()
next_step(overview)
with st.container(horizontal=True, key="layers"):
    for layer in overview.layers:
        layer_card(layer)
if len(overview.ledger):
    held_back(overview)
    row_flow(overview)
    quality_over_runs(overview)
with st.container(horizontal=True, vertical_alignment="center"):
    as_of = f" · figures as of {formats.moment(overview.as_of)}" if overview.as_of else ""
    st.caption(f"Last delivery {formats.ago(overview.last_delivery_at)}{as_of}", width="content")
    if overview.last_run:
        st.caption(f"Last run {overview.last_run['run_id']}", width="content")
        run_badge(overview.last_run["status"])
