"""What the rules say about a file before it is loaded: fates, first bad cells with their lines,
columns, differences.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.upload import evidence
from pages.widgets import formats
from pages.widgets.data_table import show_table
from pages.widgets.palette import FATE_COLOURS
from pipeline.services.upload.file_report import FileReport

#: Of one row, and of several.
FATES = {
    "promoted": ("passes", "pass"),
    "quarantined": ("would wait in quarantine", "would wait in quarantine"),
    "duplicate": ("is a duplicate", "are duplicates"),
    "superseded": ("is replaced by a later version", "are replaced by a later version"),
}
COLOURS = {
    "promoted": "promoted",
    "quarantined": "quarantined",
    "duplicate": "duplicates",
    "superseded": "superseded",
}
REASONS_SHOWN, LINES_SHOWN = 5, 5
ACTIONS = {"quarantine": "✗ holds back", "flag": "⚠ flags", "fix": "✓ mended", "waived": "– waived"}


def sentence(report: FileReport) -> str:
    """`3,437 rows pass, 63 would wait in quarantine`."""
    parts = [
        f"{formats.counted(report.fates[fate], 'row') if place == 0 else format(report.fates[fate], ',')} "
        f"{words[report.fates[fate] != 1]}"
        for place, (fate, words) in enumerate(
            (fate, words) for fate, words in FATES.items() if report.fates.get(fate)
        )
    ]
    if report.rejected:
        parts.append(f"{report.rejected:,} rejected")
    return ", ".join(parts) or "no row"


def show_rules(report: FileReport, unit: str) -> None:
    """The bar of fates, the rules that rows fail, and their first cells; `unit` is what the file
    is counted in (`line`).
    """
    _bar(report)
    if not report.is_whole:
        st.caption(
            f":material/info: Judged on the first {formats.counted(report.rows, 'row')} of the file."
        )
    if report.held:
        st.warning(
            "More of its rows would wait than the batch gate lets pass: the build would hold the whole load until somebody "
            "releases it.",
            icon=":material/front_hand:",
        )
    show_rejects([(reject["line"], reject["reason"]) for reject in report.rejects], unit)
    bad = [cell for cell in report.cells if cell["column"] or cell["action"] != "fix"]
    if bad:
        st.markdown("**First bad cells**")
        cells = pd.DataFrame(bad)[["line", "column", "value", "rule_id", "action"]]
        explained = {rule["rule_name"]: rule for rule in report.rules}
        cells["why"] = [explained[line["rule_name"]]["why"] for line in bad]
        cells["action"] = cells["action"].map(lambda action: ACTIONS.get(action, action))
        cells["value"] = cells["value"].fillna("empty").where(cells["column"].notna(), None)
        cells["column"] = cells["column"].fillna("whole row")
        show_table(
            cells,
            alt=f"First bad cells with the {unit} of the file",
            height=min(36 * len(cells) + 38, 330),
            columns={
                "line": evidence.place_column(unit),
                "rule_id": st.column_config.TextColumn("Rule", width="small"),
            },
        )
    if report.rules:
        st.markdown("**Rules that rows fail**")
        rules = pd.DataFrame(report.rules)[
            ["rule_id", "column", "action", "rows", "first_line", "remedy"]
        ]
        rules["action"] = rules["action"].map(lambda action: ACTIONS.get(action, action))
        show_table(
            rules,
            alt="Rules that rows of the file fail",
            headings={"rule_id": "Rule"},
            columns={"first_line": st.column_config.NumberColumn(f"First {unit}", format="%d")},
        )
    else:
        st.markdown(":material/check_circle: No rule finds anything.")
    if report.unproven:
        st.caption(
            f":material/info: {', '.join(report.unproven)} is left out, because not all rows are known that it asks for: of a "
            "file in the tray only the first were read, or a load waits for a build."
        )
    if report.waits:
        st.caption(
            f"Judged by the build, since they look at other sources after promotion, and they only flag: {', '.join(report.waits)}."
        )


def show_rejects(rejects: Sequence[tuple[int | None, str]], unit: str) -> None:
    """Why lines (rows, elements: `unit`) are no row, each reason once with the first of them; a
    reason without a line concerns the file.
    """
    reasons: dict[str, list[int]] = {}
    for line, reason in rejects:
        reasons.setdefault(reason, []).extend([] if line is None else [line])
    for reason, lines in list(reasons.items())[:REASONS_SHOWN]:
        numbers = ", ".join(f"{line:,}" for line in lines[:LINES_SHOWN])
        more = ", …" if len(lines) > LINES_SHOWN else ""
        noun = unit.capitalize() if len(lines) == 1 else f"{unit.capitalize()}s"
        verb = "is no row" if len(lines) == 1 else "are no rows"
        where = f"{noun} {numbers}{more} {verb}: " if lines else ""
        st.caption(f":material/error: {where}{formats.verbatim(reason)}")


def show_differences(report: FileReport, unit: str) -> None:
    """Keys of the file beside those that are promoted now; `unit` as in `show_rules`."""
    difference = report.difference
    if difference is None:
        return
    with st.container(horizontal=True):
        for label, value, meaning in (
            ("New", difference["new"], "Keys that are not known yet."),
            (
                "Changed",
                difference["changed"],
                "Known keys with another value; the file's values replace them.",
            ),
            (
                "Unchanged",
                difference["unchanged"],
                "Known keys with the same values: duplicates, nothing changes.",
            ),
            (
                "Waiting",
                difference["waiting"],
                "Keys of which a row waits in quarantine; a row that passes replaces it.",
            ),
            ("Without key", difference["keyless"], "Rows that cannot be compared."),
            (
                "Gone",
                difference["gone"],
                "Entries of the lists in this file that it no longer names: the build takes them out."
                if report.is_list
                else "Known keys that this file does not name: they stay as they are.",
            ),
        ):
            if value or label not in ("Waiting", "Without key"):
                st.metric(label, formats.number(value), border=True, help=meaning)
    if report.aside:
        st.caption(
            f":material/info: Not compared with {', '.join(report.aside)}, which no build has judged yet."
        )
    if difference["gone"] is None:
        st.caption(":material/info: Keys that are gone can be told once the whole file is judged.")
    if difference["columns"]:
        meaning = ", ".join(
            f"{formats.words(name)} {count:,}" for name, count in difference["columns"].items()
        )
        st.markdown(f"**Changed cells:** {meaning}")
        sample = pd.DataFrame(difference["sample"])[["line", "key", "column", "old", "new"]]
        show_table(
            sample,
            alt="First changed cells",
            headings={"old": "Known", "new": "In the file"},
            columns={"line": evidence.place_column(unit)},
        )


def show_columns(report: FileReport) -> None:
    """One line a column: how full, how many values, which."""
    frame = pd.DataFrame(report.profile)
    frame["filled"] = frame["filled"] * 100
    show_table(
        frame,
        alt="Profile of the columns",
        columns={
            "filled": st.column_config.ProgressColumn(
                "Filled", min_value=0, max_value=100, format="%.1f %%", width="small"
            ),
            "values": st.column_config.TextColumn(
                "Range, or commonest values",
                width="large",
                help="Patient values are masked before they are counted.",
            ),
        },
    )


def _bar(report: FileReport) -> None:
    total = max(sum(report.fates.values()), 1)
    parts = "".join(
        f'<div style="width:{100 * report.fates[fate] / total:.2f}%;min-width:4px;'
        f'background:{FATE_COLOURS[COLOURS[fate]]}"></div>'
        for fate in FATES
        if report.fates.get(fate)
    )
    st.html(
        f'<div role="img" aria-label="{sentence(report)}" style="display:flex;gap:2px;height:10px;border-radius:4px;'
        f'overflow:hidden">{parts}</div>'
    )
    st.markdown(f"{sentence(report)}.")
