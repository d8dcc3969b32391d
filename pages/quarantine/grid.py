"""The open rows in a grid: reasons beside the cell that they concern, edits kept aside until they
are saved together.
"""

from copy import deepcopy
from typing import Any

import streamlit as st

from pages.quarantine import bulk_edit, repaired_file
from pages.quarantine import edits as quarantine_edits
from pages.widgets import address, downloads, formats, session
from pages.widgets.data_table import page_offset, pager
from pages.widgets.empty_state import all_done
from pages.widgets.palette import SEVERITY_COLOURS
from pipeline.services.quarantine import open_rows
from pipeline.services.quarantine.open_rows import PAGE_ROWS, WHY, OpenRowsPage, RowSearch

PICK = "pick"
KEYS = """| keys | what |
|---|---|
| arrows, Enter | move in the grid, open a cell, close it |
| any letter | begin to write over the cell |
| Esc | leave the cell as it was |
| Ctrl + C, Ctrl + V | copy and paste cells, also from a spreadsheet |
| Delete | empty the selected cells |
| Tab | on to the next control |
| Ctrl + J | fill in the suggested values of this page |
| Ctrl + Enter | save the edits, once a reason is given |
| Ctrl + B | build |"""


def show(counts: dict[str, int], by: str) -> None:
    """Choose a source, a reason and a text, then work on the rows."""
    entity = address.segments(
        "Source",
        [rule for rule, rows in counts.items() if rows],
        session.ENTITY,
        lambda rule_id: f"{formats.words(rule_id)} · {formats.number(counts[rule_id])}",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
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
    if page.total == 0:
        all_done("No row of this kind waits.", "")
        return
    key = f"edit_{entity}_{rule}_{offset}_{st.session_state.setdefault(session.EDIT_ROUND, 0)}{_searched(search)}"
    picked = _grid(page, key)
    if page.total > len(picked) and bulk_edit.all_of_filter(page, key):
        picked = list(session.cached(open_rows.row_ids, entity, search))
    pager(page.total, PAGE_ROWS, session.PAGE)
    quarantine_edits.show(page, by, bool(picked))
    _explain(page)
    bulk_edit.decide(page, picked, by, rule)
    with st.container(horizontal=True):
        downloads.unmasked(
            lambda: _everything(entity, search),
            f"quarantine_{entity}",
            f"Download {formats.counted(page.total, 'row')} with reasons",
            "repair in a spreadsheet",
        )
    repaired_file.show(entity, by)


def _grid(page: OpenRowsPage, key: str) -> list[str]:
    """Draw the rows with the edits that were kept aside before this grid was first drawn; the ids
    of the picked rows.

    While a grid is drawn its rows must stay as they are, for its edits go by position: rows that a
    build changed meanwhile begin a new grid, and the edits made so far are in it.
    """
    edits = quarantine_edits.edits_of(page.entity)
    row_ids = page.rows["row_id"].tolist()
    grid = st.session_state.get(session.GRID, {})
    if grid.get("key") != key:
        grid = st.session_state[session.GRID] = {
            "key": key,
            "rows": row_ids,
            "base": deepcopy(edits),
        }
    elif grid["rows"] != row_ids:
        session.new_grid()
    with st.container(horizontal=True, vertical_alignment="center"):
        bulk_edit.find_and_replace(page)
        bulk_edit.fill_suggested(page)
        with st.popover("Keyboard", icon=":material/keyboard:"):
            st.markdown(KEYS)
        masked = (
            f"Masked: {', '.join(formats.words(column) for column in page.masked)}."
            if page.masked
            else ""
        )
        st.caption(f"Type into a cell to correct it; raw data stays as delivered. {masked}")
    edited = _editor(page, key, grid["base"])
    quarantine_edits.read_grid(page, st.session_state.get(key, {}).get("edited_rows", {}), PICK)
    return [str(row_id) for row_id in edited.loc[edited[PICK], "row_id"]]


def _editor(page: OpenRowsPage, key: str, base: dict):
    frame = page.rows.copy()
    editable = list(page.editable)
    frame[editable] = frame[editable].astype(object).fillna("")
    for position, row_id in enumerate(frame["row_id"]):
        for column, value in base.get(row_id, {}).items():
            frame.loc[frame.index[position], column] = value or ""
    for column in ("first_seen_at", "last_seen_at"):
        frame[column] = frame[column].map(formats.moment)
    frame["row_why"] = [
        [reason for reason in reasons if ": " not in reason] for reasons in frame["reasons"]
    ]
    frame.insert(0, PICK, False)
    order = [PICK, *_order(page, frame)]
    fixed = [column for column in frame.columns if column not in page.editable and column != PICK]
    config: dict[str, Any] = {
        PICK: st.column_config.CheckboxColumn("Pick", width="small", pinned=True),
        "line": st.column_config.NumberColumn(
            "Line", format="localized", help="Line in the file; its header is line 1."
        ),
        "suggested": st.column_config.TextColumn(
            "Suggested", help="What the data itself suggests; fill it in with Ctrl + J."
        ),
        "decided": st.column_config.TextColumn(
            "Decided, not built", help="Who decided what since the last build."
        ),
        "file": "File",
        "first_seen_at": "First seen",
        "last_seen_at": "Last seen",
        "builds_open": "Builds open",
    }
    config |= {
        column: _why(formats.words(column.removesuffix(WHY)), frame[column])
        for column in frame.columns
        if column.endswith(WHY)
    }
    config["row_why"] = _why("Whole row", frame["row_why"])
    config |= {
        column: st.column_config.TextColumn(formats.words(column))
        for column in frame.columns
        if column not in config
    }
    return st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=fixed,
        column_order=order,
        column_config=config,
        height=min(35 * len(frame) + 38, 460),
        alt=f"Open rows of {page.entity}",
    )


def _order(page: OpenRowsPage, frame) -> list[str]:
    """Mapped columns, each with its reasons beside it; then what says something about the row, if
    it does.
    """
    filled_columns = [column for column in ("suggested", "decided") if frame[column].notna().any()]
    whole = ["row_why"] if frame["row_why"].map(bool).any() else []
    last = ("file", "line", "first_seen_at", "last_seen_at", "builds_open")
    mapped = [
        column
        for column in page.rows.columns
        if column not in ("row_id", "reasons", "suggested", "decided", *last)
    ]
    return [*mapped, *whole, *filled_columns, *last]


def _why(label: str, reasons):
    rules = sorted({rule for reason in reasons for rule in reason})
    return st.column_config.MultiselectColumn(
        f"✗ {label}",
        options=rules,
        color=[SEVERITY_COLOURS["failed"]] * len(rules),
        width="small",
        help=f"Rules that {label} of this row fails; explained below.",
    )


def _explain(page: OpenRowsPage) -> None:
    for rule in page.rules:
        st.caption(f"**{rule.rule_id}** {rule.why} *{rule.remedy}*")


def _everything(entity: str, search: RowSearch):
    return open_rows.everything(session.settings(), entity, search)


def _searched(search: RowSearch) -> str:
    return f"_{search.column}_{search.how}" if search.column else ""
