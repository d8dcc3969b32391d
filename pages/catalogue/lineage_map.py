"""The lineage to click through: the graph of the page Run, with files before the layers and pages
behind them.
"""

import streamlit as st

from pages.run import model_graph
from pages.widgets import formats, session
from pages.widgets.palette import CATEGORICAL, LAYER_COLOURS, LAYER_TITLES, MEDALLIONS, NEUTRAL
from pipeline.services.catalogue import catalogue, lineage_graph
from pipeline.services.catalogue.lineage_graph import FILES, PAGES, SEEDS
from pipeline.services.tables import table_list

TITLES = {FILES: "Delivered files", **LAYER_TITLES, SEEDS: "Reference tables", PAGES: "Pages"}
EXPLANATIONS = {
    FILES: "what senders send",
    SEEDS: "kept with the code",
    PAGES: "what people see",
    **MEDALLIONS,
}
COLOURS = {FILES: NEUTRAL, **LAYER_COLOURS, SEEDS: CATEGORICAL[2], PAGES: CATEGORICAL[3]}


def show(name: str, is_near: bool, key: str) -> str | None:
    """Draw what `chosen` is made from and what is made from it, next to it or all the way; the box
    that was clicked, if any.
    """
    graph = session.cached(lineage_graph.graph, name, 1 if is_near else None)
    rows = {info.name: info.rows for info in session.cached(table_list.tables)}
    rows |= {contract.file_name: rows.get(contract.raw_table) for contract in catalogue.sources()}
    nodes = [
        {
            "name": box.name,
            "layer": box.kind,
            "column": box.column,
            "group": box.group,
            "state": "",
            "told": formats.counted(rows[box.name], "row")
            if rows.get(box.name) is not None
            else EXPLANATIONS[box.kind],
        }
        for box in graph.boxes
    ]
    kinds = list(dict.fromkeys(box.kind for box in graph.boxes))
    layers = [
        {"label": kind, "title": TITLES[kind], "colour": COLOURS[kind], "told": EXPLANATIONS[kind]}
        for kind in kinds
    ]
    clicked = model_graph.draw(
        nodes=nodes,
        edges=graph.edges,
        layers=layers,
        colours=COLOURS,
        marks={},
        urgency=[""],
        absent="",
        chosen=name,
        key=key,
    )
    if clicked and clicked["at"] != st.session_state.get(session.LINEAGE_CLICK):
        st.session_state[session.LINEAGE_CLICK] = clicked["at"]
        return clicked["node"]
    return None
