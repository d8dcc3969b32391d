"""What surrounds every page: the state of the warehouse in the sidebar, and how an error is told."""

import streamlit as st

from pages.components import formats, state
from pipeline.errors import PipelineError
from pipeline.services import runs

SIDEBAR_SECONDS = 3


def show_error(error: PipelineError) -> None:
    """What happened, where, and what to do next."""
    where = f"**{error.where}:** " if error.where else ""
    st.error(f"{where}{error.what}", icon=":material/error:")
    if error.hint:
        st.markdown(f":material/lightbulb: **What to do:** {error.hint}")
    if st.button("Try again", icon=":material/refresh:"):
        st.rerun()


def show_sidebar() -> None:
    """A build that is running, with the way to it, on every page."""
    with st.sidebar:
        _running_build()


@st.fragment(run_every=SIDEBAR_SECONDS)
def _running_build() -> None:
    """Looks every few seconds on its own, so that a build started in another tab or shell shows here too."""
    run = runs.active(state.settings())
    if run is None:
        return
    progress = runs.progress(state.settings(), run.run_id)
    share = progress.done / progress.total if progress.total else 0.0
    st.progress(min(share, 1.0), text=f"Build {run.run_id}: {progress.done:,} of {progress.total:,} steps")
    if progress.seconds_left is not None:
        st.caption(f"about {formats.span(progress.seconds_left)} left")
    st.page_link("pages/load/run_pipeline.py", label="Watch the build", icon=":material/visibility:")
