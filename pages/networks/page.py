"""What each employer's network covers, and its holes: matrix, map, roster, access, prices, volume,
savings with an interval.
"""

import streamlit as st

from pages.networks import charts as network_charts
from pages.networks.us_states import SOURCE
from pages.widgets import address, charts, formats, session
from pages.widgets.data_table import download, show_table
from pages.widgets.empty_state import all_done, no_data_yet, nothing_matches
from pipeline.services.catalogue import catalogue
from pipeline.services.networks import explain_networks, networks

EMPLOYERS_DRAWN = 30
COVERAGE = [
    "employer_id",
    "procedure",
    "cpt",
    "performing",
    "performing_ge11",
    "listed",
    "known",
    "referrals",
    "referrals_without_option",
    "share_of_encounters_in_network",
    "hhi_of_volume",
]
PRICES = ["procedure", "zip3", "shown", "n", "providers", "p25", "median", "p75"]
VOLUMES = [
    "procedure",
    "volume",
    "providers",
    "providers_at_minimum",
    "n",
    "o",
    "e",
    "oe",
    "oe_lo",
    "oe_hi",
    "median_paid",
]
SAVINGS = [
    "employer_id",
    "procedure",
    "referrals",
    "baseline_mid",
    "recommended_mid",
    "saving_lo",
    "saving_mid",
    "saving_hi",
    "words",
]
SAVED = ("saving_lo", "saving_mid", "saving_hi")
HEADINGS = {
    "performing": "Perform it",
    "performing_ge11": "with 11 or more",
    "n": "Encounters",
    "o": "Adverse events",
    "e": "Expected",
    "p25": "25th percentile",
    "median": "Median",
    "p75": "75th percentile",
    "oe_lo": "O/E from",
    "oe_hi": "O/E to",
    "providers_at_minimum": "Reach the minimum",
    "volume": "Encounters a provider",
    "median_paid": "Median paid",
    "words": "In words",
    "baseline_mid": "Today",
    "recommended_mid": "As recommended",
    "saving_lo": "Saving from",
    "saving_mid": "Saving",
    "saving_hi": "to",
    "gap": "What stands in the way",
    "provider_name": "Provider",
    "hhi_of_volume": "Concentration",
}


def money(*columns: str) -> dict:
    """Formats of columns in whole dollars."""
    return {
        column: st.column_config.NumberColumn(HEADINGS[column], format="$%,.0f")
        for column in columns
    }


st.title("Networks")
st.caption(
    "What each employer's providers can do for the patients who were referred, and where nobody can."
)
first = session.cached(networks.networks, None, None)
if first is None:
    no_data_yet()
    st.stop()
if not first.employers:
    nothing_matches(
        "No employer is known yet", "Load the networks of employers.", "upload", "Upload the file"
    )
    st.stop()
