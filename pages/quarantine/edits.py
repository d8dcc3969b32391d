"""Unsaved edits of open rows: typed, found and replaced, or taken from suggestions, saved together.

They are stored by row and author, so they survive a change of page or filter, a build by somebody
else, a reload and a closed browser. Saving is refused when somebody else has decided on one of the
rows since its editing began.
"""

from copy import deepcopy
from dataclasses import dataclass, field

import streamlit as st

from pages.quarantine import undo, what_if
from pages.widgets import formats, permission, placeholder, session
from pipeline.services.quarantine import corrections, decisions, drafts
from pipeline.services.quarantine.open_rows import OpenRowsPage
from pipeline.services.quarantine.row_names import row_names

Edits = dict[str, dict[str, str | None]]


@dataclass
class _SavedDraft:
    """The saved draft of one source: its author, its edits, and when it was saved if this session
    loaded it.
    """

    by: str
    edits: Edits = field(default_factory=dict)
    taken_up_from: str = ""


def edits_of(entity: str) -> Edits:
    """Row id -> column -> value, of one source; at first the draft that its author left last
    time.
    """
    edits = st.session_state.setdefault(session.EDITS, {})
    edits_by_entity = st.session_state.setdefault(session.SAVED_DRAFTS, {})
    by = st.session_state[session.AUTHOR]
    if entity not in edits or (not edits[entity] and edits_by_entity[entity].by != by):
        left = drafts.unsaved(session.settings(), entity, by)
        edits[entity], edits_by_entity[entity] = (
            deepcopy(left.edits),
            _SavedDraft(by, left.edits, left.noted_at),
        )
        if left.edits:
            st.session_state.setdefault(session.NEWEST_DECISION, {})[entity] = left.since
    return edits[entity]


def _save_draft(entity: str, since: str) -> None:
    """Save the edits as a draft; a draft under another name of their author moves along."""
    edits = edits_of(entity)
    entity_edits, by = (
        st.session_state[session.SAVED_DRAFTS][entity],
        st.session_state[session.AUTHOR],
    )
    if entity_edits.by == by and entity_edits.edits == edits:
        return
    if entity_edits.by != by:
        drafts.save(session.settings(), entity, entity_edits.by, entity_edits.edits, {}, since)
        entity_edits.by, entity_edits.edits = by, {}
    drafts.save(session.settings(), entity, by, entity_edits.edits, edits, since)
    entity_edits.edits = deepcopy(edits)
    if not edits:
        entity_edits.taken_up_from = ""


def add(entity: str, changes: Edits, is_bulk: bool = False) -> None:
    """Add edits and redraw the grid with them; those of a bulk action leave cells alone that hold
    an edit already, and say how many.
    """
    edits, left = edits_of(entity), 0
    for row_id, cells in changes.items():
        for column, value in cells.items():
            if is_bulk and edits.get(row_id, {}).get(column, value) != value:
                left += 1
            else:
                edits.setdefault(row_id, {})[column] = value
    if left:
        session.flash(
            f"{formats.counted(left, 'cell')} with an edit of yours stayed as you wrote "
            f"{'it' if left == 1 else 'them'}."
        )
    session.new_grid()


def read_grid(page: OpenRowsPage, typed: Edits) -> None:
    """Take what stands in the grid as the edits of the rows of this page; a cell with its old value
    is no edit.
    """
    edits = edits_of(page.entity)
    shown = page.rows.set_index("row_id")
    for row_id in shown.index:
        cells = {}
        for column, value in typed.get(row_id, {}).items():
            was = shown.at[row_id, column]
            if (value or "") != (was if isinstance(was, str) else ""):
                cells[column] = value or None
        if cells:
            edits[row_id] = cells
        else:
            edits.pop(row_id, None)


def newest_known_decision(page: OpenRowsPage, is_at_work: bool) -> str:
    """The newest decision that the person has seen: that on the page when the work on it began."""
    newest_decisions = st.session_state.setdefault(session.NEWEST_DECISION, {})
    if not is_at_work:
        newest_decisions[page.entity] = page.newest
    return newest_decisions.setdefault(page.entity, page.newest)


