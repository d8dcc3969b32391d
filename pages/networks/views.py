"""The views of the page Networks: coverage, map, roster, access, prices and volume."""

import streamlit as st

from pages.networks import charts as network_charts
from pages.networks import rows_behind
from pages.networks.columns import COVERAGE, GAPS, HEADINGS, PRICES, VOLUMES
from pages.networks.us_states import SOURCE
from pages.widgets import charts, downloads, entity_link, formats, table_link
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import all_done, nothing_matches
from pipeline.services.catalogue import catalogue
from pipeline.services.networks import explain_networks
from pipeline.services.networks.networks import Networks

EMPLOYERS_DRAWN = 30


def money(*columns: str) -> dict:
    """Formats of columns in whole dollars."""
    return {
        column: st.column_config.NumberColumn(HEADINGS[column], format="$%,.0f")
        for column in columns
    }


def entries_to_mend(access: Networks) -> int | None:
    """Listed NPIs that are malformed, unknown, unused or repaired; None where nobody can tell."""
    if not access.knows_statuses:
        return None
    return int(access.statuses.loc[access.statuses["status"] != "active", "entries"].sum())


def coverage(access: Networks) -> None:
    """Which procedures the listed providers of each employer perform, and where none does."""
    largest = (
        access.coverage.groupby("employer_id")["referrals"].sum().nlargest(EMPLOYERS_DRAWN).index
    )
    coverage = access.coverage[access.coverage["employer_id"].isin(largest)]
    charts.show(
        network_charts.coverage(coverage, access.procedures, access.names),
        "coverage",
        f"How many listed providers of {coverage['employer_id'].nunique()} employers perform each procedure",
    )
    st.caption(
        "How many listed providers perform the procedure, below it *none 11+* where none of them did 11 or more, and how many "
        "referrals are without anybody. The stronger the orange, the larger the hole"
        + (
            f". The {EMPLOYERS_DRAWN} employers with the most referrals."
            if len(largest) == EMPLOYERS_DRAWN
            else "."
        )
    )
    picked = rows_behind.table(
        access.coverage[COVERAGE],
        "coverage_rows",
        catalogue.meanings("employer_network_coverage"),
        alt="Coverage in numbers",
    )
    if picked is not None:
        rows_behind.of_pair(picked)
    downloads.shown(access.coverage[COVERAGE], "employer_network_coverage", key="download_coverage")


