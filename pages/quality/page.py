"""Checks by source and kind of quality; one in full with the rows that fail it; a grade a mart; the
trend; the ledger.
"""

import pandas as pd
import streamlit as st

from pages.quality import matrix, owners, rule_card, trend, trial
from pages.widgets import address, charts, downloads, formats, headline, placeholder, session
from pages.widgets.badges import counters, grade_column, state_column, state_text
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import all_done, nothing_matches
from pages.widgets.palette import FATE_COLOURS
from pipeline.services.quality import grades
from pipeline.services.quality import rules as quality_rules
from pipeline.services.tables import table_list
from pipeline.services.why import emptiness

SHOWN = [
    "status",
    "rule_id",
    "entity",
    "column",
    "failing_rows",
    "failing_share",
    "action",
    "why",
    "kahn",
    "rows_checked",
]

#: From most to least severe: what a finding does to a row or file.
SEVERITIES = ("reject", "quarantine", "flag", "fix")
SHOWN_AS = {"entity": formats.words, "kahn": formats.kind}
ORDERED = {"status": quality_rules.STATES, "action": SEVERITIES}
FILTERS = (
    ("status", "State", session.RULE_STATES, None),
    ("entity", "Source", session.SOURCES, None),
    (
        "action",
        "Severity",
        session.RULE_ACTIONS,
        "reject refuses a file, quarantine holds a row back, flag marks it, fix mends a value.",
    ),
    (
        "kahn",
        "Dimension",
        session.KAHN,
        "Kahn et al. 2016: completeness, conformance, plausibility.",
    ),
)
ORDER = (
    "**Error** could not run, **not applicable** had nothing to look at: both prove nothing, so they win where several states meet "
    "and an empty table is never green. **Failed** keeps rows or files out, **warned** marks rows, **passed** found nothing."
)


def filtered(rules: pd.DataFrame) -> pd.DataFrame:
    """The rules that meet the filters of the page."""
    matching = rules
    row = st.container(horizontal=True, key="rule_filters")
    for column, label, key, meaning in FILTERS:
        present = set(rules[column])
        options = [value for value in ORDERED.get(column, sorted(present)) if value in present]
        selected = address.several(
            row, label, options, key, SHOWN_AS.get(column, str), placeholder="all", help=meaning
        )
        if selected:
            matching = matching[matching[column].isin(selected)]
    return matching


def summary(rules: pd.DataFrame) -> str:
    """`4 of 119 checks failed, 16 warned, 1 muted. ENC-06 keeps back most: 62 of 1,000 rows of
    Encounters.`
    """
    judged = rules[rules["status"] != quality_rules.NOT_APPLICABLE]
    is_muted = judged["rule_name"].isin(owners.muted())
    asking = judged[~is_muted]
    failed = asking[asking["status"].isin(("failed", "error"))]
    if judged.empty:
        cause = session.cached(emptiness.of_tables, "ledger")
        if cause:
            return f"{cause.what}. {formats.verbatim(cause.why)}"
        return "Nothing is judged yet: no check had rows to look at."
    warned = int((asking["status"] == "warned").sum())
    muted = int((is_muted & judged["status"].isin(("failed", "error", "warned"))).sum())
    sentence = (
        f"**{len(failed):,} of {formats.counted(len(judged), 'check')} failed**, {warned:,} warned"
        f"{f', {muted:,} muted' if muted else ''}."
    )
    if failed.empty or not failed["failing_rows"].max():
        return sentence
    worst = failed.loc[failed["failing_rows"].idxmax()]
    return (
        f"{sentence} {worst['rule_id']} keeps back most: {worst['failing_rows']:,} of {formats.counted(int(worst['rows_checked']), 'row')} "
        f"of {formats.words(worst['entity'])}."
    )


def rule_list(rules: pd.DataFrame, run_id: str | None) -> None:
    with st.expander("By source and kind of quality", icon=":material/grid_on:", expanded=True):
        matrix.show(rules)
    matching = filtered(rules)
    if matching.empty:
        nothing_matches("No rule meets these filters", "Take one of the filters away.")
        return
    labelled = matching.assign(
        status=matching["status"].map(lambda status: [state_text(status)]),
        column=matching["column"].fillna("").map(formats.words),
        failing_share=matching["failing_rows"]
        / matching["rows_checked"].where(matching["rows_checked"] > 0),
    )
    st.caption(
        f"{formats.counted(len(matching), 'check')}. Select one to see what it means, how to mend it and the rows that fail it."
    )
    cared = owners.columns(labelled["rule_name"])
    picked = show_table(
        pd.concat([labelled[SHOWN[:2]], cared, labelled[SHOWN[2:]]], axis="columns"),
        key="rules",
        ids=list(zip(matching["rule_name"], matching["entity"], strict=True)),
        height=380,
        alt="Rules with their state",
        columns={"status": state_column()},
        headings={
            "entity": "Source",
            "failing_share": "Share",
            "kahn": "Dimension",
            "action": "Severity",
            "why": "What it means",
            "rule_id": "Rule",
        },
    )
    named = st.query_params.get(session.RULE, "")
    if named and not (rules[["rule_name", "rule_id"]] == named).any(axis=None):
        address.note_unknown("check", named)
    if picked:
        st.query_params[session.RULE] = matching.iloc[picked[0]]["rule_name"]
    rule_in_url = matching[
        (matching[["rule_name", "rule_id"]] == st.query_params.get(session.RULE, "")).any(axis=1)
    ]
    rule = matching.iloc[picked[0]] if picked else rule_in_url.iloc[0] if len(rule_in_url) else None
    if rule is not None:
        rule_card.show(rule, run_id)
    if not run_id:
        trial.show()


