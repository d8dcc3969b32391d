"""Ask for a run and follow it."""

from collections.abc import Sequence

import streamlit as st

from pages.widgets import session
from pipeline.services.access import actors
from pipeline.services.run import runs


def person() -> str:
    """Who sits at the page: the login, else the account of the machine."""
    return actors.current().name or runs.person()


def begin(
    layers: Sequence[str] | None = None, full_refresh: bool = False, selection: Sequence[str] = ()
) -> None:
    """Queue a run of these layers or models (everything by default); the run page follows it."""
    run = runs.submit(
        session.settings(),
        layers=layers,
        full_refresh=full_refresh,
        selection=selection,
        requested_by=person(),
    )
    st.session_state[session.FOLLOWED_RUN] = run.run_id


def after_load() -> bool:
    """Queue a build where a setting asks for one whenever loads changed; whether it does."""
    if session.settings().build_after_load:
        begin()
        return True
    return False


def begin_sample() -> None:
    """Queue a run that loads the shipped sample and builds everything."""
    run = runs.submit(
        session.settings(), verb="run", paths=[runs.SAMPLE_DIR], requested_by=person()
    )
    st.session_state[session.FOLLOWED_RUN] = run.run_id


def start(
    layers: Sequence[str] | None = None, full_refresh: bool = False, selection: Sequence[str] = ()
) -> None:
    """Queue a run and draw the page again with it."""
    begin(layers, full_refresh, selection)
    st.rerun()
