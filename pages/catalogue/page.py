"""Lineage from delivered file to page, click through; dictionary with privacy marks; rule cards."""

import streamlit as st

from pages.catalogue import entry, lineage_map, rule_cards
from pages.catalogue.lineage_map import TITLES
from pages.widgets import address, formats, session
from pipeline.services.catalogue import catalogue, dbt_docs, lineage_graph

DEFAULT = "provider_scorecard"
REACH = {"next": "What is next to it", "all": "The whole way"}

st.title("Catalogue")
session.take_next()
contents = session.cached(catalogue.catalogue)
kinds = lineage_graph.kinds_of(contents)
if (
    session.CATALOGUE_TAB not in st.session_state
    and session.CATALOGUE_RULE in st.query_params
    and session.CATALOGUE_TAB not in st.query_params
):
    st.session_state[session.CATALOGUE_TAB] = "Rules"
dictionary, lineage, rules = st.tabs(
    ["Dictionary", "Lineage", "Rules"],
    key=session.CATALOGUE_TAB,
    on_change="rerun",
    bind="query-params",
)
if dictionary.open or lineage.open:
    with dictionary if dictionary.open else lineage:
        search = st.text_input(
            "Find a table or column", type="search", placeholder="paid, npi, scorecard…"
        )
        names = catalogue.search(contents, search) + [
            name
            for name in kinds
            if name not in contents.entries and search.lower() in name.lower()
        ]
        if not names:
            st.info(
                "Nothing is called that or described with that word.", icon=":material/search_off:"
            )
        else:
            order = list(TITLES)
            names.sort(
                key=lambda name: (order.index(kinds[name]) if name in kinds else len(order), name)
            )
            name = address.select(
                f"Table, file or page ({len(names)})",
                names,
                session.MODEL,
                lambda label: f"{label} · {TITLES.get(kinds.get(label, ''), 'Other')}",
                DEFAULT,
            )
            if lineage.open:
                above, below = catalogue.reach(lineage_graph.all_edges(contents), name)
                with st.container(
                    horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
                ):
                    st.markdown(
                        f"**{name}** is made from {above} and feeds {below}. Choose a box to follow it.",
                        width="content",
                    )
                    how_far = address.segments(
                        "How far",
                        list(REACH),
                        session.LINEAGE_REACH,
                        REACH.__getitem__,
                        label_visibility="collapsed",
                    )
                clicked = lineage_map.show(name, how_far == "next", f"lineage_map_{how_far}")
                if clicked and clicked != name:
                    session.choose_next(session.MODEL, clicked)
            entry.show(contents, name, "lineage" if lineage.open else "dictionary")
if rules.open:
    with rules:
        rule_cards.show()

made = dbt_docs.made(session.settings())
if made:
    st.link_button(
        "dbt's own pages",
        dbt_docs.ROAD,
        icon=":material/open_in_new:",
        type="tertiary",
        help=f"Models, columns, statements and lineage as dbt documents them; made {formats.ago(made)}.",
    )
else:
    st.caption(
        f"`{dbt_docs.COMMAND}` makes dbt's own pages about the models; a link stands here then."
    )
