"""Open rows as a grid drawn by a page of its own beside this file: bad cells coloured with the
reason, edited cells with the old value and the new.

The browser sends everything that was typed and picked on the page at once; what it sends is no more
than a wish: rows and columns that are not on the page are left out.
"""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component

from pages.widgets import formats, session
from pipeline.declared.sources import Rule
from pipeline.services.quarantine.open_rows import WHY, OpenRowsPage

FACTS = {
    "suggested": "Suggested",
    "decided": "Decided, not built",
    "file": "File",
    "line": "Line",
    "first_seen_at": "First seen",
    "last_seen_at": "Last seen",
    "builds_open": "Builds open",
}
#: Facts whose column is left out where no row has one.
SOMETIMES = ("suggested", "decided")
HINT = "Arrows move, typing writes over a cell, Space picks a row; the reason of a red cell stands here."
Edits = dict[str, dict[str, str | None]]

_view = declare_component("repair_grid", path=str(Path(__file__).parent / "repair_grid_view"))


def typed(page: OpenRowsPage, grid: str) -> Edits | None:
    """What the browser has typed into this page of this grid; None where it has sent nothing of
    it.
    """
    sent = _sent(grid)
    if sent is None:
        return None
    here, wishes = set(page.rows["row_id"]), sent.get("edits")
    return {
        row_id: {
            column: None if value is None else str(value)
            for column, value in cells.items()
            if column in page.editable
        }
        for row_id, cells in (wishes if isinstance(wishes, dict) else {}).items()
        if row_id in here and isinstance(cells, dict)
    }


def show(
    page: OpenRowsPage, grid: str, edits: Edits, failing: dict[str, tuple[Rule, ...]]
) -> list[str]:
    """Draw a page of rows with their edits, of which those in `failing` are judged; the ids of the
    picked rows.

    `grid` names what is drawn: another one begins without picks and with the edits of Python.
    """
    row_ids = page.rows["row_id"].tolist()
    _view(
        grid=grid,
        label=f"Open rows of {formats.words(page.entity)}",
        hint=HINT,
        columns=_columns(page),
        rows=_rows(page),
        edits={row_id: edits[row_id] for row_id in row_ids if row_id in edits},
        verdicts={
            row_id: _by_column(failing[row_id])
            for row_id in row_ids
            if row_id in edits and row_id in failing
        },
        rules=_rule_texts(page, failing),
        key=session.REPAIR_GRID,
        default=None,
    )
    picked = (_sent(grid) or {}).get("picked")
    return [row_id for row_id in row_ids if row_id in (picked if isinstance(picked, list) else ())]


def _sent(grid: str) -> dict[str, Any] | None:
    sent = st.session_state.get(session.REPAIR_GRID)
    return sent if isinstance(sent, dict) and sent.get("grid") == grid else None


def _columns(page: OpenRowsPage) -> list[dict[str, Any]]:
    """Columns that fail on this page first, then the others as they are mapped, then what is known
    of the row.
    """
    mapped = [
        name
        for name in page.rows.columns
        if name not in ("row_id", "reasons", *FACTS) and not name.endswith(WHY)
    ]
    mapped.sort(key=lambda name: f"{name}{WHY}" not in page.rows)
    facts = [name for name in FACTS if name not in SOMETIMES or page.rows[name].notna().any()]
    return [
        {
            "name": name,
            "title": FACTS.get(name) or formats.words(name),
            "editable": name in page.editable,
            "masked": name in page.masked,
        }
        for name in (*mapped, *facts)
    ]


def _rows(page: OpenRowsPage) -> list[dict[str, Any]]:
    rows = []
    for row in page.rows.to_dict("records"):
        cells = {
            name: _text(name, value)
            for name, value in row.items()
            if name not in ("row_id", "reasons") and not name.endswith(WHY)
        }
        rows.append(
            {
                "id": row["row_id"],
                "name": f"{row['file']}, line {row['line']:,}",
                "cells": {name: text for name, text in cells.items() if text},
                "bad": {name: row[f"{name}{WHY}"] for name in cells if row.get(f"{name}{WHY}")},
                "whole": [reason for reason in row["reasons"] if ": " not in reason],
            }
        )
    return rows


def _text(name: str, value: Any) -> str:
    """A cell as it is written; empty for no value."""
    if value is None or value != value:
        return ""
    if name in ("first_seen_at", "last_seen_at"):
        return formats.moment(value)
    if name in ("line", "builds_open"):
        return formats.number(value)
    return str(value)


def _by_column(rules: tuple[Rule, ...]) -> dict[str, list[str]]:
    """Column, '' for the row as a whole -> ids of the rules that it would still fail."""
    columns: dict[str, list[str]] = {}
    for rule in rules:
        columns.setdefault(rule.column or "", []).append(rule.rule_id)
    return columns


def _rule_texts(page: OpenRowsPage, failing: dict[str, tuple[Rule, ...]]) -> dict[str, str]:
    rules = {*page.rules, *(rule for rules in failing.values() for rule in rules)}
    return {rule.rule_id: f"{rule.why} {rule.remedy}" for rule in rules}