with st.container(horizontal=True):
    employer = address.select(
        "Employer",
        list(first.employers),
        session.EMPLOYER,
        optional=True,
        placeholder="all",
        width=220,
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
reasons = access.gaps.groupby("gap_reason")["referrals"].sum()
broken = access.statuses.loc[access.statuses["status"] != "active", "entries"].sum()
with st.container(horizontal=True):
    st.metric("Referrals", formats.number(int(access.coverage["referrals"].sum())), border=True)
    st.metric(
        "Without any option",
        formats.number(int(access.coverage["referrals_without_option"].sum())),
        border=True,
        help="No known listed provider performs the procedure.",
    )
    st.metric(
        "Nobody within 25 miles", formats.number(int(reasons.get("none_nearby", 0))), border=True
    )
    st.metric(
        "Entries to mend",
        formats.number(int(broken)),
        border=True,
        help="Listed NPIs that are malformed, unknown or never used.",
    )


def draw_coverage() -> None:
    largest = (
        access.coverage.groupby("employer_id")["referrals"].sum().nlargest(EMPLOYERS_DRAWN).index
    )
    coverage = access.coverage[access.coverage["employer_id"].isin(largest)]
    charts.show(
        network_charts.coverage(coverage, access.procedures),
        "coverage",
        f"How many listed providers of {coverage['employer_id'].nunique()} employers perform each procedure",
    )
    st.caption(
        "Listed providers who perform the procedure; below it, referrals for which there is none"
        + (
            f". The {EMPLOYERS_DRAWN} employers with the most referrals."
            if len(largest) == EMPLOYERS_DRAWN
            else "."
        )
    )
    show_table(
        access.coverage[COVERAGE],
        catalogue.meanings("employer_network_coverage"),
        headings=HEADINGS,
        alt="Coverage in numbers",
    )
    download(access.coverage[COVERAGE], "employer_network_coverage", key="download_coverage")


def draw_map() -> None:
    if access.providers.empty and access.demand.empty:
        nothing_matches(
            "No place is known",
            access.unplaced or "No provider is listed and no referral made here.",
        )
    else:
        charts.show(
            network_charts.place_map(access.providers, access.demand),
            "places",
            f"Map of {len(access.providers)} places of listed providers and {len(access.demand)} areas of referrals",
        )
        st.caption(
            f"Only what the data holds is in view. A larger square is more referrals that have an option; a circle is a ZIP. "
            f"{access.unplaced} {SOURCE}"
        )


def draw_roster() -> None:
    states = access.statuses.groupby("status")["entries"].sum()
    statuses = st.pills(
        "Status",
        list(states.index),
        selection_mode="multi",
        key="roster_status",
        format_func=lambda status: (
            f"{status.replace('_', ' ')} · {formats.number(int(states[status]))}"
        ),
    )
    rows = access.roster[access.roster["status"].isin(statuses)] if statuses else access.roster
    if not broken:
        all_done(
            "Every entry is in use.", "No listed NPI is malformed, unknown or without encounters."
        )
    show_table(
        rows,
        catalogue.meanings("network_roster_audit"),
        headings=HEADINGS,
        height=420,
        alt="Audited network entries",
        columns={"suggestion": st.column_config.TextColumn("Suggestion", width="large")},
    )
    download(rows, "network_roster_audit", key="download_roster")


def draw_access() -> None:
    if access.gaps.empty:
        nothing_matches(
            "No referral yet", "Access is judged for each referral.", "upload", "Upload referrals"
        )
    else:
        named = access.gaps.assign(gap=access.gaps["gap_reason"].map(explain_networks.GAPS))
        totals = (
            named.groupby("gap", as_index=False)["referrals"]
            .sum()
            .sort_values("referrals", ascending=False)
        )
        charts.show(
            charts.bars(totals, "gap", "referrals", "referrals"),
            "gaps",
            "Referrals by what stands in their way",
        )
        show_table(
            named[["employer_id", "procedure", "gap", "referrals"]],
            headings=HEADINGS,
            height=320,
            alt="Access by employer",
        )


def draw_prices() -> None:
    st.caption(
        "Paid amounts of all providers of an area (first three digits of their ZIP), whoever paid. The basis of payment is "
        "unknown. Areas with fewer than 11 patients are suppressed, and those with which a suppressed one could be worked out."
    )
    prices = access.prices.assign(
        shown=access.prices["suppressed"].map({0: "shown", 1: "suppressed"})
    ).sort_values(["cpt", "zip3"])
    # amounts of different procedures mean nothing beside each other
    priced = cpt or st.selectbox(
        "Procedure drawn",
        sorted(set(prices["cpt"])),
        format_func=lambda code: access.procedures.get(code, code),
    )
    open_rows = prices[(prices["suppressed"] == 0) & (prices["cpt"] == priced)]
    if open_rows.empty:
        nothing_matches("Every area is suppressed", "Too few patients to show a price.")
    else:
        names = open_rows["zip3"].map(
            lambda zip3: "ZIP unknown" if zip3 == "unknown" else f"ZIP {zip3}**"
        )
        charts.show(
            network_charts.ranges(
                names,
                open_rows["p25"],
                open_rows["median"],
                open_rows["p75"],
                "paid: median, 25th to 75th percentile",
                money=True,
            ),
            "prices",
            f"Prices in {len(open_rows)} areas",
        )
    show_table(
        prices[PRICES],
        catalogue.meanings("price_transparency"),
        headings=HEADINGS,
        alt="Prices by procedure and area",
        columns=money("p25", "median", "p75"),
    )


def draw_volume() -> None:
    st.caption(
        "Providers of a procedure in thirds by encounters to date, and what happened to their patients. An interval over 1 "
        "is no finding. Outcomes under 11 encounters are hidden."
    )
    thirds = access.volumes.assign(
        volume=[f"{row.volume_from:,} to {row.volume_to:,}" for row in access.volumes.itertuples()]
    )
    with_ratio = thirds[thirds["oe"].notna()]
    if len(with_ratio):
        charts.show(
            network_charts.ranges(
                with_ratio["cpt"] + " · " + with_ratio["volume"],
                with_ratio["oe_lo"],
                with_ratio["oe"],
                with_ratio["oe_hi"],
                "observed / expected, 95 % interval",
                line_at=1,
            ),
            "volumes",
            f"Observed over expected of {len(with_ratio)} thirds of providers by volume",
        )
    show_table(
        thirds[VOLUMES],
        catalogue.meanings("volume_outcome"),
        headings=HEADINGS,
        alt="Outcome by volume",
        columns=money("median_paid"),
    )


def draw_savings() -> None:
    st.caption(
        "What all its referrals would cost less if each went to the three best-scored providers nearby instead of where the "
        "network's patients go today. Amounts are shrunken; an interval over 0 means that no saving can be told from chance."
    )
    savings = access.savings[access.savings["saving_mid"].notna()]
    if savings.empty:
        nothing_matches("No saving can be told", "Too few encounters in these networks.")
    else:
        largest = savings.nlargest(EMPLOYERS_DRAWN, "referrals")
        charts.show(
            network_charts.ranges(
                largest["employer_id"] + " · " + largest["cpt"],
                largest["saving_lo"],
                largest["saving_mid"],
                largest["saving_hi"],
                "saving, 95 % interval",
                line_at=0,
                money=True,
                words=largest["words"],
            ),
            "savings",
            "Savings by employer and procedure with their intervals",
        )
    show_table(
        access.savings[SAVINGS],
        catalogue.meanings("employer_savings_opportunity"),
        headings=HEADINGS,
        alt="Savings",
        columns=money("baseline_mid", "recommended_mid"),
        number_formats=dict.fromkeys(SAVED, formats.money),
    )


address.views(
    {
        "Coverage": draw_coverage,
        "Map": draw_map,
        "Roster": draw_roster,
        "Access": draw_access,
        "Prices": draw_prices,
        "Volume": draw_volume,
        "Savings": draw_savings,
    },
    session.NETWORK_VIEW,
)
