"""A feature table over time: what moved between two snapshots, and what was known at a moment."""

import pandas as pd
import streamlit as st

from pages.features import charts as feature_charts
from pages.features.profile import sample_size_text
from pages.widgets import address, charts, downloads, formats, session
from pages.widgets.data_table import page_offset, pager, show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.features import drift as drift_service
from pipeline.services.features import exports, profile
from pipeline.services.features.profile import PAGE_ROWS, TableProfile

VERDICT_MARKS = {
    "drifted": "✗ drifted",
    "stable": "✓ stable",
    "too few to tell": "○ not judged",
}


def second(moment: str) -> str:
    """A snapshot by its second, since two builds may share a minute."""
    return formats.moment(moment, has_seconds=True)


def drift(table_profile: TableProfile) -> None:
    """The gate's verdict on two snapshots, every feature beside what chance explains, and one
    feature drawn twice.
    """
    if len(table_profile.moments) < 2:
        nothing_matches(
            "One snapshot so far",
            "Drift compares two; load another delivery and build again.",
            "upload",
            "Upload a delivery",
        )
        return
    newest_first = list(table_profile.moments[::-1])
    with st.container(horizontal=True):
        end = address.select("Snapshot", newest_first[:-1], session.DRIFT_TO, second, width=260)
        earlier = [moment for moment in newest_first if moment < end]
        start = address.select("Compared with", earlier, session.DRIFT_FROM, second, width=260)
    report = session.cached(drift_service.drift, table_profile.table, start, end, True)
    table_drift = report.tables[0]
    _verdict(table_drift)
    frame = pd.DataFrame([vars(feature) for feature in table_drift.features])
    with_psi = frame.dropna(subset=["psi"]).sort_values("psi", ascending=False)
    if len(with_psi):
        charts.show(
            feature_charts.moved(
                with_psi["feature"].tolist(),
                with_psi["psi"].tolist(),
                with_psi["psi_chance_limit"].tolist(),
                with_psi["verdict"].tolist(),
                report.gate.psi,
            ),
            "moved",
            "Population stability index of each feature, with what chance explains and the gate",
        )
    _table(frame)
    _one_feature(table_profile, start, end, [feature.feature for feature in table_drift.features])
    st.caption(
        f"Gate: PSI above {report.gate.psi:g}, KS above {report.gate.ks:g} or missing changed by more than "
        f"{formats.share(report.gate.missing, 0)}, and beyond chance, or values out of all proportion. "
        f"Fewer than {report.gate.min_entities} entities are never called stable. "
        f"{sample_size_text(table_profile).capitalize()}. For a scheduler, on all entities, with exit code 3 beyond the gate:"
    )
    st.code(
        f"icon-health features drift --table {table_profile.table} --from {start} --to {end}",
        language="console",
    )


def _verdict(table_drift) -> None:
    beyond = [feature for feature in table_drift.features if feature.verdict == "drifted"]
    if beyond:
        reasons = "  \n".join(
            f"**{feature.feature}:** {formats.verbatim('; '.join(feature.reasons))}"
            for feature in beyond
        )
        st.warning(
            f"{formats.counted(len(beyond), 'feature')} beyond the gate.  \n{reasons}",
            icon=":material/trending_up:",
        )
    elif table_drift.verdict == "stable":
        st.success(
            "Nothing drifted: no feature moved further than the limits and chance allow.",
            icon=":material/check_circle:",
        )
    else:
        st.info("Not judged: too few entities to tell drift from chance.", icon=":material/help:")


