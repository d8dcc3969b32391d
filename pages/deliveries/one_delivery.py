"""All deliveries, and one of them in full."""

from functools import partial

import pandas as pd
import streamlit as st

from pages.deliveries import fates, redo_effect
from pages.run import changes
from pages.upload import evidence, undo_effect
from pages.widgets import address, downloads, entity_link, formats, permission, session, start_run
from pages.widgets.data_table import show_table
from pipeline.services.deliveries import deliveries
from pipeline.services.deliveries.deliveries import DeliveredFile, Delivery
from pipeline.services.quarantine import sender_file
from pipeline.services.run import runs
from pipeline.services.upload import line_account, loads, redoing

HEADINGS = {
    "delivery_id": "Delivery",
    "came_at": "Came",
    "entity": "Source",
    "source_file": "File",
    "load_id": "Load",
}
DECISIONS = ["decision_id", "kind", "entity", "row", "rule_id", "reason", "author", "created_at"]
DECISION_HEADINGS = {
    "decision_id": "Decision",
    "kind": "What",
    "entity": "Source",
    "rule_id": "Rule",
    "author": "By",
    "created_at": "When",
}


def choose(known: tuple[Delivery, ...]) -> None:
    """The list, newest first, and the delivery that is chosen or named by the address (by any of
    its loads); the newest by default.
    """
    ids = [delivery.delivery_id for delivery in known]
    picked = show_table(
        pd.DataFrame([_line(delivery) for delivery in known]),
        key="deliveries",
        ids=ids,
        height=min(38 + 35 * len(known), 260),
        headings=HEADINGS,
        alt="Deliveries",
    )
    chosen = known[picked[0]] if picked else known[0]
    named = st.query_params.get(session.DELIVERY)
    if named and not picked:
        of_load = next((each for each in known if named in _loads(each)), None)
        if of_load is None:
            address.note_unknown("delivery", named)
        chosen = of_load or chosen
    if picked or named:
        st.query_params[session.DELIVERY] = chosen.delivery_id
    show(chosen)


def show(delivery: Delivery) -> None:
    """One delivery: its rows by fate, its files, the decisions, its build, and undo."""
    st.subheader(
        f"Delivery {delivery.delivery_id} of {formats.moment(delivery.came_at)}", anchor=False
    )
    whole = delivery.fates
    if whole:
        with st.container(horizontal=True):
            for word, rows in fates.counts(whole).items():
                st.metric(formats.words(word), formats.number(rows), border=True)
    if delivery.unjudged:
        files = formats.counted(delivery.unjudged, "file")
        st.caption(f":material/pending: No build has judged {files} yet.")
    _files(delivery)
    _decisions(delivery)
    _build(delivery)
    _undo(delivery)
    _redo(delivery)


def _files(delivery: Delivery) -> None:
    st.markdown("**Files** · select one to see how it was read and which rules its rows break")
    picked = show_table(
        pd.DataFrame(
            [
                {
                    "source_file": file.source_file,
                    "entity": file.entity,
                    "state": file.state,
                    **fates.counts(file.fates),
                    "load_id": file.load_id,
                }
                for file in delivery.files
            ]
        ),
        key="delivered_files",
        ids=[file.load_id for file in delivery.files],
        headings=HEADINGS,
        alt="Files of the delivery",
    )
    if picked or len(delivery.files) == 1:
        _file(delivery.files[picked[0] if picked else 0])
    _replies(delivery)


def _replies(delivery: Delivery) -> None:
    """A workbook to send back for each file in force of which something was wrong."""
    replies = [
        session.cached(sender_file.to_reply, load_id)
        for load_id in delivery.load_ids
        if any(file.load_id == load_id and file.fates for file in delivery.files)
    ]
    wrong = [each for each in replies if each.rows + each.lines]
    if not wrong:
        return
    st.markdown("**Reply to the sender** · what was wrong, at the cells, to be corrected in place")
    with st.container(horizontal=True):
        for each in wrong:
            downloads.made(
                partial(_reply, each.load_id),
                f"reply_{each.load_id}.xlsx",
                f"Reply to {each.load_id}: {_wrong(each)}",
                sender_file.reply,
                icon=":material/outgoing_mail:",
                key=f"reply_{each.load_id}",
                disabled=bool(each.why_not),
                help=each.why_not or "Corrected in place it can be dropped on Upload.",
            )


