"""Who takes care of something, until which day, and what people say about it."""

from collections.abc import Callable
from datetime import date, datetime

import streamlit as st

from pages.widgets import formats, session
from pipeline.services.quarantine.cause_notes import Care, Given, Note


def today() -> date:
    """The day where the browser is; that of UTC where it does not say."""
    return datetime.now(formats.zone()).date()


def comments(care: Care) -> list[str]:
    """How many comments there are, where there is one."""
    return [formats.counted(len(care.comments), "comment")] if care.comments else []


def show(
    name: str,
    care: Care,
    by: str,
    keep: Callable[[Given], object],
    day: str = "Due",
    person: str = "Assigned to",
) -> None:
    """What was noted so far, and the form for more; `keep` notes it. `name` makes its keys, `day`
    and `person` say what the day and the name mean.
    """
    for each in care.notes:
        st.markdown(
            f"{formats.verbatim(_words(each, day, person))}  \n"
            f":small[{formats.verbatim(each.author)}, {formats.moment(each.noted_at)}]"
        )
    if care.assignee != by and st.button(
        "Take it myself", icon=":material/back_hand:", key=f"take_{name}"
    ):
        keep(Given(assignee=by))
        st.rerun()
    with st.form(f"care_{name}", clear_on_submit=True, border=False):
        assignee = st.text_input(
            person, value=care.assignee, key=f"assignee_{name}_{len(care.notes)}"
        )
        due_on = st.date_input(
            day,
            value=date.fromisoformat(care.due_on) if care.due_on else None,
            key=f"due_{name}_{len(care.notes)}",
        )
        comment = st.text_area("Comment", key=f"comment_{name}", height=80)
        if st.form_submit_button("Note it", icon=":material/save:", type="primary"):
            keep(Given(assignee, due_on.isoformat() if due_on else "", comment))
            session.flash("Noted, with a record in the audit trail.")
            st.rerun()


def _words(note: Note, day: str, person: str) -> str:
    if note.kind == "comment":
        return note.text
    if note.kind == "due":
        return f"{day} {formats.moment(note.text)}" if note.text else "Has no day any more"
    return f"{person} {note.text}" if note.text else f"{person} nobody"
