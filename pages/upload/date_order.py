"""The order of day and month in a file whose dates can be read in either: what they show, and the
choice.
"""

import streamlit as st

from pages.upload import reading as reading_form
from pages.widgets import formats, session
from pipeline.services.upload import date_order
from pipeline.services.upload.tray import Look, Waiting


def show(file: Waiting, look: Look) -> None:
    """The choice with its evidence, for a file that has such dates or for which it was made."""
    if look.entity is None:
        return
    evidence = [
        each
        for each in session.cached(date_order.of_waiting, file)
        if each.either or file.reading.date_order
    ]
    if not evidence:
        return
    with st.container(border=True):
        for each in evidence:
            st.caption(f"{formats.words(each.column)}: {formats.verbatim(each.sentence)}.")
        suggested = next((each.suggested for each in evidence if each.suggested), None)
        if suggested and not file.reading.date_order:
            st.caption(
                f":material/lightbulb: All clear dates are {date_order.ORDERS[suggested]}; the others "
                "wait until somebody says that they are so too."
            )
        reading_form.choice(
            file,
            "Order of day and month",
            "date_order",
            list(date_order.ORDERS),
            None,
            lambda order: date_order.ORDERS[order],
            look,
        )
