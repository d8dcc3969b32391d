"""Tables of the page Networks whose rows lead to the rows behind them, on Tables."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.networks.columns import HEADINGS
from pages.widgets import entity_link, table_link
from pages.widgets.data_table import show_table


def table(
    frame: pd.DataFrame, key: str, descriptions: Mapping[str, str] | None = None, **options: Any
) -> dict[str, Any] | None:
    """Draw a frame of which a row can be selected; the selected row, or None."""
    picked = show_table(
        frame, descriptions, key=key, ids=list(frame.index), **{"headings": HEADINGS, **options}
    )
    return frame.iloc[picked[0]].to_dict() if picked else None


def of_pair(row: Mapping[str, Any]) -> None:
    """Links to the referrals of an employer and procedure, and to whom the network offers."""
    pair = {"employer_id": str(row["employer_id"]), "cpt": str(row["cpt"])}
    with st.container(horizontal=True, gap="small"):
        table_link.show("referral_access", "Show the referrals", **pair)
        table_link.show("network_option", "Show who performs it", **pair)
        table_link.show("employer_savings_opportunity", "Show the saving", **pair)
    entity_link.show(pair)


def of_third(row: Mapping[str, Any]) -> None:
    """A link to the providers of a procedure with as many encounters as a third of them has."""
    table_link.where(
        "provider_procedure_scorecard",
        "Show these providers",
        [
            table_link.condition("cpt", table_link.IS, str(row["cpt"])),
            table_link.condition(
                "encounter_count", table_link.BETWEEN, f"{row['volume_from']}..{row['volume_to']}"
            ),
        ],
    )
