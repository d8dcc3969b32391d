"""What repairs would change, in words and numbers: which rows would still fail, what would be
promoted, what moves in gold.
"""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.widgets import formats, session
from pages.widgets.data_table import show_table
from pipeline.services.quarantine import what_if
from pipeline.services.quarantine.row_names import row_names
from pipeline.services.quarantine.what_if import GoldEffect, Released, Repairs

SHOWN_ROWS = 10


def as_repairs(changes: dict[str, dict[str, str | None]]) -> Repairs:
    """Row id -> changes, in the form that an answer can be kept by."""
    return tuple((row_id, tuple(cells.items())) for row_id, cells in changes.items())


def show(entity: str, changes: dict[str, dict[str, str | None]]) -> None:
    """Which repaired rows would still fail, what would be promoted, and what that changes in
    gold.
    """
    effect = session.cached(what_if.what_if, entity, as_repairs(changes))
    passing = sum(not failing for failing in effect.still_failing.values())
    row_ids = [
        row_id
        for row_id, failing in effect.still_failing.items()
        if failing or len(changes) <= SHOWN_ROWS
    ][:SHOWN_ROWS]
    for row_id, name in session.cached(row_names, entity, tuple(row_ids)).items():
        failing, row_label = effect.still_failing[row_id], formats.verbatim(name)
        values = ", ".join(
            f"{formats.words(column)} → {formats.verbatim(value or 'empty')}"
            for column, value in changes[row_id].items()
        )
        still = ", ".join(
            f"{rule.rule_id} ({formats.words(rule.column)})" if rule.column else rule.rule_id
            for rule in failing
        )
        st.markdown(
            f":material/close: {row_label}: {values} would still fail {still}"
            if failing
            else f":material/check: {row_label}: {values} would pass"
        )
    if len(effect.still_failing) > len(row_ids):
        st.markdown(
            f":material/rule: {passing:,} of {formats.counted(len(effect.still_failing), 'row')} would pass"
        )
    if effect.left_out:
        st.caption(
            f"The first {len(effect.still_failing):,} rows are judged here, the other {effect.left_out:,} by the build."
        )
    st.markdown(sentence(effect.released, at_least=bool(effect.left_out)))
    show_gold(effect.gold)


def show_gold(gold: GoldEffect) -> None:
    """Whose encounters, dollars and events move, from what to what, and whose ratios the build
    works out anew.
    """
    if not gold.providers:
        return
    if gold.procedures:
        performing = formats.counted(
            gold.providers_moved, "provider who performs them", "providers who perform them"
        )
        st.markdown(
            f":material/query_stats: **In gold:** reference rates of {formats.counted(len(gold.procedures), 'procedure')} take these rows "
            f"in, so the build works out O/E anew for {performing}. "
            f"Counts move of {formats.counted(len(gold.providers), 'provider')}:"
        )
    frame = pd.DataFrame(
        [
            {
                "provider": f"{provider.name} ({provider.npi})",
                "encounters": _moved(provider.encounters),
                "paid": _moved(provider.paid_usd, formats.money),
                "adverse_events": _moved(provider.adverse_events)
                if provider.adverse_events
                else "not told",
            }
            for provider in gold.providers[:SHOWN_ROWS]
        ]
    )
    show_table(frame, alt="What moves in gold", headings={"provider": "Provider"})
    if any(provider.adverse_events is None for provider in gold.providers[:SHOWN_ROWS]):
        st.caption("Events are not told where they would be those of fewer than 11 encounters.")
    if len(gold.providers) > SHOWN_ROWS:
        st.caption(f"and {formats.counted(len(gold.providers) - SHOWN_ROWS, 'more provider')}")


def gold_line(gold: GoldEffect) -> str:
    """`In gold: encounters of Cormont, Belin 0 → 62, paid $0 → $240,917, adverse events 0 → 5; O/E
    of 23 providers ...`.
    """
    if not gold.providers:
        return ""
    first = gold.providers[0]
    events = f", adverse events {_moved(first.adverse_events)}" if first.adverse_events else ""
    name, paid = (
        formats.verbatim(first.name),
        formats.verbatim(_moved(first.paid_usd, formats.money)),
    )
    moved = (
        f"encounters of {name} {_moved(first.encounters)}, paid {paid}{events}"
        if len(gold.providers) == 1
        else f"counts move of {formats.counted(len(gold.providers), 'provider')}"
    )
    anew = (
        f"; O/E of {formats.counted(gold.providers_moved, 'provider')} is worked out anew"
        if gold.providers_moved
        else ""
    )
    return f"  \n:material/query_stats: **In gold:** {moved}{anew}"


def _moved(pair: tuple, as_text: Callable = formats.number) -> str:
    """`0 → 62`, or the one number when nothing moves."""
    return as_text(pair[1]) if pair[0] == pair[1] else f"{as_text(pair[0])} → {as_text(pair[1])}"


def sentence(released: Released, at_least: bool = False) -> str:
    """`Would promote 68 rows: 1 provider, 62 encounters ($240,917), 5 adverse events`."""
    if not released.rows:
        return ":material/block: **Would promote no further row.**"
    least = "at least " if at_least else ""
    return f":material/move_up: **Would promote {least}{formats.counted(released.rows, 'row')}:** {parts(released)}"


def parts(released: Released) -> str:
    """`1 provider, 62 encounters ($240,917), 5 adverse events`."""
    said = []
    for source, rows in released.by_source.items():
        dollars = (
            f" ({formats.money(released.paid_amount_usd).replace('$', chr(92) + '$')})"
            if source == "encounters"
            else ""
        )
        said.append(f"{formats.counted(rows, *what_if.row_words(source))}{dollars}")
    left_out = " (events that would tell of fewer than 11 encounters are not counted)"
    return ", ".join(said) + (left_out if released.leaves_out else "")