def _reply(load_id: str, author: str) -> bytes:
    return sender_file.reply(session.settings(), load_id, author)


def _wrong(reply: sender_file.Reply) -> str:
    """`3 rows that wait, 1 line that is no row`."""
    rows = formats.counted(reply.rows, "row that waits", "rows that wait")
    lines = formats.counted(reply.lines, "line that is no row", "lines that are no row")
    return ", ".join([*([rows] if reply.rows else []), *([lines] if reply.lines else [])])


def _file(file: DeliveredFile) -> None:
    with st.container(border=True):
        st.markdown(f"**{formats.verbatim(file.source_file)}** · {file.load_id}")
        account, readings = session.cached(line_account.of_load, file.load_id)
        evidence.show_summary(readings, account)
        with st.expander("How it was read, step by step", icon=":material/visibility:"):
            evidence.show_readings(readings)
        rules = session.cached(deliveries.broken, file.load_id)
        if file.fates is None:
            st.caption("Its rows are judged by the next build.")
        elif rules:
            show_table(rules_frame(rules), headings={"rule_id": "Rule"}, alt="Rules broken")
        else:
            st.caption("Its rows break no rule.")
        entity_link.one("Load", "upload", session.LOAD, file.load_id)


def rules_frame(rules: tuple[tuple[deliveries.BrokenRule, int], ...]) -> pd.DataFrame:
    """Rules with what each does and how many rows break it."""
    return pd.DataFrame(
        [
            {"rule_id": rule.rule_id, "what it does": rule.action, "rows": rows}
            for rule, rows in rules
        ]
    )


def _decisions(delivery: Delivery) -> None:
    made = session.cached(deliveries.decisions, *_loads(delivery))
    if made.empty:
        st.caption("Nobody has decided on a row of it.")
        return
    with st.expander(
        f"{formats.counted(len(made), 'decision')} on its rows", icon=":material/gavel:"
    ):
        show_table(made[DECISIONS], headings=DECISION_HEADINGS, alt="Decisions on its rows")


def _build(delivery: Delivery) -> None:
    run_id = session.cached(deliveries.build_after, delivery.delivery_id)
    if run_id is None:
        st.caption(":material/pending: No build has taken it in yet.")
        return
    with st.expander(f"What the build after it changed ({run_id})", icon=":material/difference:"):
        entity_link.one("Run", "run_history", session.RUN, run_id)
        changes.show(runs.get(session.settings(), run_id))


def _redo(delivery: Delivery) -> None:
    """Bring back what was taken back, below what that would do."""
    gone = tuple(file.load_id for file in delivery.files if not file.is_in_force)
    if not gone:
        return
    effect = session.cached(redoing.redone, *gone)
    with st.container(border=True):
        files = formats.counted(len(gone), "file")
        st.markdown(f"**{files} taken back**  \n{redo_effect.sentence(effect)}")
        if permission.button(
            f"Bring {files} back",
            redoing.redo_together,
            icon=":material/redo:",
            key="redo_delivery",
            disabled=bool(effect.refusal),
        ):
            redoing.redo_together(session.settings(), gone)
            start_run.after_load()
            session.flash(f"{files} brought back; the next build takes the rows in again.")
            st.rerun()


def _undo(delivery: Delivery) -> None:
    if not delivery.load_ids:
        st.caption("The whole delivery was taken back.")
        return
    with st.container(border=True):
        st.markdown(undo_effect.sentence(*delivery.load_ids))
        if permission.button(
            f"Undo delivery {delivery.delivery_id}",
            loads.undo_together,
            icon=":material/undo:",
            key="undo_delivery",
        ):
            loads.undo_together(session.settings(), delivery.load_ids)
            start_run.after_load()
            files = formats.counted(len(delivery.load_ids), "file")
            session.flash(f"{files} taken back; the next build takes their rows out.")
            st.rerun()


def _line(delivery: Delivery) -> dict:
    sources = dict.fromkeys(formats.words(file.entity) for file in delivery.files)
    return {
        "delivery_id": delivery.delivery_id,
        "came_at": delivery.came_at,
        "files": len(delivery.files),
        **fates.counts(delivery.fates),
        "state": delivery.state,
        "sources": ", ".join(sources),
    }


def _loads(delivery: Delivery) -> tuple[str, ...]:
    return tuple(file.load_id for file in delivery.files)
