"""Who takes care of a cause, until when, and the comments; and which causes are in sight."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import streamlit as st

from pages.widgets import address, formats, permission, session
from pipeline.services.quarantine import cause_notes
from pipeline.services.quarantine.cause_notes import Care
from pipeline.services.quarantine.causes import Cause

EVERY, MINE, OVERDUE, NOBODYS = "All", "Mine", "Overdue", "Nobody's"


def today() -> date:
    """The day where the browser is; that of UTC where it does not say."""
    return datetime.now(formats.zone()).date()


def filtered(causes: Iterable[Cause], by: str) -> list[Cause]:
    """The causes that somebody wants to see: all, those assigned to `by`, those whose day has
    passed, or those that nobody takes care of.
    """
    causes, care = list(causes), session.cached(cause_notes.all_care)
    day = today().isoformat()
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
                _form(cause, care, by)


def _sentence(care: Care) -> str:
    said = [
        f":material/person: {formats.verbatim(care.assignee)}"
        if care.assignee
        else "Nobody takes care of it"
    ]
    if care.due_on:
        due = f"due {formats.moment(care.due_on)}"
        late = care.is_overdue(today().isoformat())
        said.append(f":material/alarm: **{due}, overdue**" if late else due)
    if care.comments:
        said.append(formats.counted(len(care.comments), "comment"))
    return " · ".join(said)


def _form(cause: Cause, care: Care, by: str) -> None:
    for each in care.notes:
        st.markdown(
            f"{formats.verbatim(_words(each))}  \n"
            f":small[{formats.verbatim(each.author)}, {formats.moment(each.noted_at)}]"
        )
    name = cause.cause_id
    if care.assignee != by and permission.button(
        "Take it myself", cause_notes.note, icon=":material/back_hand:", key=f"take_{name}"
    ):
        cause_notes.note(session.settings(), name, assignee=by, by=by)
        st.rerun()
    with st.form(f"care_{name}", clear_on_submit=True, border=False):
        assignee = st.text_input(
            "Assigned to", value=care.assignee, key=f"assignee_{name}_{len(care.notes)}"
        )
        due_on = st.date_input(
            "Due",
            value=date.fromisoformat(care.due_on) if care.due_on else None,
            key=f"due_{name}_{len(care.notes)}",
        )
        comment = st.text_area("Comment", key=f"comment_{name}", height=80)
        if permission.submit("Note it", cause_notes.note, icon=":material/save:", type="primary"):
            cause_notes.note(
                session.settings(),
                name,
                assignee,
                due_on.isoformat() if due_on else "",
                comment,
                by,
            )
            session.flash("Noted, with a record in the audit trail.")
            st.rerun()


def _words(note: cause_notes.Note) -> str:
    if note.kind == "comment":
        return note.text
    if note.kind == "due":
        return f"Due {formats.moment(note.text)}" if note.text else "Has no day any more"
    return f"Assigned to {note.text}" if note.text else "Assigned to nobody"


def _of(care: Mapping[str, Care], cause: Cause) -> Care:
    return care.get(cause.cause_id, Care())
