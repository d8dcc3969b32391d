"""Frame and router of the workbench; an error of a page is told in its place."""

import streamlit as st

from pages.components import asked_page, frame, linked, trouble

st.set_page_config(page_title="Icon Health Workbench", page_icon=frame.ICON, layout="wide",
                   initial_sidebar_state=frame.sidebar_state())

MENU = {
    "": [
        st.Page("pages/home/overview.py", title="Overview", icon=":material/dashboard:", default=True),
    ],
    "Load": [
        st.Page("pages/load/upload.py", title="Upload", icon=":material/upload_file:"),
        st.Page("pages/load/run_pipeline.py", title="Run", icon=":material/play_circle:"),
        st.Page("pages/load/run_history.py", title="Run history", icon=":material/history:"),
    ],
    "Review": [
        st.Page("pages/review/data_quality.py", title="Data quality", icon=":material/fact_check:"),
        st.Page("pages/review/quarantine.py", title="Quarantine", icon=":material/front_hand:"),
    ],
    "Explore": [
        st.Page("pages/explore/gold.py", title="Tables", icon=":material/table_view:"),
        st.Page("pages/explore/providers.py", title="Providers", icon=":material/stethoscope:"),
        st.Page("pages/explore/referrals.py", title="Referrals", icon=":material/assignment_ind:"),
        st.Page("pages/explore/networks.py", title="Networks", icon=":material/hub:"),
        st.Page("pages/explore/features.py", title="Features", icon=":material/neurology:"),
    ],
    "About": [
        st.Page("pages/about/catalog.py", title="Catalogue", icon=":material/menu_book:"),
        st.Page("pages/about/settings.py", title="Settings", icon=":material/settings:"),
    ],
}

frame.show_frame()
asked_page.hold()
page = st.navigation(MENU, expanded=True)
linked.begin(page.url_path)
with trouble.told():
    frame.show_sidebar()
    page.run()
