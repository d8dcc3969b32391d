"""What comes and goes on a page without moving what stands below it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def place() -> DeltaGenerator:
    """A container for what is only sometimes there; it takes no room while nothing is in it.

    The browser knows a block by its number on the page. Where one came or went, every block after
    it was drawn from nothing: a grid lost its cursor, tabs without a key went back to the first
    one, a graph its scroll.
    """
    return st.container()
