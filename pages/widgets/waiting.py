"""A sign that something is being worked out, for answers that may take seconds."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.widgets import placeholder, session


def answer(call: Callable[..., Any], *arguments: Any) -> Any:
    """As `session.cached`, with the sign until the answer is there."""
    with placeholder.place(), st.spinner("Working it out…"):
        return session.cached(call, *arguments)