def _table(frame: pd.DataFrame) -> None:
    labelled = frame.assign(
        verdict=frame["verdict"].map(VERDICT_MARKS),
        reasons=frame["reasons"].map("; ".join),
        missing_before=frame["missing_before"] * 100,
        missing_now=frame["missing_now"] * 100,
    )
    columns = [
        "feature",
        "verdict",
        "psi",
        "psi_by_chance",
        "ks",
        "ks_p",
        "missing_before",
        "missing_now",
        "mean_shift",
        "reasons",
    ]
    form = {
        name: st.column_config.NumberColumn(title, format=pattern, help=meaning)
        for name, title, pattern, meaning in (
            ("psi", "PSI", "%.3f", "Population stability index over bins of the earlier snapshot."),
            (
                "psi_by_chance",
                "By chance",
                "%.3f",
                "PSI that two samples of these sizes have on average when nothing changed.",
            ),
            (
                "ks",
                "KS",
                "%.3f",
                "Largest distance between the two distribution functions, 0 to 1.",
            ),
            ("ks_p", "p", "%.3f", "Chance of a KS at least this large when nothing changed."),
            (
                "missing_before",
                "Missing then",
                "%.1f %%",
                "Share without a value in the earlier snapshot.",
            ),
            (
                "missing_now",
                "Missing now",
                "%.1f %%",
                "Share without a value in the later snapshot.",
            ),
        )
    }
    show_table(
        labelled[columns],
        {"mean_shift": "Change of the mean in standard deviations of the earlier snapshot."},
        alt="Drift of each feature",
        columns=form,
        headings={"verdict": "Verdict", "reasons": "Why"},
        number_formats={"mean_shift": lambda value: formats.change(value, 2)},
    )


def _one_feature(table_profile: TableProfile, start: str, end: str, names: list[str]) -> None:
    name = address.select("Draw", names, session.FEATURE, width=340)
    before, now = (
        session.cached(profile.profile, table_profile.table, moment).values[name].dropna()
        for moment in (start, end)
    )
    if before.empty or now.empty:
        st.caption("One of the snapshots has no value of it.")
        return
    labels = (second(start), second(end))
    if pd.api.types.is_numeric_dtype(before):
        figure = feature_charts.two_snapshots(before, now, labels, formats.words(name))
    else:
        was, is_now = (
            profile.categories(values, table_profile.is_of_people) for values in (before, now)
        )
        figure = feature_charts.two_mixes(was, is_now, labels)
    charts.show(figure, "two_snapshots", f"{formats.words(name)} in both snapshots")


def known_at(table, table_profile: TableProfile) -> None:
    """One page of entities as known at a moment; one entity through time; the whole as a file."""
    st.caption(
        "No source carries a date of service. A value counts from the moment at which it became known, so this is what a "
        "model could have seen then, neither less nor more."
    )
    moment = address.select(
        "As known at", list(table_profile.moments[::-1]), session.KNOWN_AT, second, width=260
    )
    offset = page_offset(PAGE_ROWS, session.PAGE)
    rows = session.cached(profile.known_page, table_profile.table, moment, offset)
    total = session.cached(profile.known_total, table_profile.table, moment)
    meanings = {feature.name: feature.definition for feature in table.features}
    st.caption(
        f"{formats.counted(total, 'entity', 'entities')} had been seen by then, in the order of their key"
    )
    show_table(rows, meanings, alt="Feature values as known then", height=420)
    why = exports.refusal(table_profile.table)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        pager(total, PAGE_ROWS, session.PAGE)
        with st.container(horizontal=True, width="content"):
            downloads.page(table_profile.table, rows)
            downloads.made(
                lambda author: exports.parquet(
                    session.settings(), table_profile.table, moment, author
                ),
                f"{table_profile.table}.parquet",
                "All as Parquet",
                exports.parquet,
                mime=downloads.PARQUET,
                disabled=why is not None,
                help=f"{table_profile.table} {why}."
                if why
                else "As a Safe Harbor export of the table.",
            )
    _through_time(table, table_profile)


def _through_time(table, table_profile: TableProfile) -> None:
    """Every version of one entity; people are not looked up by their number."""
    if table_profile.is_of_people:
        return
    with st.expander("One entity through time", icon=":material/timeline:"):
        with st.container(horizontal=True):
            key = tuple(
                st.text_input(
                    formats.words(part), key=f"lookup_{table_profile.table}_{part}", width=220
                ).strip()
                for part in table.key
            )
        if not all(key):
            st.caption("Every version that was ever known of it, oldest first.")
            return
        versions = session.cached(profile.versions, table_profile.table, key)
        if versions.empty:
            nothing_matches("Nobody of that key", "No build has ever seen it; check the number.")
        else:
            show_table(
                versions,
                {feature.name: feature.definition for feature in table.features},
                alt="Every version of one entity",
            )
