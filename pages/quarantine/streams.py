"""Streams on the Quarantine page: how they are, dead letters to repair and replay, and gaps.

What a dead letter holds is not shown: nobody knows which part of it tells of a person.
"""

import pandas as pd
import streamlit as st

from pages.widgets import formats, permission, session, start_run
from pages.widgets.data_table import show_table
from pipeline.services.stream import streams

HEADINGS = {"name": "Letter", "place": "Message", "reason": "Why it is no row", "bytes": "Bytes"}


def show() -> None:
    """Nothing where no stream was ever read."""
    state = streams.status(session.settings())
    if state.state == "never started":
        return
    with st.container(border=True, key="streams"):
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            st.markdown(_how_it_is(state), width="content")
            if state.waiting and permission.button(
                "Drain now",
                streams.drain,
                icon=":material/input:",
                key="drain_now",
                help=_waiting(state),
            ):
                loads = streams.drain(session.settings(), wait_seconds=0)
                start_run.after_load()
                rows = sum(load.accepted for load in loads)
                session.flash(
                    f"{formats.counted(rows, 'row')} came in; the next build judges them."
                )
                st.rerun()
        for gap in state.gaps:
            _gap(gap)
        if state.dead_letters or state.tombstones:
            _letters()


def _how_it_is(state: streams.StreamStatus) -> str:
    icon = ":material/stream:" if state.state == "reading" else ":material/pause_circle:"
    why = f" ({formats.verbatim(state.why)})" if state.why else ""
    lag = "" if state.lag is None else f" · {formats.counted(state.lag, 'message')} behind"
    letters = state.dead_letters + state.tombstones
    room = 100 * state.waiting_bytes // max(state.room_bytes, 1)
    return (
        f"{icon} **Stream: {state.state}**{why}{lag} · {formats.number(state.per_second)} messages a second · "
        f"{formats.number(sum(state.waiting.values()))} wait for a drain, the inbox is {room} % full · "
        f"{formats.counted(letters, 'dead letter')}"
    )


def _waiting(state: streams.StreamStatus) -> str:
    return ", ".join(f"{source}: {count:,}" for source, count in state.waiting.items())


def _gap(gap: streams.Gap) -> None:
    last = "" if gap.last_position is None else f" to {gap.last_position}"
    st.warning(
        f"{formats.verbatim(gap.topic)}, partition {gap.partition}: messages from {gap.first_position}{last} are "
        f"missing, {formats.verbatim(gap.what)}. The partition waits; have them sent again, then go on.",
        icon=":material/warning:",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Why", key=f"why_{gap.name}", width=340)
        if permission.button(
            f"Go on behind {gap.name}", streams.close, disabled=not reason, key=f"close_{gap.name}"
        ):
            streams.close(session.settings(), gap.name, reason)
            session.flash(f"{gap.name} is closed; the partition is read on.")
            st.rerun()


def _letters() -> None:
    letters = {letter.name: letter for letter in streams.dead_letters(session.settings())}
    frame = pd.DataFrame(
        [(name, each.place, each.reason, each.bytes) for name, each in letters.items()],
        columns=list(HEADINGS),
    )
    show_table(frame, alt="Dead letters", headings=HEADINGS, key="dead_letters")
    name = st.selectbox("Letter", list(letters), key="dead_letter", width=220)
    st.caption(
        f"What it holds is printed by: icon-health stream letters {name}. Repaired, it waits for the next drain; "
        "empty, it is tried as it came."
    )
    repaired = st.text_area(
        "Repaired message", key=f"repaired_{name}", height=90, placeholder='{"patient_id": ...}'
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Why", key=f"why_{name}", width=340)
        is_tombstone = letters[name].kind == "tombstone"
        if permission.button(
            "Replay",
            streams.replay,
            type="primary",
            icon=":material/replay:",
            disabled=is_tombstone and not repaired,
            key="replay_letter",
        ):
            content = repaired.encode("utf-8", "surrogatepass") if repaired else None
            streams.replay(session.settings(), name, content, reason=reason)
            session.flash(f"{name} waits for the next drain.")
            st.rerun()
        if permission.button(
            "Set aside",
            streams.close,
            icon=":material/block:",
            disabled=not reason,
            help="Closes it for good and forgets what it holds.",
            key="set_letter_aside",
        ):
            streams.close(session.settings(), name, reason)
            session.flash(f"{name} is set aside.")
            st.rerun()
