"""What became of the lists of employers from delivery to delivery."""

import streamlit as st

from pages.networks.columns import HEADINGS
from pages.widgets import formats, session
from pages.widgets.data_table import show_table
from pipeline.services.networks import roster_changes


def show(employer: str | None) -> None:
    """Who came to a list and who left it, and whose name or place became another."""
    changes = session.cached(roster_changes.roster_changes, employer)
    if changes is None:
        return
    st.subheader("What deliveries changed", anchor=False)
    if changes.empty:
        st.caption("No delivery after the first has changed a list, a name or a place.")
        return
    st.caption(
        f"{formats.counted(len(changes), 'state')} that a later delivery began or ended, the newest first: who is on a list, "
        "and name and place of who is or was. It counts from the load that says so; a correction belongs to the load of its row."
    )
    show_table(
        changes,
        headings=HEADINGS | {"what": "What held", "since": "Since", "until": "Until"},
        key="roster_changes",
        alt="Changes of lists, names and places",
    )
