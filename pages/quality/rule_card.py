"""One rule in full: state, what it means, how to mend it, and the rows that fail it."""

import pandas as pd
import streamlit as st

from pages.quality import owners
from pages.widgets import charts, downloads, entity_link, formats, menu, session
from pages.widgets.badges import state_chip
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import all_done
from pipeline.services.quality import rules, thresholds

EFFECTS = {
    "quarantine": "The row waits in quarantine.",
    "flag": "The row is kept and marked.",
    "fix": "The value is mended by itself and the mending is counted.",
    "reject": "The file is refused.",
    "block": "The load waits at the gate.",
}


def show(rule: pd.Series, run_id: str | None = None) -> None:
    """Draw the card of one row of `quality.rules`; results of a past run come without rows, which
    are those of today.
    """
    with st.container(border=True):
        st.subheader(f"{rule['rule_id']} · {rule['rule_name']}")
        with st.container(horizontal=True, vertical_alignment="center"):
            state_chip(rule["status"])
            st.badge(formats.kind(rule["kahn"]), color="blue")
            st.badge(rule["action"], color="gray", help=EFFECTS.get(rule["action"], ""))
            if rule["promotable"]:
                st.badge("released by itself when its cause vanishes", color="green")
        meaning, mending = st.columns(2)
        meaning.markdown(f"**What it means**  \n{rule['why']}")
        mending.markdown(f"**How to mend it**  \n{rule['remedy'] or 'Nothing to do.'}")
        st.caption(_numbers(rule))
        owners.show(rule["rule_name"])
        if not run_id and rule["measured"] == rule["measured"] and rule["measured"] is not None:
            _try_threshold(rule)
        statement = session.cached(rules.sql, rule["rule_name"])
        if statement:
            with st.expander("The SQL of the last build", icon=":material/code:"):
                st.code(statement, language="sql", wrap_lines=True)
        if run_id and rule["failing_rows"]:
            st.caption(
                f"Rows as {run_id} left them are not kept. Take the run away above to see those that fail today."
            )
        elif rule["failing_rows"]:
            _rows(rule)
        elif rule["status"] == "passed":
            all_done("No row fails this rule.", "")


def _numbers(rule: pd.Series) -> str:
    parts = [
        f"{rule['failing_rows']:,} of {formats.counted(int(rule['rows_checked']), 'row')} "
        + ("fails" if rule["failing_rows"] == 1 else "fail")
    ]
    if rule["measured"] == rule["measured"] and rule["measured"] is not None:
        parts.append(f"measured {formats.number(rule['measured'])}")
    if rule["threshold"] == rule["threshold"] and rule["threshold"] is not None:
        parts.append(f"threshold {formats.number(rule['threshold'])}")
    return " · ".join(
        part
        for part in (*parts, EFFECTS.get(rule["action"], ""), formats.verbatim(rule["detail"]))
        if part
    )


def _try_threshold(rule: pd.Series) -> None:
    """Another threshold, and what the check would say of what was measured."""
    limit = st.number_input(
        "Try another threshold",
        min_value=0.0,
        value=None,
        placeholder=formats.number(rule["threshold"]),
        key=f"threshold_{rule['rule_name']}_{rule['entity']}",
        width=200,
    )
    if limit is None:
        return
    tried = session.cached(thresholds.tried, rule["rule_name"], limit)
    st.markdown(
        f":material/query_stats: **At {formats.number(limit)} it would warn of {_sources(tried.then)}** "
        f"of {formats.counted(len(tried.measured), 'source')} measured; at "
        f"{formats.number(tried.declared)}, which is declared, of {_sources(tried.now)}."
    )


def _sources(names: tuple[str, ...]) -> str:
    return ", ".join(map(formats.words, names)) or "none"


def _rows(rule: pd.Series) -> None:
    failing = session.cached(rules.failing_rows, rule["rule_name"])
    if failing.empty:
        return
    extent = (
        f"all {len(failing):,}"
        if len(failing) >= rule["failing_rows"]
        else f"the first {len(failing):,} of {rule['failing_rows']:,}"
    )
    st.markdown(f"**Rows that fail** (patient values masked; {extent})")
    picked = show_table(
        failing.drop(columns="_row_id"),
        key=f"failing_{rule['rule_name']}",
        ids=failing["_row_id"].tolist(),
        alt="Rows that fail the rule",
        headings={
            "_source_file": "File",
            "_source_row_number": "Line",
            "_status": "Status",
            "_load_id": "Load",
        },
    )
    if picked:
        entity_link.show(failing.iloc[picked[0]].to_dict())
    with st.container(horizontal=True, vertical_alignment="center"):
        if rule["action"] == "quarantine":
            menu.link(
                "quarantine",
                label="Repair these rows",
                width="content",
                query_params={session.ENTITY: rule["entity"], session.RULE: rule["rule_id"]},
            )
        downloads.unmasked(
            lambda: failing,
            f"failing_{rule['rule_name']}",
            "Download as CSV",
            "rows that fail a rule, masked as shown",
            key=f"download_{rule['rule_name']}",
        )
    history = session.cached(rules.trend, rule["rule_name"])
    if history["run_id"].nunique() > 1:
        charts.show(
            charts.lines(history, "run_id", "failing_rows", "rule_id", "failing rows"),
            f"trend_{rule['rule_name']}",
            "Rows that fail this rule, run by run",
        )
