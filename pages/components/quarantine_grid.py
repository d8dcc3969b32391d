"""The open rows in a grid: edit cells and see at once whether the row would pass, set in bulk, waive, reject."""

import streamlit as st

from pages.components import formats, linked, repaired_file, state, what_if
from pages.components.empty import all_done
from pages.components.tables import download, pager
from pipeline.services import quarantine, workbasket
from pipeline.services.workbasket import PAGE_ROWS, Basket

PICK = "pick"


def show(counts: dict[str, int], by: str) -> None:
    """Choose a source and a reason, then work on the rows."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        entity = linked.segments("Source", [each for each, rows in counts.items() if rows], state.ENTITY,
                                 lambda each: f"{formats.words(each)} · {formats.number(counts[each])}")
        rules = state.answer(workbasket.open_rules, entity)
        rule = linked.select("Reason", list(rules), state.RULE, lambda each: f"{each} · {formats.number(rules.get(each))}",
                             optional=True, placeholder="every reason", width=260)
    offset = (st.session_state.get(state.PAGE, 1) - 1) * PAGE_ROWS
    basket = state.answer(workbasket.basket, entity, rule, offset)
    if basket.total == 0:
        all_done("No row of this source waits.", "")
        return
    masked = f" Masked on screen: {', '.join(basket.masked)}." if basket.masked else ""
    st.caption(f"Type into a cell to correct it; raw data stays as delivered.{masked}")
    round_number = st.session_state.setdefault(state.EDIT_ROUND, 0)
    key = f"edit_{entity}_{rule}_{offset}_{round_number}"
    edited = _editor(basket, key)
    pager(basket.total, PAGE_ROWS, state.PAGE)
    for each in basket.rules:
        st.caption(f"**{each.rule_id}** {each.why} *{each.remedy}*")
    _save(basket, key, by)
    picked = [str(row_id) for row_id in edited.loc[edited[PICK], "row_id"]]
    _decide(basket, picked, by)
    told = basket.rows.assign(reasons=basket.rows["reasons"].map("; ".join))
    download(told, f"quarantine_{entity}", "Download these rows with their reasons")
    repaired_file.show(entity, by)


def _editor(basket: Basket, key: str):
    frame = basket.rows.copy()
    frame[list(basket.editable)] = frame[list(basket.editable)].fillna("")
    frame["first_seen_at"] = frame["first_seen_at"].map(formats.moment)
    frame.insert(0, PICK, False)
    fixed = [column for column in frame.columns if column not in basket.editable and column != PICK]
    config = {PICK: st.column_config.CheckboxColumn("Pick", width="small"),
              "reasons": st.column_config.ListColumn("Reasons", help="The column that fails and the rule; explained below."),
              "row_id": st.column_config.TextColumn("Row"),
              "line": st.column_config.NumberColumn("Line", format="localized", help="Line in the file; its header is line 1."),
              "file": "File", "first_seen_at": "First seen", "builds_open": "Builds open"}
    config |= {column: st.column_config.TextColumn(formats.words(column)) for column in frame.columns if column not in config}
    order = [PICK, "reasons", *(c for c in basket.rows.columns if c not in ("reasons", "row_id")), "row_id"]
    return st.data_editor(frame, key=key, hide_index=True, disabled=fixed, column_order=order, column_config=config,
                          height=min(35 * len(frame) + 38, 460), alt=f"Open rows of {basket.entity}")


def _changes(basket: Basket, key: str) -> dict[str, dict[str, str | None]]:
    """Row id -> changed columns, as the grid holds them."""
    edits = st.session_state.get(key, {}).get("edited_rows", {})
    changes = {basket.rows["row_id"].iloc[int(position)]: {column: value for column, value in cells.items() if column != PICK}
               for position, cells in edits.items()}
    return {row_id: cells for row_id, cells in changes.items() if cells}


def _save(basket: Basket, key: str, by: str) -> None:
    """What the edited rows would still fail and set free, and the button that records the corrections."""
    changes = _changes(basket, key)
    if not changes:
        return
    with st.container(border=True):
        st.markdown(f"**{formats.counted(len(changes), 'edited row')}**")
        what_if.show(basket.entity, changes)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reason = st.text_input("Why", placeholder="Looked up in the claim", key=f"why_{key}", width=340)
            if st.button(f"Save {formats.counted(len(changes), 'row')}", type="primary", icon=":material/save:",
                         disabled=not reason, key="save_corrections"):
                quarantine.correct_each(state.settings(), basket.entity, changes, reason, by)
                _done(f"{formats.counted(len(changes), 'row')} corrected. Build to release them.")


def _decide(basket: Basket, picked: list[str], by: str) -> None:
    """Bulk decisions over the picked rows."""
    if not picked:
        st.caption("Pick rows in the first column to set a value in all of them, waive a rule or reject them.")
        return
    rows = formats.counted(len(picked), "picked row")
    with st.container(border=True):
        what = st.segmented_control(rows, ["Set a value", "Waive", "Reject"], key="bulk_what", default="Set a value",
                                    required=True)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            column, value, until, rule_id = None, "", None, None
            if what == "Set a value":
                column = st.selectbox("Column", basket.editable, key=f"bulk_column_{basket.entity}", width=200)
                value = st.text_input("Value", key="bulk_value", width=200)
            elif what == "Waive":
                rule_id = st.selectbox("Rule", list(state.answer(workbasket.open_rules, basket.entity)), index=None,
                                       placeholder="all rules of the row", key=f"waive_rule_{basket.entity}", width=200)
                until = st.date_input("Until", value=None, key="waive_until", width=160)
            reason = st.text_input("Why", key="bulk_reason", width=300)
            if not st.button(f"{what} in {rows}", type="primary", disabled=not reason, key="bulk_apply"):
                return
        if what == "Set a value":
            quarantine.correct(state.settings(), basket.entity, picked, {column: value}, reason, by)
        elif what == "Waive":
            quarantine.waive(state.settings(), basket.entity, picked, reason, by, rule_id=rule_id,
                             expires_on=until.isoformat() if until else None)
        else:
            quarantine.reject(state.settings(), basket.entity, picked, reason, by)
        _done(f"{what}: {rows} decided. Build to apply it.")


def _done(message: str) -> None:
    st.session_state[state.EDIT_ROUND] += 1
    state.flash(message)
    st.rerun()
