"""Each setting, its value, and where that came from."""

import pandas as pd
import streamlit as st

from pages.components import state
from pipeline.services import settings as settings_service

st.title("Settings")
st.caption("A setting comes from the environment variable when one is set, otherwise from its default. "
           "Settings are read once per page run; restart the server after changing the environment.")
rows = settings_service.setting_rows(state.settings())
# a plain table: its texts wrap
st.table(pd.DataFrame([{"Setting": row.name, "Value": row.value, "What it does": row.help, "Came from": row.origin,
                        "Environment variable": row.env_var} for row in rows]).set_index("Setting"), border="horizontal")
