"""Work on many open rows at once: search, find and replace, fill in suggestions, waive, reject."""

from datetime import date, timedelta

import streamlit as st

from pages.quarantine import edits, undo
from pages.widgets import formats, session
from pipeline.services.quarantine import decisions, open_rows, text_replacement
from pipeline.services.quarantine.open_rows import MATCHES, OpenRowsPage, RowSearch

#: Days for which a rule is waived unless somebody says otherwise.
WAIVED_DAYS = 90


def search(entity: str, rule: str | None) -> RowSearch:
    """Which rows to show: of one reason, and with a text in a column; the text stays in the
    session.
    """
    column = st.selectbox(
        "Search in",
        open_rows.searchable(entity),
        index=None,
        placeholder="every row",
        format_func=formats.words,
        width=200,
        key=f"search_column_{entity}",
    )
    if column is None:
        return RowSearch(rule)
    how = st.selectbox("Look for", list(MATCHES), index=1, key=f"search_how_{entity}", width=170)
    text = (
        "" if how == "empty cell" else st.text_input("Text", key=f"search_text_{entity}", width=180)
    )
    return RowSearch(rule, column, text, how) if text or how == "empty cell" else RowSearch(rule)


def find_and_replace(page: OpenRowsPage) -> None:
    """Change a text in one column of all open rows of the chosen reason; the changes are kept aside
    like any edit.
    """
    with st.popover("Find and replace", icon=":material/find_replace:"):
        entity = page.entity
        column = _column(page, "In column", f"replace_column_{entity}")
        ways = ["empty cell"] if column in page.masked else list(MATCHES)
        wrong = open_rows.failing_value(page, column)
        how = st.selectbox(
            "Find",
            ways,
            index=ways.index("empty cell") if wrong == "" else 0,
            key=f"replace_how_{entity}_{column}",
        )
        text = (
            ""
            if how == "empty cell"
            else st.text_input(
                "Text to find", value=wrong or "", key=f"replace_find_{entity}_{column}"
            )
        )
        new = st.text_input("Replace with", key=f"replace_with_{entity}")
        rule = st.session_state.get(session.RULE)
        replacements = session.cached(
            text_replacement.replacements, entity, RowSearch(rule, column, text, how), new
        )
        remainder = (
            f" {len(replacements.repairs):,} at once, the other {replacements.left_out:,} after you have saved them."
            if replacements.left_out
            else ""
        )
        st.caption(
            f"{formats.counted(replacements.total, 'open row')} found, {len(replacements.repairs):,} would change.{remainder}"
        )
        if st.button(
            f"Replace in {formats.counted(len(replacements.repairs), 'row')}",
            type="primary",
            disabled=not replacements.repairs,
            key="replace_apply",
        ):
            edits.add(entity, replacements.repairs, is_bulk=True)


def fill_suggested(page: OpenRowsPage) -> None:
    """Take over the suggested values of the rows on this page, to be looked at before they are
    saved.
    """
    if not page.suggestions:
        return
    if st.button(
        f"Fill in {formats.counted(len(page.suggestions), 'suggestion')}",
        icon=":material/auto_fix_high:",
        shortcut="Ctrl+J",
        key="fill_suggested",
        help="The values and their evidence are those of the cards above.",
    ):
        edits.add(
            page.entity,
            {
                row_id: {suggestion.column: suggestion.new}
                for row_id, suggestion in page.suggestions.items()
            },
            is_bulk=True,
        )


def all_of_filter(page: OpenRowsPage, key: str) -> bool:
    """Whether every open row of the source, reason and search is meant, not the picked ones."""
    return page.total > 1 and st.checkbox(
        f"All {formats.counted(page.total, 'row')} of this filter", key=f"all_{key}"
    )


def decide(page: OpenRowsPage, picked: list[str], by: str, reason_shown: str | None) -> None:
    """Set a value in the picked rows, waive a rule, or reject them; the rule to waive is at first
    the one whose rows are shown.
    """
    if not picked:
        st.caption(
            "Pick rows in the first column to set a value in all of them, waive a rule or reject them."
        )
        return
    rows = formats.counted(len(picked), "picked row")
    since = edits.newest_known_decision(page, True)
    with st.container(border=True):
        suggested: dict[str, dict[str, str | None]] = {
            row_id: {suggestion.column: suggestion.new}
            for row_id, suggestion in page.suggestions.items()
            if row_id in picked
        }
        ways = ["Set a value", *(["Take the suggestion"] if suggested else []), "Waive", "Reject"]
        what = st.segmented_control(
            rows, ways, key=f"bulk_what_{bool(suggested)}", default="Set a value", required=True
        )
        if what == "Take the suggestion":
            if st.button(
                f"Take it in {formats.counted(len(suggested), 'row')}",
                type="primary",
                key="bulk_apply",
            ):
                edits.add(page.entity, suggested, is_bulk=True)
            return
        if what == "Set a value":
            _set_value(page, picked, rows)
            return
        is_free = not edits.conflict(page, picked, since)
        rule_id, until = None, None
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if what == "Waive":
                rules = list(session.cached(open_rows.open_rules, page.entity))
                # one rule and an end: an exemption is no wider and no longer than somebody asks
                rule_id = st.selectbox(
                    "Rule",
                    rules,
                    index=rules.index(reason_shown) if reason_shown in rules else 0,
                    key=f"waive_rule_{page.entity}_{reason_shown}",
                    width=200,
                )
                today = date.today()
                until = st.date_input(
                    "Until",
                    value=today + timedelta(days=WAIVED_DAYS),
                    min_value=today,
                    key="waive_until",
                    width=160,
                )
            reason = st.text_input("Why", key="bulk_reason", width=300)
            if not st.button(
                f"{what} {rows}",
                type="primary",
                disabled=not (reason and is_free and (what != "Waive" or until)),
                key="bulk_apply",
            ):
                return
        if what == "Waive":
            ids = decisions.waive(
                session.settings(),
                page.entity,
                picked,
                reason,
                by,
                rule_id=rule_id,
                expires_on=until.isoformat() if until else None,
                since=since,
            )
        else:
            ids = decisions.reject(session.settings(), page.entity, picked, reason, by, since=since)
        undo.offer(ids, f"{what}: {rows} decided. Build to apply it.")
        session.new_grid()


def _set_value(page: OpenRowsPage, picked: list[str], rows: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = _column(page, "Column", f"bulk_column_{page.entity}", width=200)
        value = st.text_input("Value", key="bulk_value", width=200)
        if st.button(f"Set it in {rows}", type="primary", key="bulk_apply"):
            edits.add(page.entity, {row_id: {column: value} for row_id in picked}, is_bulk=True)


def _column(page: OpenRowsPage, label: str, key: str, **layout) -> str:
    """A column that can be corrected; at first the one in which most rows of the page fail."""
    failing = open_rows.failing_column(page)
    return st.selectbox(
        label,
        page.editable,
        index=page.editable.index(failing) if failing else 0,
        format_func=formats.words,
        key=key,
        **layout,
    )
