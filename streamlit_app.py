"""Frame and router of the workbench; an error of a page is told in its place."""

import streamlit as st

from pages.shell import frame, front_door, kept_answers, session_guard
from pages.widgets import absent_sources, address, errors, menu

kept_answers.install()
st.set_page_config(
    page_title="Icon Health Workbench",
    page_icon=frame.ICON,
    layout="wide",
    initial_sidebar_state=frame.sidebar_state(),
)

frame.show_frame()
if not front_door.is_open():
    front_door.show_closed()
    st.stop()
session_guard.hold()
page = st.navigation(menu.sections(), expanded=True)
address.begin(page.url_path)
with errors.reporting():
    frame.show_sidebar()
    absent_sources.note_of_page(menu.key_of(page))
    address.tell_unknown_in(st.empty())
    page.run()
