"""One delivery from file to gold: how each file was read, what became of its rows, decisions, what
its build changed, undo; and the score of each sender.
"""

import streamlit as st

from pages.deliveries import one_delivery, scorecards
from pages.widgets import address, session
from pages.widgets.empty_state import nothing_matches
from pipeline.services.deliveries import deliveries

st.title("Deliveries")
session.show_flash()
known = session.cached(deliveries.deliveries)
if not known:
    nothing_matches(
        "Nothing is loaded yet",
        "Files that are loaded together are a delivery, and stand here.",
        "upload",
        "Upload files",
    )
    st.stop()
address.views(
    {"Deliveries": lambda: one_delivery.choose(known), "Senders": scorecards.show},
    session.DELIVERY_VIEW,
)
