"""The answer of a page in one sentence, where people look first."""

import streamlit as st


def lead(sentence: str, icon: str = "") -> None:
    """Write the sentence larger than text and smaller than a heading; `icon` is a material name
    that goes before it.
    """
    with st.container(key="headline"):
        st.markdown(f":material/{icon}: {sentence}" if icon else sentence)
