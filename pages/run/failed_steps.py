"""The steps that made a run fail, each with all that was said of it."""

import pandas as pd
import streamlit as st

from pages.widgets import menu, session
from pages.widgets.palette import LAYER_TITLES
from pipeline.services.run import model_graph

SHOWN = 10


def show(nodes: pd.DataFrame) -> None:
    """One box a failed step, the message in full; those that were only skipped because of it are
    counted.
    """
    failed = nodes[nodes["status"] == "error"]
    for step in failed.head(SHOWN).itertuples():
        with st.container(border=True, key=f"failed_{step.name}"):
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
            ):
                layer = LAYER_TITLES.get(step.layer, step.layer)
                st.markdown(
                    f":material/error: **{step.name}** · {step.kind} of {layer}", width="content"
                )
                model = model_graph.model_of(session.settings(), step.node, step.name)
                if model:
                    menu.link(
                        "run",
                        label="Its SQL and tests",
                        icon=":material/code:",
                        width="content",
                        query_params={session.NODE: model},
                    )
            st.code(step.message or "dbt gave no reason.", language=None, wrap_lines=True)
    if len(failed) > SHOWN:
        st.caption(f"{len(failed) - SHOWN} more failed; the steps below list them.")
