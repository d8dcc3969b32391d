"""One model of the graph: what it is, what the run made of it, its SQL, and the buttons that build
it.
"""

import streamlit as st

from pages.widgets import formats, menu, session
from pages.widgets.badges import GRAPH_COLOURS, GRAPH_MARKS, layer_dot
from pages.widgets.start_run import start
from pipeline.services.catalogue import catalogue
from pipeline.services.run import model_graph as run_graph
from pipeline.services.run import selection
from pipeline.services.run.model_graph import GraphNode, RunGraph


def show(node: GraphNode, graph: RunGraph, busy: bool) -> None:
    """Draw the panel; while a run is active nothing else can be started."""
    name = node.place.name
    entry = session.cached(catalogue.catalogue).entries[name]
    with st.container(border=True, key="model_panel"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{name}**", width="content")
            mark = GRAPH_MARKS.get(node.state)
            st.badge(
                f"{mark} {node.state}" if mark else node.state,
                color=GRAPH_COLOURS.get(node.state, "gray"),
            )
            st.caption(layer_dot(node.place.layer), width="content")
        if entry.description:
            st.markdown(entry.description)
        st.caption(_numbers(node, graph))
        if node.message:
            st.code(node.message, language=None, wrap_lines=True)
        for test in node.failed_tests:
            st.markdown(f":material/error: test **{test}** failed")
        _buttons(node, busy)
        _sql(name)


def _numbers(node: GraphNode, graph: RunGraph) -> str:
    name = node.place.name
    made_from = sum(child == name for _, child in graph.edges)
    feeds = sum(parent == name for parent, _ in graph.edges)
    facts = [
        f"took {formats.span(node.seconds)}" if node.seconds is not None else "",
        formats.counted(int(node.rows), "row") if node.rows is not None else "",
        f"made from {made_from}, feeds {feeds}",
        formats.counted(node.tests, "test") if node.tests else "",
        f"{node.warned_tests} with findings" if node.warned_tests else "",
    ]
    return " · ".join(part for part in facts if part)


def _buttons(node: GraphNode, busy: bool) -> None:
    name = node.place.name
    with st.container(horizontal=True, vertical_alignment="center"):
        for word, label, icon in (
            (name, "Run this model", "play_arrow"),
            (f"{name}+", "From here on", "fast_forward"),
        ):
            scope = None if busy else selection.preview(session.settings(), (word,))
            if st.button(
                label,
                key=f"select_{word}",
                icon=f":material/{icon}:",
                disabled=busy,
                help=_told(scope),
            ):
                start(selection=[word])
        menu.link(
            "tables",
            label="Its rows",
            width="content",
            query_params={session.LAYER: node.place.layer, session.TABLE: name},
        )
        menu.link(
            "catalogue", label="Its columns", width="content", query_params={session.MODEL: name}
        )
    if not busy:
        st.caption(_told(selection.preview(session.settings(), (name,))))


def _told(scope) -> str | None:
    """What a button would build, and why more than one model."""
    if scope is None:
        return None
    if scope.landing_zone:
        rest = (
            f", and the {formats.counted(scope.size, 'model')} that stand on it"
            if scope.size
            else ""
        )
        return f"Builds the landing zone, which is judged as a whole{rest}."
    why = [
        f"{len(scope.behind)} that it needs are out of date" if scope.behind else "",
        f"{len(scope.made_from_it)} are made from it and would disagree"
        if scope.made_from_it
        else "",
    ]
    reasons = " and ".join(part for part in why if part)
    return f"Builds {formats.counted(scope.size, 'model')}{': ' + reasons if reasons else ''}."


def _sql(name: str) -> None:
    statements = run_graph.statements(session.settings(), name)
    if not statements:
        return
    compiled = run_graph.is_compiled(session.settings(), name)
    title = (
        "SQL as the last build ran it"
        if compiled
        else "SQL as written; no build has compiled it yet"
    )
    with st.expander(title, icon=":material/code:"):
        statement = name
        if len(statements) > 1:
            statement = st.selectbox(
                "Statement",
                list(statements),
                key=f"statement_{name}",
                format_func=lambda test: test if test == name else f"test {test}",
            )
        st.code(statements.get(statement, statements[name]), language="sql", height=420)
