"""Drop deliveries: what was inferred and why, what the rules say, how they differ from what is
known; load; undo.
"""

import pandas as pd
import streamlit as st

from pages.upload import card, connectors, progress, reading, results, sender_profile
from pages.upload import tray as upload_tray
from pages.widgets import (
    absent_sources,
    downloads,
    errors,
    formats,
    permission,
    placeholder,
    session,
)
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.catalogue import catalogue
from pipeline.services.run import runs
from pipeline.services.upload import line_account, loads
from pipeline.services.upload import sender_profile as profiles
from pipeline.services.upload import tray as tray_service

st.title("Upload")
session.show_flash()
st.caption(
    f"{len(catalogue.sources())} kinds of files are known; several at once are fine: CSV, JSON, workbooks, Parquet, also in a ZIP archive. "
    "Nothing is loaded before you say so."
)

with placeholder.place():
    absent_sources.still_missing()

# Any type: what is no delivery is refused below in a sentence that says what to do, which the
# uploader itself would not.
if not permission.is_closed(tray_service.keep, "No file is taken in here."):
    files = st.file_uploader(
        "Drop files here, or choose them",
        accept_multiple_files=True,
        key="files",
        max_upload_size=session.settings().max_upload_mb,
    )
    if files:
        upload_tray.keep(files)
upload_tray.show_left_out()

# Filled last: judging takes a second or two, and what is loaded already can be seen meanwhile.
tray = st.container()
active = runs.active(session.settings())
with tray:
    is_loading = progress.loading(active)
with placeholder.place():
    if st.session_state.get(session.UPLOAD_RESULTS):
        results.show_results(st.session_state[session.UPLOAD_RESULTS])

st.subheader("Loads so far")
history = session.cached(loads.history_with_fates)
if history.empty:
    nothing_matches(
        "Nothing is loaded yet",
        "Drop files above, or take an empty template below to see what is expected.",
    )
else:
    results.show_history(history)

with placeholder.place():
    connectors.show()
if permission.reason(profiles.profiles) is None:
    sender_profile.show_all()
with st.expander("Template files", icon=":material/description:"):
    st.caption("A template holds the header of one source, ready to be filled in a spreadsheet.")
    with st.container(horizontal=True):
        for contract in catalogue.sources():
            downloads.text(
                loads.template(contract.entity),
                contract.file_name,
                contract.file_name,
                mime="text/csv",
                key=f"template_{contract.entity}",
            )
    expected = pd.DataFrame(
        [
            {
                "file": contract.file_name,
                "column": column.delivered,
                "required": column.required,
                "meaning": column.description,
                "privacy": column.classification,
            }
            for contract in catalogue.sources()
            for column in contract.columns
            if column.delivered
        ]
    )
    show_table(expected, alt="Columns expected in each file")

with tray, errors.reporting("reading"):
    reading.carry_out()
waiting = tray_service.waiting(session.settings())
with tray:
    if not waiting and st.session_state.get("load_files"):
        st.info(
            "These files have left the tray: another tab loaded them or took them out.",
            icon=":material/tab:",
        )
    if waiting and permission.is_closed(
        tray_service.look,
        f"{formats.counted(len(waiting), 'file')} in the tray, shown to who may load.",
    ):
        waiting = ()
    if waiting and not is_loading:
        # drawn before anything is judged: whatever a file does to the rules, it can be taken out
        with st.container(horizontal=True, vertical_alignment="center"):
            load_place = st.container(horizontal=True, vertical_alignment="center")
            upload_tray.offer_to_take_out(waiting)
        looked = {
            file.tray_id: session.cached(line_account.looked_through, file) for file in waiting
        }
        looks = {file.tray_id: (file, looked[file.tray_id][0]) for file in waiting}
        preflight = upload_tray.judged(waiting)
        ready = [
            file
            for file, look in looks.values()
            if look.is_ready and file.tray_id not in preflight.failed
        ]
        with load_place:
            label = f"Load {formats.counted(len(ready), 'file')}" if ready else "Nothing to load"
            is_closed = not ready or active is not None
            is_built = st.button(
                f"{label} and build" if ready else label,
                type="primary",
                icon=":material/play_arrow:",
                disabled=is_closed,
                key="load_and_build",
            )
            # where a setting has every load built there is nothing else to choose
            is_loaded = not session.settings().build_after_load and st.button(
                label if ready else "Load",
                icon=":material/download_done:",
                disabled=is_closed,
                key="load_files",
            )
            aside = len(waiting) - len(ready)
            st.caption(
                "A build runs; load when it has ended."
                if active is not None
                else f"{formats.counted(len(waiting), 'file')} in the tray{f', {aside} not to be loaded' if aside else ''}"
            )
        upload_tray.show_unjudged(preflight)
        upload_tray.offer_whole(waiting, preflight)
        if is_built or is_loaded:
            progress.begin(ready, is_built)
        upload_tray.show_releases(preflight)
        if len(waiting) > 1:
            upload_tray.show_overview(looks, preflight)
        names, refused = (
            upload_tray.numbered(looks),
            sum(bool(look.refused) for _, look in looks.values()),
        )
        for file, look in looks.values():
            opened = len(waiting) == 1 or bool(look.refused) and refused <= upload_tray.OPENED
            card.show(
                file,
                look,
                looked[file.tray_id][1],
                preflight.reports.get(file.tray_id),
                names[file.tray_id],
                expanded=opened or file.tray_id in preflight.failed,
                failure=preflight.failed.get(file.tray_id, ""),
            )
