"""Each setting, its value, where that came from, and what another limit would do."""

import streamlit as st

from pages.settings import effect
from pages.widgets import formats, session
from pipeline.services.settings import effects, settings

st.title("Settings")
st.caption(
    "A setting comes from the environment variable when one is set, otherwise from its default. "
    "Settings are read once per page run; restart the server after changing the environment."
)
for row in settings.setting_rows(session.settings()):
    with st.container(border=True, gap="small"):
        st.markdown(f"**{row.name}**  {formats.code(row.value) if row.value else '*not set*'}")
        st.caption(
            f"{formats.verbatim(row.help)}  \n{row.origin.capitalize()} · {formats.code(row.env_var)}"
        )
        if effects.can_tell(row.name):
            effect.show(row)
