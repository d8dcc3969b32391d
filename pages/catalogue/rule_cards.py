"""Every declared rule as a card, found by its id, column or words."""

import streamlit as st

from pages.quality.rule_card import EFFECTS
from pages.widgets import formats, menu, session
from pipeline.services.quality import rules

SHOWN = 30


def show() -> None:
    """A search and the cards that it finds; `rule` in the address opens one."""
    rule_in_url = st.query_params.get(session.CATALOGUE_RULE, "")
    if session.RULE_SEARCH not in st.session_state and rule_in_url:
        st.session_state[session.RULE_SEARCH] = rule_in_url
    words = (
        st.text_input(
            "Find a rule",
            key=session.RULE_SEARCH,
            type="search",
            placeholder="ENC-06, birth date, network…",
        )
        .lower()
        .split()
    )
    matches = [
        rule for rule in rules.declared_rules() if all(word in _text(rule) for word in words)
    ]
    st.caption(
        f"{formats.counted(len(matches), 'rule')}{f', the first {SHOWN} shown' if len(matches) > SHOWN else ''}."
    )
    if not matches:
        st.info("No rule holds these words.", icon=":material/search_off:")
    for rule in matches[:SHOWN]:
        with st.container(border=True):
            st.markdown(f"**{rule.rule_id}** `{rule.name}`")
            with st.container(horizontal=True):
                st.badge(formats.words(rule.entity), color="gray")
                st.badge(formats.kind(rule.kahn), color="blue")
                st.badge(rule.action, color="gray", help=EFFECTS.get(rule.action, ""))
            st.markdown(f"**What and why.** {rule.why}  \n**How to mend it.** {rule.remedy}")
            menu.link(
                "quality", label="Its state and its rows", query_params={session.RULE: rule.name}
            )


def _text(rule) -> str:
    return f"{rule.rule_id} {rule.name} {rule.entity} {rule.column} {rule.why} {rule.remedy} {rule.kahn}".lower()
