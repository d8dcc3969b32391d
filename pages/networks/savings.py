"""What better-scored providers nearby would save, the verdict first."""

from textwrap import shorten
from typing import Any

import pandas as pd
import streamlit as st

from pages.networks import charts as network_charts
from pages.networks import rows_behind
from pages.networks.columns import SAVED, SAVINGS
from pages.networks.views import EMPLOYERS_DRAWN, money
from pages.widgets import charts, formats
from pages.widgets.empty_state import nothing_matches
from pipeline.services.catalogue import catalogue
from pipeline.services.networks import explain_networks
from pipeline.services.networks.networks import Networks

#: Letters of a procedure beside the name of an employer.
SHORT = 28


def savings(access: Networks) -> None:
    """Savings by employer and procedure, each with its verdict and interval."""
    st.caption(
        "What all its referrals would cost less if each went to the three best-scored providers nearby instead of where the "
        "network's patients go today. Amounts are shrunken. An interval that includes 0 means that the saving cannot be told "
        "from chance."
    )
    # without encounters every saving is unknown, and the column holds no number
    table = access.savings.astype({"saving_usd": "float64"}).sort_values(
        ["in_short", "saving_usd"],
        key=lambda column: column.map(_place) if column.name == "in_short" else -column,
        ignore_index=True,
    )
    drawn = table[
        table["saving_usd"].notna() & (table["in_short"] != explain_networks.NOTHING_MOVES)
    ]
    if drawn.empty:
        nothing_matches(
            "No saving can be told",
            "Too few encounters in these networks.",
            rests_on=("employer_savings_opportunity",),
        )
    else:
        largest = drawn.nlargest(EMPLOYERS_DRAWN, "referrals").sort_index()
        charts.show(
            network_charts.ranges(
                pd.Series([_name(row) for row in largest.itertuples()]),
                largest["saving_low_usd"],
                largest["saving_usd"],
                largest["saving_high_usd"],
                "saving, 95 % interval",
                line_at=0,
                money=True,
                words=largest["words"],
            ),
            "savings",
            "Savings by employer and procedure with their intervals",
        )
    picked = rows_behind.table(
        table[SAVINGS],
        "savings_rows",
        catalogue.meanings("employer_savings_opportunity"),
        alt="Savings",
        columns=money("baseline_usd", "recommended_usd"),
        number_formats=dict.fromkeys(SAVED, formats.money),
    )
    if picked is not None:
        rows_behind.of_pair(picked)


def _name(row: Any) -> str:
    return f"{row.employer} · {shorten(row.procedure, SHORT, placeholder='…')} · {row.cpt}"


def _place(in_short: str) -> int:
    """Findings first, then what cannot be told, then what nobody can judge."""
    order = [*explain_networks.VERDICTS.values(), explain_networks.NOTHING_MOVES]
    return order.index(in_short) if in_short in order else len(order)
