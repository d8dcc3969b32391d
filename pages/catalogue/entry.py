"""One box of the catalogue in full: what it is, its columns, its rules, its neighbours, and the way
to its rows.
"""

import pandas as pd
import streamlit as st

from pages.catalogue.lineage_map import TITLES
from pages.widgets import formats, menu, session
from pages.widgets.data_table import show_table
from pipeline.services.catalogue import catalogue, column_paths, lineage_graph
from pipeline.services.catalogue.catalogue import Catalogue
from pipeline.services.quality import rules as quality_rules
from pipeline.services.tables.table_list import layer_of


def show(contents: Catalogue, name: str, key: str) -> None:
    """Draw the entry of a table; a file or a page gets one sentence and a link."""
    edges = lineage_graph.all_edges(contents)
    entry = contents.entries.get(name)
    with st.container(border=True):
        st.subheader(name)
        if entry is None:
            _outside(name)
        else:
            st.markdown(entry.description or "*No description.*")
            marks = [
                TITLES.get(entry.layer, "Other"),
                entry.path or "loaded by the pipeline itself",
            ]
            st.caption(" · ".join([*marks, f"key: {', '.join(entry.key)}"] if entry.key else marks))
            with st.container(horizontal=True):
                menu.link(
                    "tables",
                    label="Its rows",
                    width="content",
                    query_params={session.LAYER: layer_of(name) or "all", session.TABLE: name},
                )
            _columns(entry, key)
            _rules(name)
        _neighbours(edges, name, key)


def _outside(name: str) -> None:
    page = next((page for page in catalogue.pages() if page.label == name), None)
    if page:
        st.markdown(page.description)
        menu.link(page.menu_key, label=f"Open {page.label}", icon=":material/arrow_forward:")
    else:
        contract = next(source for source in catalogue.sources() if source.file_name == name)
        st.markdown(
            f"{contract.description} Columns as delivered: {', '.join(f'`{column}`' for column in contract.delivered)}."
        )


def _columns(entry, key: str) -> None:
    if not entry.columns:
        st.caption("Its columns are those of the table before it.")
        return
    classes = catalogue.classes(entry)
    frame = pd.DataFrame(
        [
            {
                "column": column.name,
                "privacy": classes[column.name],
                "type": column.data_type,
                "meaning": column.description,
            }
            for column in entry.columns
        ]
    )
    if not frame["type"].any():
        frame = frame.drop(columns="type")
    show_table(
        frame,
        alt=f"Columns of {entry.name}",
        key=f"columns_{key}",
        height="auto" if len(frame) < 9 else 340,
    )
    _follow(entry, key)


def _follow(entry, key: str) -> None:
    """One column back to the delivered ones, and on to all that is made of it."""
    column = st.selectbox(
        "Follow a column",
        [column.name for column in entry.columns],
        index=None,
        placeholder="What it is made of, and what is made of it",
        key=f"follow_{key}",
    )
    if column is None:
        return
    back, on = st.columns(2)
    for place, title, none, paths in (
        (back, "Made of", "Made of no other column.", column_paths.sources_of(entry.name, column)),
        (on, "Read by", "No other column is made of it.", column_paths.uses_of(entry.name, column)),
    ):
        with place:
            st.markdown(f"**{title}**")
            if paths.empty:
                st.caption(none)
            else:
                show_table(
                    paths,
                    alt=f"{title}: {entry.name}.{column}",
                    key=f"{title}_{key}",
                    height="auto" if len(paths) < 9 else 340,
                )


def _rules(name: str) -> None:
    source = next(
        (
            source.entity
            for source in catalogue.sources()
            if name.endswith(f"_{source.entity}") and not name.startswith("std_")
        ),
        "",
    )
    rules = [rule for rule in quality_rules.declared_rules() if rule.entity == source]
    if rules:
        with st.expander(
            f"{formats.counted(len(rules), 'rule')} of {formats.words(source).lower()}",
            icon=":material/rule:",
        ):
            for rule in rules:
                st.markdown(f"**{rule.rule_id}** `{rule.name}`: {rule.why}")


def _neighbours(edges: tuple[tuple[str, str], ...], name: str, key: str) -> None:
    for title, names in (
        ("Made from", [parent for parent, child in edges if child == name]),
        ("Feeds", [child for parent, child in edges if parent == name]),
    ):
        if names:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{title}**", width="content")
                for neighbour in dict.fromkeys(names):
                    st.button(
                        neighbour,
                        key=f"{key}_{title}_{neighbour}",
                        type="tertiary",
                        on_click=choose,
                        args=(neighbour,),
                    )


def choose(name: str) -> None:
    """A callback: show this box."""
    st.session_state[session.MODEL] = name
