"""Try a rule that nobody has declared yet on every row that was judged so far."""

import streamlit as st

from pages.widgets import errors, formats, session
from pages.widgets.data_table import show_table
from pipeline.declared.sources import source_names
from pipeline.services.quality import rule_trial
from pipeline.services.quality.rule_trial import RuleDraft, Trial

KINDS: dict[rule_trial.Kind, str] = {
    "filled": "is filled",
    "one of": "is one of",
    "between": "is between",
}


def show() -> None:
    """When it is asked for: the form and, once it is filled, what the rule would find in each
    load.
    """
    if not st.toggle("Try a new rule on what was delivered", key="trial"):
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            source = st.selectbox(
                "Source", source_names(), format_func=formats.words, key="trial_source"
            )
            columns = session.cached(rule_trial.columns, source)
            if not columns:
                st.caption("No row of it is judged yet, or each of its columns is masked.")
                return
            column = st.selectbox(
                "Column", columns, format_func=formats.words, key=f"trial_column_{source}"
            )
            kind = st.selectbox(
                "Rule", list(KINDS), format_func=lambda name: KINDS[name], key="trial_kind"
            )
            draft = _draft(source, column, kind)
        st.caption("Columns that are masked on screen take no trial. Nothing is written.")
        if draft is None:
            return
        with errors.reporting("trial"):
            _effect(draft, session.cached(rule_trial.tried, draft))


def _draft(source: str, column: str, kind: rule_trial.Kind) -> RuleDraft | None:
    """What the form says; None as long as it says too little."""
    if kind == "filled":
        return RuleDraft(source, column, kind)
    if kind == "one of":
        text = st.text_input("Values, with commas between", key="trial_values")
        values = tuple(filter(None, (value.strip() for value in text.split(","))))
        return RuleDraft(source, column, kind, values) if values else None
    least = st.number_input("Least", value=None, key="trial_least", width=140)
    most = st.number_input("Most", value=None, key="trial_most", width=140)
    if least is None and most is None:
        return None
    return RuleDraft(source, column, kind, least=least, most=most)


def _effect(draft: RuleDraft, trial: Trial) -> None:
    if not trial.rows:
        st.caption("No row of the source is judged yet.")
        return
    share = formats.share(trial.failing_rows / trial.rows)
    st.markdown(
        f":material/query_stats: **{trial.failing_rows:,} of {formats.counted(trial.rows, 'row')} "
        f"would fail** ({share}), in "
        f"{formats.counted(int((trial.loads['failing'] > 0).sum()), 'load')} of {len(trial.loads):,}."
    )
    if trial.is_partial:
        st.caption("Values of small groups are hidden; their rows are not among these.")
    show_table(
        trial.loads,
        alt="What the rule would find in each load",
        headings={"_load_id": "Load", "failing": "Would fail"},
    )
    if not trial.failing.empty:
        st.markdown("**The first rows that would fail**")
        show_table(
            trial.failing,
            alt="Rows that would fail the rule",
            headings={"_load_id": "Load", "_source_row_number": "Line"},
        )
