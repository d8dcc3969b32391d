"""Dictionary, lineage from file to feature, rule cards, privacy marks."""

import pandas as pd
import streamlit as st

from pages.components import charts, linked, state
from pages.components.palette import LAYER_TITLES
from pages.components.tables import show_table
from pipeline.services import catalog, quality

TITLES = LAYER_TITLES | {"seeds": "Reference tables", "": "Other"}

st.title("Catalogue")
seen = state.answer(catalog.catalogue)
dictionary, lineage, rules = st.tabs(["Dictionary", "Lineage", "Rules"], key=state.CATALOGUE_TAB, on_change="rerun",
                                     bind="query-params")
name = None
with dictionary:
    search = st.text_input("Find a table or column", type="search", placeholder="paid, npi, scorecard…")
    found = catalog.search(seen, search)
    if not found:
        st.info("Nothing is called that or described with that word.", icon=":material/search_off:")
    else:
        name = linked.select("Table", found, state.MODEL,
                             lambda each: f"{each} · {TITLES.get(seen.entries[each].layer, 'Other')}")
        entry = seen.entries[name]
        st.markdown(entry.description or "*No description.*")
        st.caption(f"{TITLES.get(entry.layer, 'Other')} · {entry.path or 'loaded by the pipeline itself'}")
        columns = pd.DataFrame([{"column": column.name, "type": column.data_type, "privacy": column.classification or "public",
                                 "meaning": column.description} for column in entry.columns])
        if columns.empty:
            st.caption("Its columns are those of the table before it.")
        else:
            show_table(columns, alt=f"Columns of {name}", headings={name: name.capitalize() for name in columns})
with lineage:
    left, right = st.columns([3, 1])
    chosen = left.selectbox("Follow", list(seen.entries), index=list(seen.entries).index(name) if name else 0, key="lineage_of")
    steps = right.segmented_control("Steps", [1, 2, 3], default=1, required=True, key="lineage_steps")
    above, below = catalog.reach(seen.edges, chosen)
    st.caption(f"{chosen} is made from {above} tables and feeds {below}; those within {steps} step(s) are drawn.")
    places = catalog.around(seen.edges, chosen, steps)
    charts.show(charts.lineage(places, {each: seen.entries[each].layer for each in places}, seen.edges, chosen), "lineage",
                f"Tables before and after {chosen}")
with rules:
    declared = quality.declared_rules()
    frame = pd.DataFrame([{"rule_id": rule.rule_id, "source": rule.entity, "column": rule.column or "",
                           "action": rule.action, "dimension": rule.kahn, "what it means": rule.why,
                           "how to mend it": rule.remedy} for rule in declared])
    show_table(frame, alt="Every rule", height=520,
               headings={"rule_id": "Rule", **{name: name.capitalize() for name in frame.columns if name != "rule_id"}})
