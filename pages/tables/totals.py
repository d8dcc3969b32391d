"""What the filtered rows add up to: how many they are, and sum, mean and range of one column."""

from collections.abc import Sequence

import streamlit as st

from pages.widgets import address, formats, session
from pages.widgets.data_table import SHARES, is_money
from pipeline.services.tables.browse import TableTotals
from pipeline.services.tables.table_list import TableInfo

#: Columns that people add up first.
USUAL = (
    "paid_amount_usd",
    "paid_sum_usd",
    "encounter_count",
    "encounters",
    "received",
    "listed",
    "encounter_count_to_date",
    "encounter_count_to_date",
)


def choose(info: TableInfo) -> str | None:
    """The column that is added up; None where a table has no number."""
    if not info.numbers:
        return None
    default = usual(info.numbers) or info.numbers[0]
    return address.select(
        "Add up",
        list(info.numbers),
        session.MEASURE,
        lambda name: f"Add up {formats.words(name)}",
        default=default,
        label_visibility="collapsed",
        width=240,
    )


def usual(numbers: Sequence[str]) -> str | None:
    """The column that is worth adding up, None where none is."""
    return next((name for name in USUAL if name in numbers), None)


def show(totals: TableTotals, measure: str | None) -> None:
    """The totals as one line: `182 rows of 938 (19.4 %) · Paid amount (USD): sum $504,919, mean
    $2,774.28, from $1,003 to $8,829`.
    """
    total, rows = totals.rows, totals.everything
    share = "" if total == rows or not rows else f" of {rows:,} ({formats.share(total / rows)})"
    parts = [f"**{formats.counted(total, 'row')}**{share}"]
    if measure and total:
        show_value = formats.money_exact if is_money(measure) else formats.number
        if measure.endswith(SHARES):
            show_value = formats.share
        figures = {
            name: formats.verbatim(show_value(totals.of_column[name]))
            for name in ("sum", "mean", "minimum", "maximum")
        }
        summed = "" if measure.endswith(SHARES) else f"sum **{figures['sum']}**, "
        parts.append(
            f"{formats.words(measure)}: {summed}mean **{figures['mean']}**, from **{figures['minimum']}** to **{figures['maximum']}**"
        )
    st.markdown(" · ".join(parts))


def remarks(totals: TableTotals, measure: str | None) -> str:
    """What the totals leave out, in words."""
    if not measure:
        return ""
    if totals.hidden:
        return f"{formats.counted(totals.hidden, 'row')} of small cells or without a value: not counted in {formats.words(measure)}."
    empty = totals.rows - int(totals.of_column.get("filled") or 0)
    return f"{formats.counted(empty, 'row')} without a value." if empty else ""