def show(page: OpenRowsPage, by: str, has_picks: bool) -> None:
    """Show which rules the edits would still fail, what they would release and change in gold, and
    the button that saves them.
    """
    changes = edits_of(page.entity)
    since = newest_known_decision(page, bool(changes) or has_picks)
    _save_draft(page.entity, since)
    if not changes:
        return
    left = st.session_state[session.SAVED_DRAFTS][page.entity].taken_up_from
    with st.container(border=True, key="unsaved_edits"):
        st.markdown(
            f"**{formats.counted(len(changes), 'edited row')}, not saved yet**"
            + (f", taken up again from {formats.moment(left)}" if left else ""),
            help="Kept for you under this name until you save or drop them, also when the page is left or the browser is closed.",
        )
        what_if.show(page.entity, changes)
        is_free = not conflict(page, list(changes), since)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reason = st.text_input(
                "Why", placeholder="Looked up in the claim", key=f"why_{page.entity}", width=340
            )
            pressed = permission.button(
                f"Save {formats.counted(len(changes), 'row')}",
                corrections.correct_each,
                type="primary",
                icon=":material/save:",
                shortcut="Ctrl+Enter",
                # open without a reason: Ctrl + Enter in the box of the reason says both at once
                disabled=not is_free,
                key="save_corrections",
            )
            if permission.button(
                "Drop these edits", drafts.save, icon=":material/undo:", key="drop_edits"
            ):
                _forget(page.entity, "The edits are dropped; nothing was saved.")
        with placeholder.place():
            if pressed and not reason:
                st.info("Say why, then save; nothing is saved yet.", icon=":material/edit:")
        if pressed and reason and is_free:
            _save(page.entity, changes, reason, by, since)


def _save(entity: str, changes: Edits, reason: str, by: str, since: str) -> None:
    evidence = _evidence(entity, changes)
    ids = corrections.correct_each(session.settings(), entity, changes, reason, by, evidence, since)
    undo.offer(ids, f"{formats.counted(len(changes), 'row')} corrected. Build to release them.")
    _forget(entity)


def conflict(page: OpenRowsPage, row_ids: list[str], since: str) -> bool:
    """Show what others decided on these rows meanwhile and let the person choose; return whether
    there is a conflict.
    """
    others = decisions.decided_since(session.settings(), page.entity, row_ids, since)
    if not others:
        return False
    names = session.cached(
        row_names, page.entity, tuple(decision["row_id"] for decision in others[:5])
    )
    lines = [
        f"{formats.verbatim(names[decision['row_id']])}: {formats.verbatim(decision['author'])} {_what_was_decided(decision)} "
        f"at {formats.moment(decision['created_at'])} ({decision['decision_id']})"
        for decision in others[:5]
    ]
    more = f"  \nand {len(others) - 5} more" if len(others) > 5 else ""
    st.warning(
        "**Somebody has decided on the same rows since you began.**  \n"
        + "  \n".join(lines)
        + more,
        icon=":material/group:",
    )
    with st.container(horizontal=True):
        if permission.button(
            "Keep what was decided", drafts.save, icon=":material/check:", key="keep_theirs"
        ):
            for decision in others:
                edits_of(page.entity).pop(decision["row_id"], None)
            session.new_grid()
        if st.button("I have seen it, decide over it", icon=":material/edit:", key="decide_over"):
            st.session_state[session.NEWEST_DECISION][page.entity] = page.newest
            st.rerun()
    return True


def _what_was_decided(decision: dict) -> str:
    return {
        "correct": f"corrected {decision['column_name']}",
        "waive": f"waived {decision['rule_id'] or 'all rules'}",
        "reject": "rejected the row",
    }[decision["kind"]]


def _evidence(entity: str, changes: Edits) -> dict[str, tuple[str, ...]]:
    """Evidence of those edits that are what the data suggests."""
    return {
        suggestion.row_id: suggestion.evidence
        for suggestion in session.cached(decisions.suggestions)
        if suggestion.entity == entity
        and changes.get(suggestion.row_id, {}).get(suggestion.column) == suggestion.new
    }


def _forget(entity: str, message: str = "") -> None:
    edits_of(entity).clear()
    _save_draft(entity, "")
    st.session_state.pop(f"why_{entity}", None)
    if message:
        session.flash(message)
    session.new_grid()
