"""What a run spent its time on, part after part, so that the parts sum to the whole."""

from collections.abc import Sequence

import streamlit as st

from pages.run import charts as run_charts
from pages.widgets import charts, formats
from pipeline.services.run import parts as run_parts
from pipeline.services.run.parts import Part


def show(run, nodes) -> None:
    """The chart, and the same in one sentence; nothing for a run that noted no parts."""
    parts = run_parts.parts(run, nodes)
    if not parts:
        return
    st.markdown(f"**{sentence(parts)}**")
    charts.show(run_charts.waterfall(parts), f"waterfall_{run.run_id}", sentence(parts))


def sentence(parts: Sequence[Part]) -> str:
    """`85 s = load files 1.2 s + Landing zone 20 s + ...`."""
    said = " + ".join(f"{run_charts.title(part)} {formats.span(part.seconds)}" for part in parts)
    return f"{formats.span(run_parts.whole(parts))} = {said}"
