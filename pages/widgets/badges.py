"""Chips for layers, rule states, run states and actions: always an icon and a word, colour only on
top.
"""

import html
from typing import Literal

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from pages.widgets.palette import (
    GRADE_COLOURS,
    LAYER_COLOURS,
    LAYER_TITLES,
    MEDALLIONS,
    SEVERITY_COLOURS,
)

STATE_MARKS = {"error": "‼", "failed": "✗", "warned": "⚠", "passed": "✓", "not applicable": "–"}
Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]
RUN_STATES: dict[str, tuple[Colour, str]] = {
    "queued": ("gray", ":material/schedule:"),
    "running": ("blue", ":material/sync:"),
    "succeeded": ("green", ":material/check_circle:"),
    "failed": ("red", ":material/error:"),
    "cancelled": ("gray", ":material/cancel:"),
    "held": ("orange", ":material/front_hand:"),
}
LAYER_STATES: dict[str, Colour] = {
    "up to date": "green",
    "out of date": "orange",
    "never built": "gray",
}
GRAPH_MARKS = {"waiting": "○", "running": "▶", "done": "✓", "failed": "✗", "skipped": "–"}
GRAPH_COLOURS: dict[str, Colour] = {
    "waiting": "gray",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "skipped": "gray",
}
NODE_MARKS = {
    "success": "✓",
    "pass": "✓",
    "running": "▶",
    "queued": "·",
    "warn": "⚠",
    "error": "✗",
    "fail": "✗",
    "skipped": "–",
}


def run_badge(status: str) -> None:
    """The state of a run."""
    colour, icon = RUN_STATES.get(status, ("gray", ":material/help:"))
    st.badge(status, color=colour, icon=icon)


def layer_heading(label: str) -> None:
    """The name of a layer under a bar in its colour."""
    colour, title, medallion = LAYER_COLOURS[label], LAYER_TITLES[label], MEDALLIONS[label]
    st.html(
        f'<div style="border-top:5px solid {colour};border-radius:3px;padding-top:.45rem;line-height:1.25">'
        f'<strong>{html.escape(title)}</strong><br><span style="opacity:.75;font-size:.85rem">{medallion}</span></div>'
    )


def layer_dot(label: str) -> str:
    """A short text mark of a layer for use inside labels."""
    return f"{LAYER_TITLES[label]} ({MEDALLIONS[label]})"


def state_chip(state: str) -> None:
    """The state of a rule in the colour of its severity."""
    st.html(
        f'<span style="background:{SEVERITY_COLOURS[state]};color:#fff;border-radius:999px;padding:.15rem .6rem;font-size:.9rem">'
        f"{html.escape(state_text(state))}</span>",
        width="content",
    )


def state_text(state: str) -> str:
    """The state of a rule with its mark, for a table cell."""
    return f"{STATE_MARKS.get(state, '–')} {state}"


def state_column(label: str = "State") -> ColumnConfig:
    """A table column of chips for lists that hold one `state_text`, coloured by severity."""
    return st.column_config.MultiselectColumn(
        label,
        options=[state_text(state) for state in STATE_MARKS],
        color=[SEVERITY_COLOURS[state] for state in STATE_MARKS],
    )


def grade_column(label: str = "Grade") -> ColumnConfig:
    """A table column of chips for lists that hold one letter from A to F."""
    return st.column_config.MultiselectColumn(
        label, options=list(GRADE_COLOURS), color=list(GRADE_COLOURS.values()), width="small"
    )


def node_mark(status: str) -> str:
    """The state of a model or test with its mark, for a table cell."""
    return f"{NODE_MARKS.get(status, '·')} {status}"


def counters(counts: dict[str, int], meaning: str) -> None:
    """One tile a rule state with the number of checks in it, in the order in which one state wins;
    `meaning` explains them on a click.
    """
    with st.container(horizontal=True, gap="small"):
        for state, count in counts.items():
            st.html(
                f'<div style="border-left:5px solid {SEVERITY_COLOURS[state]};padding:.1rem .9rem .1rem .6rem">'
                f'<span style="font-size:1.5rem;font-weight:650">{count:,}</span>'
                f'<br><span style="opacity:.8">{html.escape(state)}</span></div>',
                width="content",
            )
        with st.popover("What they mean", icon=":material/help:", type="tertiary"):
            st.markdown(meaning)
