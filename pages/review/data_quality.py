"""Rules by source, dimension and state; one rule in full with the rows that fail it; a grade a mart; the trend; the ledger."""

import pandas as pd
import streamlit as st

from pages.components import charts, formats, rule_card, state
from pages.components.badges import counters, grade_column, state_column, state_text
from pages.components.empty import all_done, nothing_here
from pages.components.palette import FATE_COLOURS
from pages.components.tables import download, show_table
from pipeline.services import grades, quality

SHOWN = ["status", "rule_id", "entity", "column", "failing_rows", "failing_share", "rows_checked", "action", "kahn", "why"]

FILTERS = (("status", "State", state.RULE_STATES), ("entity", "Source", state.SOURCES),
           ("action", "Action", state.RULE_ACTIONS), ("kahn", "Dimension", state.KAHN))


def filtered(rules: pd.DataFrame) -> pd.DataFrame:
    """The rules that meet the filters of the page."""
    kept = rules
    for place, (column, label, key) in zip(st.columns(4), FILTERS, strict=True):
        present = set(rules[column])
        options = [value for value in quality.STATES if value in present] if column == "status" else sorted(present)
        chosen = place.multiselect(label, options, key=key, bind="query-params", placeholder="all")
        if chosen:
            kept = kept[kept[column].isin(chosen)]
    return kept


def rule_list(rules: pd.DataFrame) -> None:
    chosen = filtered(rules)
    if chosen.empty:
        nothing_here("No rule meets these filters", "Take one of the filters away.")
        return
    shown = chosen.assign(status=chosen["status"].map(lambda each: [state_text(each)]), column=chosen["column"].fillna(""),
                          failing_share=chosen["failing_rows"] / chosen["rows_checked"].where(chosen["rows_checked"] > 0))
    st.caption("Select a rule to see what it means, how to mend it and the rows that fail it.")
    picked = show_table(shown[SHOWN], key="rules", selectable=True, height=420, alt="Rules with their state",
                        columns={"status": state_column()},
                        headings={"entity": "Source", "failing_share": "Share", "kahn": "Dimension",
                                  "why": "What it means", "rule_id": "Rule"})
    if picked:
        rule_card.show(chosen.iloc[picked[0]])


def mart_grades() -> None:
    found = state.answer(grades.grades)
    if not found:
        nothing_here("No gold table yet", "Grades follow from the first build.", "pages/load/run_pipeline.py", "Go to the build")
        return
    shown = pd.DataFrame([{"grade": [each.grade], "table": each.table, "reason": each.reason,
                           "sources": [formats.words(source) for source in each.sources]} for each in found])
    st.caption("By the share of rows that quarantine holds back in the worst source that feeds the table: A none, B at most 1 %, "
               "C at most 5 %, D at most 10 %, F more, an error, or an empty source.")
    show_table(shown, alt="Grade of each gold table with the reason", headings={"sources": "Fed by"},
               columns={"grade": grade_column(), "reason": st.column_config.TextColumn("Why", width=640)})


def trend_chart() -> None:
    trend = state.answer(quality.trend)
    if trend.empty or trend["run_id"].nunique() < 1:
        nothing_here("No run has been measured yet", "Build the layers; each run adds a point.",
                     "pages/load/run_pipeline.py", "Go to the build")
        return
    by_source = trend.groupby(["run_id", "entity"], as_index=False)["failing_rows"].sum()
    charts.show(charts.lines(by_source, "run_id", "failing_rows", "entity", "failing rows"), "trend",
                "Failing rows by source, run by run")


def ledger_table() -> None:
    ledger = state.answer(quality.ledger)
    if ledger.empty:
        nothing_here("No ledger yet", "It is written by the first build.", "pages/load/run_pipeline.py", "Go to the build")
        return
    fates = [name for name in FATE_COLOURS if name in ledger]
    by_entity = ledger.groupby("entity", as_index=False)[["received", *fates]].sum()
    charts.show(charts.stacked(by_entity, "entity", fates, FATE_COLOURS, "rows received"), "ledger_bars",
                "Received rows by source and fate")
    off = ledger[ledger["received"] != ledger[fates].sum(axis=1)]
    if off.empty:
        all_done("Every row is accounted for.",
                 "Received = promoted + quarantined + superseded + duplicates + rejected, per load.")
    else:
        st.error(f"{formats.counted(len(off), 'load')} do not balance.", icon=":material/error:")
    show_table(ledger, headings={"entity": "Source", "load_id": "Load"}, alt="Row ledger by load")
    download(ledger, "row_ledger")


st.title("Data quality")
run_id = st.query_params.get(state.RUN)
rules = state.answer(quality.rules_of_run, run_id) if run_id else state.answer(quality.rules)
if run_id:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":material/history: What the rules found in run **{run_id}**; the rows shown are those of today.", width="content")
        if st.button("Show the newest run", key="newest_run", icon=":material/close:"):
            st.query_params.pop(state.RUN)
            st.rerun()
counters({name: int((rules["status"] == name).sum()) for name in quality.STATES})
listed, graded, over_time, balance = st.tabs(["Rules", "Grades", "Trend", "Row ledger"])
with listed:
    rule_list(rules)
with graded:
    mart_grades()
with over_time:
    trend_chart()
with balance:
    ledger_table()
