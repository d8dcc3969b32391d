"""The link to what is on the page, and what it leaves out."""

from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages.widgets import session
from pipeline.services.tables.browse import Filter
from pipeline.services.tables.table_list import TableInfo


def show(info: TableInfo, filters: tuple[Filter, ...]) -> None:
    """A button that shows the address of this page, to be copied."""
    with st.popover("Share", icon=":material/link:"):
        # The address leaves out the table that the page begins with, which a later version may
        # choose otherwise.
        parameters = {session.TABLE: [info.name]} | {
            name: st.query_params.get_all(name) for name in st.query_params
        }
        page = urlsplit(st.context.url or "")._replace(query="", fragment="").geturl()
        st.code(f"{page}?{urlencode(parameters, doseq=True)}", language=None, wrap_lines=True)
        left_out = sorted(
            {condition.column for condition in filters if condition.column not in info.shareable}
        )
        st.caption(
            "Opens the same table, filters, order, page and chart."
            if not left_out
            else f"Without the filters on {', '.join(left_out)}: a link carries no value of a masked column."
        )
