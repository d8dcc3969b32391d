"""Each setting, its value, and where that came from."""

import pandas as pd
import streamlit as st

from pages.components import state
from pages.components.tables import show_table
from pipeline.services import settings as settings_service

st.title("Settings")
st.caption("A setting comes from the environment variable when one is set, otherwise from its default. "
           "Settings are read once per page run; restart the server after changing the environment.")
rows = settings_service.setting_rows(state.settings())
frame = pd.DataFrame([{"setting": row.name, "value": row.value, "what it does": row.help, "came from": row.origin,
                       "environment variable": row.env_var, "default": row.default} for row in rows])
show_table(frame, headings={name: name.capitalize() for name in frame.columns}, alt="All settings", height="content", row_height=58,
           columns={"what it does": st.column_config.TextColumn("What it does", width=330),
                    "value": st.column_config.TextColumn("Value", width=170)})
