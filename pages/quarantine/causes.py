"""Why rows wait: one card a cause with what it holds back and what is suggested, and a decision on
all its rows, whose consequence stands above the button.
"""

from datetime import date, timedelta

import streamlit as st

from pages.quarantine import care, edits, suggestions, undo, what_if
from pages.quarantine.bulk_edit import WAIVED_DAYS
from pages.widgets import entity_link, formats, menu, permission, session
from pipeline.services.quarantine import causes as cause_service
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.quarantine import what_if as what_if_service
from pipeline.services.quarantine.causes import Cause

#: So many causes are in sight; the others follow when these are decided.
SHOWN = 8
VALUES_SHOWN, FILES_SHOWN = 3, 3
SET, WAIVE, REJECT = "Set a value", "Waive the rule", "Reject"


def headline() -> str:
    """`71 rows wait for 2 causes: 3 undecided, 68 decided, wait for the build`."""
    causes = session.cached(cause_service.causes).causes
    rows = formats.counted(causes.waiting, "row waits", "rows wait")
    decided = causes.waiting - causes.undecided
    state = f"{causes.undecided:,} undecided" + (
        f" · {decided:,} decided, wait for the build" if decided else ""
    )
    return f"{rows} for {formats.counted(len(causes.causes), 'cause')}: {state}"


def show(by: str) -> None:
    """The causes, what holds back most first; then repairs that are suggested for other rows."""
    now = session.cached(cause_service.causes)
    of_causes = {
        (each.entity, row, each.rule.column) for each in now.causes.causes for row in each.rows
    }
    in_sight = care.filtered(now.causes.causes, by)
    for cause in in_sight[:SHOWN]:
        _card(cause, now.newest, by)
    if len(in_sight) > SHOWN:
        more = formats.counted(len(in_sight) - SHOWN, "more follows", "more follow")
        st.caption(f"{more} when these are decided.")
    if permission.is_closed(corrections.correct, "Nothing is decided here."):
        return
    suggestions.show(by, of_causes)


def _card(cause: Cause, newest: str, by: str) -> None:
    key = f"{cause.entity}_{cause.rule.name}_{cause.form}_{cause.missing}"
    with st.container(border=True):
        title, rows_link = st.columns([5, 1], vertical_alignment="center")
        title.markdown(f"{_title(cause)}  \n{_held(cause)}")
        with rows_link:
            entity_link.rule(cause.rule.rule_id)
        rows_link.button(
            "See the rows",
            icon=":material/table_rows:",
            type="tertiary",
            key=f"rows_{key}",
            on_click=_go_to,
            args=(cause,),
        )
        st.caption(_why(cause))
        care.show(cause, by)
        if not cause.undecided:
            st.markdown(":material/pending: Decided; the next build applies it.")
            return
        if not permission.reason(corrections.correct):
            suggestions.show_of(cause.entity, cause.undecided, cause.rule.column, by)
        if cause.missing:
            menu.link("upload", label=f"Upload {cause_service.file_of(cause.missing)}")
        elif cause.rule.kind == cause_service.GATE_KIND:
            menu.link("upload", label="Release or undo the load")
            return
        if not permission.reason(corrections.correct):
            _decide(cause, key, newest, by)


def _go_to(cause: Cause) -> None:
    st.session_state[session.QUARANTINE_TAB] = "Open rows"
    st.session_state[session.ENTITY] = cause.entity
    st.session_state[session.RULE] = cause.rule.rule_id


def _rows(entity: str, count: int) -> str:
    return formats.counted(count, *what_if_service.row_words(entity))


def _rows_of_loads(count: int) -> str:
    return formats.counted(count, "of them has", "of them have")


def _title(cause: Cause) -> str:
    rows = _rows(cause.entity, len(cause.rows))
    if cause.missing:
        verb = "waits" if len(cause.rows) == 1 else "wait"
        return f"**{rows} {verb} for {_rows(cause.missing, cause.keys)} that no row describes**"
    if cause.form is None:
        return f"**{rows}: {cause.rule.why.rstrip('.')}**"
    text = cause.values[0][0] if len(cause.values) == 1 else cause.form
    cell = f"reads {formats.code(text)}" if cause.form else "is empty"
    return f"**{formats.words(cause.rule.column or '')} {cell} in {rows}**"


def _held(cause: Cause) -> str:
    held = what_if.parts(cause.holds_back)
    at_gate = (
        f" {_rows_of_loads(cause.at_gate)} nothing wrong but that their load waits at the gate."
        if cause.at_gate
        else ""
    )
    others = len(cause.rows) - cause.alone
    also = (
        f"  \n{formats.counted(others, 'of them waits', 'of them wait')} for something else too."
        if others
        else ""
    )
    return f":material/front_hand: Holds back {held}.{at_gate}{also}"


