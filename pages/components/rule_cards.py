"""Every declared rule as a card, found by its id, column or words."""

import streamlit as st

from pages.components import formats, state
from pages.components.rule_card import EFFECTS
from pipeline.services import quality

SHOWN = 30


def show() -> None:
    """A search and the cards that it finds; `rule` in the address opens one."""
    asked = st.query_params.get(state.CATALOGUE_RULE, "")
    if state.RULE_SEARCH not in st.session_state and asked:
        st.session_state[state.RULE_SEARCH] = asked
    words = st.text_input("Find a rule", key=state.RULE_SEARCH, type="search", placeholder="ENC-06, birth date, network…").lower().split()
    found = [rule for rule in quality.declared_rules()
             if all(word in _text(rule) for word in words)]
    st.caption(f"{formats.counted(len(found), 'rule')}{f', the first {SHOWN} shown' if len(found) > SHOWN else ''}.")
    if not found:
        st.info("No rule holds these words.", icon=":material/search_off:")
    for rule in found[:SHOWN]:
        with st.container(border=True):
            st.markdown(f"**{rule.rule_id}** `{rule.name}`")
            with st.container(horizontal=True):
                st.badge(formats.words(rule.entity), color="gray")
                st.badge(formats.kind(rule.kahn), color="blue")
                st.badge(rule.action, color="gray", help=EFFECTS.get(rule.action, ""))
            st.markdown(f"**What and why.** {rule.why}  \n**How to mend it.** {rule.remedy}")
            st.page_link("pages/review/data_quality.py", label="Its state and its rows", icon=":material/fact_check:",
                         query_params={state.RULE: rule.name})


def _text(rule) -> str:
    return f"{rule.rule_id} {rule.name} {rule.entity} {rule.column} {rule.why} {rule.remedy} {rule.kahn}".lower()
