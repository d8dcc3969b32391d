"""The open rows in a grid: reasons beside the cell that they concern, edits kept aside until they
are saved together.
"""

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.quarantine import bulk_edit, repair_grid, repaired_file
from pages.quarantine import edits as quarantine_edits
from pages.quarantine.what_if import as_repairs
from pages.widgets import address, downloads, formats, permission, session
from pages.widgets.data_table import page_offset, pager
from pages.widgets.empty_state import all_done
from pipeline.services.quarantine import corrections, open_rows, sender_file, what_if
from pipeline.services.quarantine.open_rows import PAGE_ROWS, OpenRowsPage, RowSearch

KEYS = {
    "arrows, Home, End": "move in the grid; with Shift mark a block",
    "Enter, F2, double click": "open a cell; Enter closes it and goes down, Tab goes right",
    "any letter": "begin to write over the cell",
    "Esc": "leave the cell as it was",
    "Ctrl + C, Ctrl + V": "copy and paste blocks of cells, also from and to a spreadsheet",
    "Delete": "empty the marked cells",
    "Ctrl + Z, Ctrl + Y": "take the last edit back, do it again",
    "Space, Shift + Space": "pick the row, all rows up to it",
    "Tab": "on to the next control",
    "Ctrl + J": "fill in the suggested values of this page",
    "Ctrl + Enter": "save the edits, once a reason is given",
    "Ctrl + B": "build",
}


def show(counts: dict[str, int], by: str) -> None:
    """Choose a source, a reason and a text, then work on the rows."""
    entity = address.segments(
        "Source",
        [rule for rule, rows in counts.items() if rows],
        session.ENTITY,
        lambda rule_id: f"{formats.words(rule_id)} · {formats.number(counts[rule_id])}",
    )
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    with bar:
        rules = session.cached(open_rows.open_rules, entity)
        rule = address.select(
            "Reason",
            list(rules),
            session.RULE,
            lambda rule_id: f"{rule_id} · {formats.number(rules.get(rule_id))}",
            optional=True,
            placeholder="every reason",
            width=200,
        )
        search = bulk_edit.search(entity, rule)
    offset = page_offset(PAGE_ROWS, session.PAGE)
    page = session.cached(open_rows.page, entity, search, offset)
    may_decide = permission.reason(corrections.correct_each) is None
    page = page if may_decide else replace(page, editable=())
    if page.total == 0:
        all_done("No row of this kind waits.", "")
        return
    key = f"{entity}_{rule}_{offset}_{st.session_state.setdefault(session.EDIT_ROUND, 0)}{_searched(search)}"
    picked = _grid(page, f"{key}_{by}", bar)
    if page.total > len(picked) and bulk_edit.all_of_filter(page, key):
        picked = list(session.cached(open_rows.row_ids, entity, search))
    pager(page.total, PAGE_ROWS, session.PAGE)
    if may_decide:
        quarantine_edits.show(page, by, bool(picked))
    _explain(page)
    if not permission.is_closed(corrections.correct_each, "Nothing is decided here."):
        bulk_edit.decide(page, picked, by, rule)
    with st.container(horizontal=True):
        downloads.unmasked(
            lambda: _everything(entity, search),
            f"quarantine_{entity}",
            f"Download {formats.counted(page.total, 'row')} with reasons",
            "repair in a spreadsheet",
        )
        why_not = sender_file.refusal(entity, page.total)
        downloads.made(
            lambda author: sender_file.workbook(session.settings(), entity, author, search),
            f"{entity}_to_correct.xlsx",
            "Workbook for the sender",
            sender_file.workbook,
            icon=":material/outgoing_mail:",
            disabled=bool(why_not),
            help=why_not
            or "The rows as they were read, each wrong cell marked with what is wrong and what is "
            "expected. Corrected in place it can be dropped on Upload.",
        )
    repaired_file.show(entity, by)


def _grid(page: OpenRowsPage, grid: str, bar: DeltaGenerator) -> list[str]:
    """Take over what was typed, then draw the rows with every edit that is kept aside, and what
    works on many of them in the `bar` above; the ids of the picked rows.
    """
    typed = repair_grid.typed(page, grid)
    if typed is not None:
        quarantine_edits.read_grid(page, typed)
    edits = quarantine_edits.edits_of(page.entity)
    with bar:
        if page.editable:
            bulk_edit.find_and_replace(page)
            bulk_edit.fill_suggested(page)
        with st.popover("Keyboard", icon=":material/keyboard:"):
            st.caption("  \n".join(f"**{keys}** {action}" for keys, action in KEYS.items()))
    masked = (
        f"Masked: {', '.join(formats.words(column) for column in page.masked)}."
        if page.masked
        else ""
    )
    how = "Type into a cell to correct it; raw data stays as delivered." if page.editable else ""
    st.caption(f"{how} {masked}")
    failing = (
        session.cached(what_if.what_if, page.entity, as_repairs(edits)).still_failing
        if edits
        else {}
    )
    return repair_grid.show(page, grid, edits, failing)


def _explain(page: OpenRowsPage) -> None:
    for rule in page.rules:
        st.caption(f"**{rule.rule_id}** {rule.why} *{rule.remedy}*")


def _everything(entity: str, search: RowSearch):
    return open_rows.everything(session.settings(), entity, search)


def _searched(search: RowSearch) -> str:
    return f"_{search.column}_{search.how}" if search.column else ""