def places(access: Networks) -> None:
    """Where listed providers are, and where referrals come from."""
    if access.providers.empty and access.demand.empty:
        nothing_matches(
            "No place is known",
            access.unplaced or "No provider is listed and no referral made here.",
            rests_on=("network_roster_audit", "network_candidate"),
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


def roster(access: Networks) -> None:
    """Every listed NPI with its audit status and a suggestion."""
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
    if access.roster.empty:
        nothing_matches(
            "No entry is listed",
            "Load the networks of employers.",
            "upload",
            "Upload the file",
            rests_on=("std_employer_networks",),
        )
    elif entries_to_mend(access) == 0:
        all_done(
            "Every entry is in use.",
            "No listed NPI is malformed, unknown, repaired or without encounters.",
        )
    picked = show_table(
        rows,
        catalogue.meanings("network_roster_audit"),
        headings=HEADINGS,
        key=f"roster_{'_'.join(statuses)}",
        ids=list(rows.index),
        height=420,
        alt="Audited network entries",
        columns={"suggestion": st.column_config.TextColumn("Suggestion", width="large")},
    )
    if picked:
        entity_link.show(rows.iloc[picked[0]].to_dict())
    downloads.shown(rows, "network_roster_audit", key="download_roster")


def gaps(access: Networks) -> None:
    """Referrals by what stands between the patient and a provider."""
    if access.gaps.empty:
        nothing_matches(
            "No referral yet",
            "Access is judged for each referral.",
            "upload",
            "Upload referrals",
            rests_on=("std_referrals",),
        )
    elif not access.knows_gaps:
        nothing_matches(
            "Not known", "Who performs what.", rests_on=("std_employer_networks", "std_encounters")
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
        picked = rows_behind.table(
            named[[*GAPS, "gap_reason"]],
            "access_rows",
            hidden=("gap_reason",),
            height=320,
            alt="Access by employer",
        )
        if picked is not None:
            table_link.show(
                "referral_access",
                "Show these referrals",
                employer_id=str(picked["employer_id"]),
                cpt=str(picked["cpt"]),
                gap_reason=str(picked["gap_reason"]),
            )


def prices(access: Networks, cpt: str | None) -> None:
    """Paid amounts by area, of the procedure `cpt` or of one chosen here."""
    st.caption(
        "Paid amounts of all providers of an area (first three digits of their ZIP), whoever paid. The basis of payment is "
        "unknown. Areas with fewer than 11 patients are suppressed, and those with which a suppressed one could be worked out."
    )
    prices = access.prices.assign(
        shown=access.prices["is_suppressed"].map({0: "shown", 1: "suppressed"})
    ).sort_values(["cpt", "zip3"])
    # amounts of different procedures mean nothing beside each other
    priced = cpt or st.selectbox(
        "Procedure drawn",
        sorted(set(prices["cpt"])),
        format_func=lambda code: access.procedures.get(code, code),
    )
    open_rows = prices[(prices["is_suppressed"] == 0) & (prices["cpt"] == priced)]
    if open_rows.empty:
        nothing_matches(
            "Every area is suppressed",
            "Too few patients to show a price.",
            rests_on=("price_transparency",),
        )
    else:
        names = open_rows["zip3"].map(
            lambda zip3: "ZIP unknown" if zip3 == "unknown" else f"ZIP {zip3}**"
        )
        charts.show(
            network_charts.ranges(
                names,
                open_rows["paid_p25_usd"],
                open_rows["paid_median_usd"],
                open_rows["paid_p75_usd"],
                "paid: median, 25th to 75th percentile",
                money=True,
            ),
            "prices",
            f"Prices in {len(open_rows)} areas",
        )
    picked = rows_behind.table(
        prices[PRICES],
        "price_rows",
        catalogue.meanings("price_transparency"),
        alt="Prices by procedure and area",
        columns=money("paid_p25_usd", "paid_median_usd", "paid_p75_usd"),
    )
    if picked is not None:
        table_link.show(
            "price_transparency",
            "Show this row among all",
            cpt=str(picked["cpt"]),
            zip3=str(picked["zip3"]),
        )


def volume(access: Networks) -> None:
    """Outcomes of a procedure by thirds of its providers by volume."""
    st.caption(
        "Providers of a procedure in thirds by encounters to date, and what happened to their patients. An interval that "
        "includes 1 is no finding. Outcomes under 11 encounters are hidden."
    )
    thirds = access.volumes.assign(
        volume=[f"{row.volume_from:,} to {row.volume_to:,}" for row in access.volumes.itertuples()]
    )
    with_ratio = thirds[thirds["observed_to_expected"].notna()]
    if with_ratio.empty:
        nothing_matches(
            "No outcome to draw",
            "Outcomes under 11 encounters are hidden.",
            rests_on=("volume_outcome",),
        )
    else:
        charts.show(
            network_charts.ranges(
                with_ratio["cpt"] + " · " + with_ratio["volume"],
                with_ratio["observed_to_expected_low"],
                with_ratio["observed_to_expected"],
                with_ratio["observed_to_expected_high"],
                "observed / expected, 95 % interval",
                line_at=1,
            ),
            "volumes",
            f"Observed over expected of {len(with_ratio)} thirds of providers by volume",
        )
    picked = rows_behind.table(
        thirds[[*VOLUMES, "volume_from", "volume_to"]],
        "volume_rows",
        catalogue.meanings("volume_outcome"),
        hidden=("volume_from", "volume_to"),
        alt="Outcome by volume",
        columns=money("paid_median_usd"),
    )
    if picked is not None:
        rows_behind.of_third(picked)
