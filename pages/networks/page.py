"""What each employer's network covers, and its holes: matrix, map, roster, access, prices, volume,
savings with an interval.
"""

import streamlit as st

from pages.networks import adequacy, roster_changes, savings, views, what_if
from pages.widgets import address, formats, headline, session, table_link
from pages.widgets.empty_state import no_data_yet, nothing_matches
from pipeline.services.networks import networks

st.title("Networks")
st.caption(
    "What each employer's providers can do for the patients who were referred, and where nobody can."
)
first = session.cached(networks.networks, None, None)
if first is None:
    no_data_yet("std_employer_networks", "std_referrals")
    st.stop()
if not first.employers:
    nothing_matches(
        "No employer is known yet",
        "Load the networks of employers.",
        "upload",
        "Upload the file",
        rests_on=("std_employer_networks", "std_referrals"),
    )
    st.stop()
with st.container(horizontal=True):
    employer = address.select(
        "Employer",
        list(first.employers),
        session.EMPLOYER,
        lambda code: f"{first.names[code]} · {code}" if code in first.names else code,
        optional=True,
        placeholder="all",
        width=280,
    )
    cpt = address.select(
        "Procedure",
        list(first.procedures),
        session.PROCEDURE,
        lambda code: f"{first.procedures[code]} · {code}",
        optional=True,
        placeholder="all",
        width=420,
    )
access = session.cached(networks.networks, employer, cpt)
headline.lead(formats.verbatim(access.headline), "balance")
reasons = access.gaps.groupby("gap_reason")["referrals"].sum()
with st.container(horizontal=True):
    st.metric("Referrals", formats.number(formats.total(access.coverage["referrals"])), border=True)
    st.metric(
        "Without any option",
        formats.number(formats.total(access.coverage["referrals_without_option"])),
        border=True,
        help="No known listed provider performs the procedure.",
    )
    st.metric(
        "Nobody within 25 miles",
        formats.number(reasons.get("none_nearby", 0) if access.knows_gaps else None),
        border=True,
    )
    st.metric(
        "Entries to mend",
        formats.number(views.entries_to_mend(access)),
        border=True,
        help="Listed NPIs that are malformed, unknown, never used, or recognised only after they were cleaned or corrected.",
    )
with st.container(horizontal=True, gap="small"):
    of_both = {"employer_id": employer, "cpt": cpt}
    table_link.show("referral_access", "Show the referrals", **of_both)
    table_link.show("referral_access", "Those without an option", **of_both, gap_reason="no_option")
    table_link.show(
        "referral_access", "Those with nobody near", **of_both, gap_reason="none_nearby"
    )
    mended = [table_link.condition("status", table_link.IS_NOT, "active")]
    mended += [table_link.condition("employer_id", table_link.IS, employer)] if employer else []
    table_link.where("network_roster_audit", "The entries to mend", mended)


def roster() -> None:
    views.roster(access)
    roster_changes.show(employer)


address.views(
    {
        "Coverage": lambda: views.coverage(access),
        "Map": lambda: views.places(access),
        "Roster": roster,
        "Access": lambda: views.gaps(access),
        "Adequacy": lambda: adequacy.adequacy(employer, access.names),
        "Prices": lambda: views.prices(access, cpt),
        "Volume": lambda: views.volume(access),
        "Savings": lambda: savings.savings(access),
        "What if": lambda: what_if.what_if(employer),
    },
    session.NETWORK_VIEW,
)
