"""The graph of the models, drawn by a page of its own beside this file: buttons in columns, so that
it can be used by keyboard.
"""

from pathlib import Path

import streamlit as st
from streamlit.components.v1 import declare_component

from pages.widgets import formats, session
from pages.widgets.badges import GRAPH_MARKS
from pages.widgets.palette import LAYER_COLOURS, LAYER_TITLES, MEDALLIONS
from pipeline.services.run.model_graph import URGENCY, GraphNode, RunGraph

#: Seconds below which the rows of a model say more than how long it took.
BRIEF = 1.0

_view = declare_component("model_graph", path=str(Path(__file__).parent / "model_graph_view"))


def show(graph: RunGraph, key: str) -> str | None:
    """Draw the graph; the model that the address names, which a click sets."""
    name = st.query_params.get(session.NODE)
    if name and graph.node(name) is None:
        name = None
    clicked = _view(
        nodes=[_sent(node) for node in graph.nodes],
        edges=graph.edges,
        layers=_layers(graph),
        colours=LAYER_COLOURS,
        marks=GRAPH_MARKS,
        urgency=URGENCY,
        absent=graph.absent,
        chosen=name,
        key=key,
        default=None,
    )
    if clicked and clicked["at"] != st.session_state.get(session.GRAPH_CLICK):
        st.session_state[session.GRAPH_CLICK] = clicked["at"]
        choose(None if clicked["node"] == name else clicked["node"])
        st.rerun(scope="fragment")
    return name


def draw(**sent) -> dict | None:
    """Draw any graph of boxes in columns; the last click as node and at, None before the first."""
    return _view(**sent, default=None)


def choose(name: str | None) -> None:
    """Show one model beside the graph, or none."""
    if name:
        st.query_params[session.NODE] = name
    else:
        st.query_params.pop(session.NODE, None)


def _sent(node: GraphNode) -> dict:
    place = node.place
    return {
        "name": place.name,
        "layer": place.layer,
        "column": place.column,
        "group": place.group,
        "state": node.state,
        "told": summary(node),
    }


def summary(node: GraphNode) -> str:
    """What one line under the name says."""
    if node.failed_tests:
        return formats.counted(len(node.failed_tests), "test") + " failed"
    if node.state != "done":
        return node.state
    rows = [] if node.rows is None else [formats.counted(int(node.rows), "row")]
    if node.seconds is None:
        return " · ".join(rows or ["done"])
    return (
        rows[0]
        if rows and node.seconds < BRIEF
        else " · ".join([formats.span(node.seconds), *rows])
    )


def _layers(graph: RunGraph) -> list[dict]:
    layers = []
    for label, title in LAYER_TITLES.items():
        own = [
            node for node in graph.nodes if node.place.layer == label and node.state != graph.absent
        ]
        ended = sum(node.state in ("done", "failed") for node in own)
        told_of = f"{ended} of {formats.counted(len(own), 'model')}" if own else MEDALLIONS[label]
        layers.append(
            {"label": label, "title": title, "colour": LAYER_COLOURS[label], "told": told_of}
        )
    return layers
