"""How many checks passed, by source and kind of quality (Kahn et al. 2016); a cell that is chosen
filters the list.
"""

import pandas as pd
import streamlit as st

from pages.widgets import session
from pages.widgets.formats import words
from pages.widgets.palette import SEVERITY_COLOURS
from pipeline.services.quality import rules as quality_rules
from pipeline.services.quality.rules import TOTAL

MEANINGS = {
    "completeness": "Is there a value where there must be one?",
    "conformance": "Does a value have the agreed form, refer to something that exists, agree with what it is computed from?",
    "plausibility": "Can it be true: unique, in a likely range, in a likely order?",
    TOTAL: "All kinds together.",
}
#: Share of passed checks from which a cell is calm, and below which it is alarming.
CALM, ALARMING = 1.0, 0.8
#: Light washes of the colours that the states have everywhere, as CSS with an alpha of two
#: hexadecimal digits.
SHADES = {
    "calm": f"background-color: {SEVERITY_COLOURS['passed']}24",
    "some": f"background-color: {SEVERITY_COLOURS['warned']}33",
    "many": f"background-color: {SEVERITY_COLOURS['failed']}42",
    "": "",
}


def show(rules: pd.DataFrame) -> None:
    """Sources down, kinds across; each cell says passed / judged and the share."""
    cells = {(row.source, row.category): row for row in quality_rules.matrix(rules).itertuples()}
    sources = sorted({source for source, _ in cells} - {TOTAL, "any"}) + [
        column for column in ("any", TOTAL) if (column, TOTAL) in cells
    ]
    texts = pd.DataFrame(
        [
            {
                "Source": _heading(source),
                **{kind: _text(cells.get((source, kind))) for kind in MEANINGS},
            }
            for source in sources
        ]
    )
    shades = pd.DataFrame(
        [
            ["", *(SHADES[_shade(cells.get((source, kind)))] for kind in MEANINGS)]
            for source in sources
        ],
        columns=texts.columns,
    )
    columns = {
        kind: st.column_config.TextColumn("All" if kind == TOTAL else words(kind), help=meaning)
        for kind, meaning in MEANINGS.items()
    }
    st.dataframe(
        texts.style.apply(lambda _: shades, axis=None),
        hide_index=True,
        column_config=columns,
        key=session.MATRIX,
        on_select=lambda: _choose(sources, rules),
        selection_mode="single-cell",
        height="content",
        alt="Checks passed of those judged, by source and kind of quality",
    )
    st.caption(
        "Passed of judged checks. A check with nothing to look at is not judged: “n/a” is no share and never green. "
        "Choose a cell to list its checks."
    )


def _choose(sources: list[str], rules: pd.DataFrame) -> None:
    """Set the filters of the list to the chosen cell."""
    cells = st.session_state[session.MATRIX].selection.cells
    if not cells:
        return
    row, column = cells[0]
    source = sources[row]
    st.session_state[session.SOURCES] = [] if source == TOTAL else [source]
    st.session_state[session.KAHN] = (
        []
        if column not in MEANINGS or column == TOTAL
        else sorted(dimension for dimension in set(rules["kahn"]) if dimension.startswith(column))
    )


def _heading(source: str) -> str:
    return {TOTAL: "All sources", "any": "Files of any source"}.get(source, words(source))


def _text(cell) -> str:
    if cell is None:
        return ""
    absent = cell.rules - cell.judged
    if not cell.judged:
        return f"n/a ({absent})"
    return f"{cell.passed} / {cell.judged} · {cell.passed / cell.judged * 100:.0f} %" + (
        f" ({absent} n/a)" if absent else ""
    )


def _shade(cell) -> str:
    if cell is None or not cell.judged:
        return ""
    share = cell.passed / cell.judged
    return "calm" if share >= CALM else "many" if share < ALARMING else "some"
