"""How many of those referred have a provider near enough for their type of county."""

import streamlit as st

from pages.networks import rows_behind
from pages.widgets import downloads, formats, session, table_link
from pages.widgets.empty_state import nothing_matches
from pipeline.services.networks import adequacy as service

HEADINGS = {
    "verdict": "Verdict",
    "employer": "Employer",
    "employer_id": "Its code",
    "near_share": "Near enough, at least",
    "asked_share": "Asked",
    "miles": "Within miles",
    "words": "In words",
}


def adequacy(employer: str | None, names: dict[str, str]) -> None:
    """The standard of each employer and type of county, and whether it is met."""
    table = session.cached(service.adequacy, employer)
    if table.empty:
        nothing_matches(
            "No referral yet",
            "A network is judged by those who were referred.",
            "upload",
            "Upload referrals",
            rests_on=("std_referrals", "referral_access"),
        )
        return
    st.markdown(formats.verbatim(service.in_words(table)))
    st.caption(
        "Members are the patients who were referred; near enough is a listed provider who performs their procedure, as the crow "
        "flies from the middle of their ZIP to that of the practice. Shares are rounded down, to multiples of eleven patients, so "
        "that nobody can work out a few of them; verdicts are exact. The rule also asks for minutes on the road and a number of "
        "providers: neither is known here. The standards stand under Methods, In force here; the procedure chosen above "
        "changes nothing."
    )
    table = table.assign(
        employer=table["employer_id"].map(names).fillna(table["employer_id"]),
        county_type=table["county_type"].str.replace("_", " "),
    )
    shown = table[
        [
            "verdict",
            "employer",
            "county_type",
            "near_share",
            "asked_share",
            "miles",
            "referrals",
            "words",
            "employer_id",
        ]
    ]
    picked = rows_behind.table(
        shown,
        "adequacy_rows",
        headings=HEADINGS,
        alt="Adequacy by employer and type of county",
        columns={
            "words": st.column_config.TextColumn("In words", width="large"),
        },
    )
    if picked is not None:
        table_link.show(
            "referral_access", "Show the referrals", employer_id=str(picked["employer_id"])
        )
    downloads.shown(
        shown, "network_adequacy", of_nobody=("miles", "asked_share"), key="download_adequacy"
    )
