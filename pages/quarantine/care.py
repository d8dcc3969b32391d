"""Who takes care of a cause, until when, and the comments; and which causes are in sight."""

from collections.abc import Iterable, Mapping

import streamlit as st

from pages.widgets import address, care_form, formats, permission, session
from pipeline.services.quarantine import cause_notes
from pipeline.services.quarantine.cause_notes import Care, Given
from pipeline.services.quarantine.causes import Cause

EVERY, MINE, OVERDUE, NOBODYS = "All", "Mine", "Overdue", "Nobody's"


def filtered(causes: Iterable[Cause], by: str) -> list[Cause]:
    """The causes that somebody wants to see: all, those assigned to `by`, those whose day has
    passed, or those that nobody takes care of.
    """
    causes, care = list(causes), session.cached(cause_notes.all_care)
    day = care_form.today().isoformat()
    of_state = {
        EVERY: causes,
        MINE: [each for each in causes if _of(care, each).assignee == by],
        OVERDUE: [each for each in causes if _of(care, each).is_overdue(day)],
        NOBODYS: [each for each in causes if not _of(care, each).assignee],
    }
    chosen = address.segments(
        "Causes in sight",
        list(of_state),
        session.CARE,
        lambda name: f"{name} ({len(of_state[name]):,})",
        label_visibility="collapsed",
    )
    if not of_state[chosen]:
        st.caption("No cause is of that kind.")
    return of_state[chosen]


def show(cause: Cause, by: str) -> None:
    """How the cause is taken care of, and where to say it otherwise."""
    care = _of(session.cached(cause_notes.all_care), cause)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_sentence(care), width="content")
        if permission.reason(cause_notes.note) is None:
            with st.popover("Assign, due, comment", icon=":material/assignment_ind:"):
                care_form.show(cause.cause_id, care, by, lambda given: _keep(cause, given, by))


def _keep(cause: Cause, given: Given, by: str) -> None:
    cause_notes.note(
        session.settings(), cause.cause_id, given.assignee, given.due_on, given.comment, by
    )


def _sentence(care: Care) -> str:
    said = [
        f":material/person: {formats.verbatim(care.assignee)}"
        if care.assignee
        else "Nobody takes care of it"
    ]
    if care.due_on:
        due = f"due {formats.moment(care.due_on)}"
        late = care.is_overdue(care_form.today().isoformat())
        said.append(f":material/alarm: **{due}, overdue**" if late else due)
    return " · ".join([*said, *care_form.comments(care)])


def _of(care: Mapping[str, Care], cause: Cause) -> Care:
    return care.get(cause.cause_id, Care())
