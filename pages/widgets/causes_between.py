"""What lies between two runs, said above what differs."""

import streamlit as st

from pages.widgets import entity_link, formats, session
from pipeline.services.why import between_runs

#: Deliveries that are linked, the newest.
LINKED = 6


def show(before: str, after: str) -> None:
    """What was delivered, undone, decided: the causes before what they changed."""
    causes = session.cached(between_runs.between, before, after)
    if causes:
        said = "  \n".join(map(formats.verbatim, causes))
        st.markdown(f":material/help_center: **Between {before} and {after}**  \n{said}")
    with st.container(horizontal=True, gap="small"):
        for delivery_id in session.cached(between_runs.delivered, before, after)[:LINKED]:
            entity_link.one("Delivery", "deliveries", session.DELIVERY, delivery_id)
