"""What repairs would change, in words: which rows would still fail, and what would be promoted with the others."""

import streamlit as st

from pages.components import formats, state
from pipeline.services import what_if
from pipeline.services.what_if import Released, Repairs

CHILDREN = ("encounters", "adverse_events")


def as_repairs(changes: dict[str, dict[str, str | None]]) -> Repairs:
    """Row id -> changes, in the form that an answer can be kept by."""
    return tuple((row_id, tuple(cells.items())) for row_id, cells in changes.items())


def show(entity: str, changes: dict[str, dict[str, str | None]]) -> None:
    """One line a repaired row, and one for all that would be promoted."""
    seen = state.answer(what_if.what_if, entity, as_repairs(changes))
    for row_id, failing in seen.still_failing.items():
        said = ", ".join(f"{column} → {value or 'empty'}" for column, value in changes[row_id].items())
        still = ", ".join(rule.rule_id for rule in failing)
        st.markdown(f":material/close: {row_id} ({said}) would still fail {still}" if failing
                    else f":material/check: {row_id} ({said}) would pass")
    if seen.left_out:
        st.caption(f"The first {len(seen.still_failing)} rows are judged here, the other {seen.left_out:,} by the build.")
    st.markdown(sentence(seen.released, at_least=bool(seen.left_out)))


def sentence(released: Released, at_least: bool = False) -> str:
    """`Would promote 68 rows: 1 provider, 62 encounters ($240,917), 5 adverse events`."""
    if not released.rows:
        return ":material/block: **Would promote no further row.**"
    parts = []
    for source, rows in released.by_source.items():
        dollars = f" ({formats.money(released.paid_amount_usd).replace('$', chr(92) + '$')})" if source == "encounters" else ""
        singular = "employer network entry" if source == "employer_networks" else source.removesuffix("s").replace("_", " ")
        plural = "employer network entries" if source == "employer_networks" else None
        parts.append(f"{formats.counted(rows, singular, plural)}{dollars}")
    least = "at least " if at_least else ""
    return f":material/move_up: **Would promote {least}{formats.counted(released.rows, 'row')}:** {', '.join(parts)}"