def _why(cause: Cause) -> str:
    said = [f"**{cause.rule.rule_id}** {cause.rule.why} *{cause.rule.remedy}*"]
    values = [f"{formats.code(value)} × {count:,}" for value, count in cause.values[:VALUES_SHOWN]]
    if len(values) > 1 or (values and cause.missing):
        more = len(cause.values) - len(values)
        said.append(f"{', '.join(values)}{f' and {more:,} more' if more else ''}.")
    files = ", ".join(formats.verbatim(name) for name in cause.files[:FILES_SHOWN])
    more = len(cause.files) - FILES_SHOWN
    said.append(f"Delivered in {files}{f' and {more:,} more' if more > 0 else ''}.")
    return " ".join(said)


def _decide(cause: Cause, key: str, newest: str, by: str) -> None:
    """A decision on every row of the cause that nobody has decided on or is editing."""
    edited = edits.edits_of(cause.entity)
    row_ids = tuple(row_id for row_id in cause.undecided if row_id not in edited)
    if not row_ids:
        st.caption("Each of these rows holds an unsaved edit of yours.")
        return
    column = cause_service.settable(cause, row_ids)
    rows = _rows(cause.entity, len(row_ids))
    verb = st.segmented_control(
        f"Decide on {rows}",
        [*([SET] if column else []), WAIVE, REJECT],
        key=f"decide_{key}",
    )
    if verb is None:
        return
    if len(row_ids) < len(cause.undecided):
        st.caption(
            formats.counted(
                len(cause.undecided) - len(row_ids),
                "with an edit of yours stays as it is.",
                "with an edit of yours stay as they are.",
            )
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        value, until = "", None
        if verb == SET and column:
            value = st.text_input(formats.words(column), key=f"value_{key}", width=220).strip()
        if verb == WAIVE:
            today = date.today()
            until = st.date_input(
                "Until",
                value=today + timedelta(days=WAIVED_DAYS),
                min_value=today,
                key=f"until_{key}",
                width=160,
            )
        reason = st.text_input("Why", key=f"reason_{key}", width=320)
    is_possible = _foretell(cause, verb, row_ids, column, value)
    if permission.button(
        f"{ {SET: 'Set it in', WAIVE: f'Waive {cause.rule.rule_id} in', REJECT: 'Reject'}[verb] } {rows}",
        corrections.correct,
        type="primary",
        disabled=not (reason and is_possible and (verb != WAIVE or until)),
        # another decision meanwhile makes it another button: a click on the old one does nothing
        key=f"apply_{key}_{newest}",
    ):
        if verb == SET and column:
            ids = corrections.correct(
                session.settings(), cause.entity, row_ids, {column: value}, reason, by
            )
        elif verb == WAIVE:
            ids = decisions.waive(
                session.settings(),
                cause.entity,
                row_ids,
                reason,
                by,
                rule_id=cause.rule.rule_id,
                expires_on=until.isoformat() if until else None,
            )
        else:
            ids = decisions.reject(session.settings(), cause.entity, row_ids, reason, by)
        undo.offer(ids, f"{verb}: {rows} decided. Build to apply it.")
        session.new_grid()


def _foretell(
    cause: Cause, verb: str, row_ids: tuple[str, ...], column: str | None, value: str
) -> bool:
    """Say what the decision would do; whether it can be made."""
    if verb == REJECT:
        held = what_if.parts(cause.holds_back)
        followers = cause.holds_back.rows - len(cause.rows)
        wait = (
            " "
            + formats.counted(
                followers,
                "row that waits for them goes on waiting.",
                "rows that wait for them go on waiting.",
            )
            if followers
            else ""
        )
        st.markdown(
            f":material/block: **Would promote nothing.** {_rows(cause.entity, len(row_ids))} would "
            f"count as rejected; out of gold stay {held}.{wait}"
        )
        return True
    if verb == WAIVE:
        waived = session.cached(cause_service.waiver, cause.entity, cause.rule.rule_id, row_ids)
        if waived.firm:
            st.markdown(
                f":material/block: **Cannot be waived:** {_rows(cause.entity, waived.firm)} would break "
                "what silver promises. Correct the value, or reject the rows."
            )
            return False
        st.markdown(what_if.sentence(waived.released) + what_if.gold_line(waived.gold))
        _say_staying(waived.staying)
        return True
    if not value or column is None:
        return False
    effect = session.cached(
        what_if_service.what_if,
        cause.entity,
        what_if.as_repairs({row_id: {column: value} for row_id in row_ids}),
    )
    staying: dict[str, int] = {}
    for failing in effect.still_failing.values():
        for rule_id in {rule.rule_id for rule in failing}:
            staying[rule_id] = staying.get(rule_id, 0) + 1
    st.markdown(
        what_if.sentence(effect.released, at_least=bool(effect.left_out))
        + what_if.gold_line(effect.gold)
    )
    _say_staying(staying)
    return True


def _say_staying(staying: dict[str, int]) -> None:
    if staying:
        rules = ", ".join(f"{count:,} for {rule_id}" for rule_id, count in staying.items())
        st.markdown(f":material/hourglass_empty: Would wait on: {rules}.")
