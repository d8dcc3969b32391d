"""Each setting, its value, where that came from, what another limit would do, and setting it."""

import streamlit as st

from pages.settings import another_value
from pages.widgets import formats, session
from pipeline.services.settings import changing, settings

session.take_next()
st.title("Settings")
session.show_flash()
st.caption(
    "What the environment of the program states counts most, then what was set here in the home, "
    "then the default. A value that is set here is in force at once, for pages, builds and the "
    "command line; the audit trail keeps who set it. Places, keys and who may do what are for the "
    "environment alone."
)
changes = session.cached(changing.changes)
rows = settings.setting_rows(session.settings())


def show(row: settings.SettingRow) -> None:
    """One setting: value, meaning, origin, and for a limit another value to try and to set."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{row.name}**  {formats.code(row.value) if row.value else '*not set*'}")
        st.caption(
            f"{formats.verbatim(row.help)}  \n"
            f"{another_value.origin(row, changes.get(row.name))} · {formats.code(row.env_var)}"
        )
        if row.is_editable:
            another_value.show(row)


st.subheader("Limits")
for row in rows:
    if row.is_editable:
        show(row)
st.subheader("For whoever starts the program")
for row in rows:
    if not row.is_editable:
        show(row)