def mart_grades() -> None:
    table_grades = session.cached(grades.grades)
    if not table_grades or not session.cached(table_list.tables, "enterprise_datasets"):
        nothing_matches(
            "No gold table yet",
            "Grades follow from the first build.",
            "run",
            "Go to the build",
            rests_on=("provider_scorecard",),
        )
        return
    labelled = pd.DataFrame(
        [
            {
                "grade": [grade.grade],
                "table": grade.table,
                "reason": grade.reason,
                "sources": [formats.words(source) for source in grade.sources],
            }
            for grade in table_grades
        ]
    )
    counts = pd.Series([grade.grade for grade in table_grades]).value_counts().sort_index()
    st.markdown(
        f"**{formats.counted(len(table_grades), 'gold table')}:** "
        + ", ".join(f"{rows} {letter}" for letter, rows in counts.items()),
        help="By the share of rows that wait or were rejected in the worst source that feeds the table: A none, B at most 1 %, "
        "C at most 5 %, D at most 10 %, F more, an error, or an empty source.",
    )
    show_table(
        labelled,
        alt="Grade of each gold table with the reason",
        headings={"sources": "Fed by"},
        columns={"grade": grade_column(), "reason": st.column_config.TextColumn("Why", width=560)},
    )


def ledger_table() -> None:
    ledger = session.cached(quality_rules.ledger)
    if ledger.empty:
        nothing_matches(
            "No ledger yet",
            "It is written by the first build.",
            "run",
            "Go to the build",
            rests_on=("ledger",),
        )
        return
    fates = [name for name in FATE_COLOURS if name in ledger]
    by_entity = (
        ledger.assign(entity=ledger["entity"].map(formats.words))
        .groupby("entity", as_index=False)[["received", *fates]]
        .sum()
    )
    charts.show(
        charts.stacked(by_entity, "entity", fates, FATE_COLOURS, "rows received"),
        "ledger_bars",
        "Received rows by source and fate",
    )
    off = ledger[ledger["received"] != ledger[fates].sum(axis=1)]
    if off.empty:
        all_done(
            "Every row is accounted for.",
            "Received = promoted + quarantined + superseded + duplicates + rejected, per load.",
        )
    else:
        loads = formats.counted(len(off), "load does not balance", "loads do not balance")
        st.error(f"{loads}.", icon=":material/error:")
    show_table(ledger, headings={"entity": "Source", "load_id": "Load"}, alt="Row ledger by load")
    # lines of files, whoever stands in them
    downloads.shown(ledger, "row_ledger", of_nobody=ledger.columns)


st.title("Data quality")
session.show_flash()
runs = session.cached(quality_rules.measured_runs)
with placeholder.place():
    if st.query_params.get(session.RUN, "") not in ("", *runs):
        st.info(
            f"Run {formats.verbatim(st.query_params[session.RUN])} kept no results: it published nothing. These are those of the "
            "published tables.",
            icon=":material/history:",
        )
run_id = (
    address.select(
        "Results of",
        runs,
        session.RUN,
        optional=True,
        placeholder="the published tables",
        width=260,
    )
    if runs
    else None
)
rules = session.cached(quality_rules.rules, run_id)
with placeholder.place():
    if run_id:
        st.info(
            f"As run {run_id} left it. Failing rows, grades and the ledger are those of the published tables.",
            icon=":material/history:",
        )
        if not len(rules[rules["status"] != quality_rules.NOT_APPLICABLE]):
            st.caption("This run judged nothing.")
headline.lead(summary(rules))
counters({name: int((rules["status"] == name).sum()) for name in quality_rules.STATES}, ORDER)
address.views(
    {
        "Rules": lambda: rule_list(rules, run_id),
        "Grades": mart_grades,
        "Trend": trend.show,
        "Row ledger": ledger_table,
    },
    session.QUALITY_TAB,
)
