"""What the rules found in one run, and the way to each rule as that run left it."""

import streamlit as st

from pages.widgets import formats, menu, session
from pages.widgets.data_table import show_table
from pipeline.services.run import results

SHOWN = [
    "rule_id",
    "entity",
    "action",
    "failing_rows",
    "previous_rows",
    "change",
    "rows_checked",
    "rule_name",
]
HEADINGS = {
    "rule_id": "Rule",
    "entity": "Source",
    "previous_rows": "Run before",
    "rule_name": "Name",
}


def show(run_id: str) -> None:
    """Rules with failing rows, or all of them, beside the run before."""
    rule_frame = session.cached(results.rule_results, run_id)
    if rule_frame.empty:
        st.caption("This run published nothing, so no rule was judged.")
        return
    failing = rule_frame[(rule_frame["failing_rows"] > 0) | (rule_frame["previous_rows"] > 0)]
    st.markdown(
        f"{formats.counted(int((rule_frame['failing_rows'] > 0).sum()), 'rule')} of {len(rule_frame):,} found "
        f"{formats.counted(int(rule_frame['failing_rows'].sum()), 'failing row')}."
    )
    menu.link(
        "quality", label=f"Data quality as {run_id} found it", query_params={session.RUN: run_id}
    )
    everything = st.toggle("Rules that found nothing, too", key="all_rules_of_run")
    show_table(
        (rule_frame if everything else failing)[SHOWN],
        headings=HEADINGS,
        alt="Rule results of the run",
        columns={"action": st.column_config.TextColumn("Action", width=100)},
    )
