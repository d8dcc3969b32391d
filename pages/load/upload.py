"""Drop deliveries: what was inferred and why, the header against the contract, the first rows; load; undo."""

import pandas as pd
import streamlit as st

from pages.components import column_mapping, formats, load_results, state
from pages.components.empty import nothing_here
from pages.components.tables import show_table
from pipeline.services import catalog, loads

st.title("Upload")
state.show_flash()
st.caption("Six kinds of files are known; several at once are fine, CSV or JSON. Nothing is loaded before you say so.")

round_number = st.session_state.setdefault(state.UPLOADER_ROUND, 0)
files = st.file_uploader("Drop files here, or choose them", accept_multiple_files=True,
                         type=["csv", "txt", "tsv", "json", "jsonl", "ndjson"],
                         key=f"files_{round_number}", max_upload_size=state.settings().max_upload_mb)

if files:
    previews = {file.file_id: loads.preview(state.settings(), file.name, file.getvalue(), **column_mapping.chosen(file.file_id))
                for file in files}
    ready = [file for file in files if not previews[file.file_id].refused and not previews[file.file_id].already_loaded]
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Load {formats.counted(len(ready), 'file')}" if ready else "Nothing to load"
        pressed = st.button(label, type="primary", icon=":material/download_done:", disabled=not ready, key="load_files")
        st.caption(f"{formats.counted(len(files), 'file')} looked at, {len(files) - len(ready)} not to be loaded")
    if pressed:
        with st.status(f"Loading {formats.counted(len(ready), 'file')}…", expanded=True) as status:
            results = []
            for file in ready:
                st.write(f"{file.name} ({formats.number(file.size / 1024)} KB)")
                seen = previews[file.file_id]
                results.append(loads.ingest_bytes(state.settings(), file.name, file.getvalue(), mapping=seen.mapping,
                                                  entity=seen.entity if seen.mapping else None))
            status.update(label="Loaded", state="complete", expanded=False)
        st.session_state[state.UPLOAD_RESULTS] = [load_results.as_record(result) for result in results]
        st.session_state[state.UPLOADER_ROUND] += 1
        st.rerun()
    for file in files:
        load_results.show_preview(file.name, previews[file.file_id])
        if previews[file.file_id].refused and previews[file.file_id].header_cells:
            column_mapping.show(file.file_id, previews[file.file_id].header_cells)

if st.session_state.get(state.UPLOAD_RESULTS):
    load_results.show_results(st.session_state[state.UPLOAD_RESULTS])

st.subheader("Loads so far")
history = loads.history(state.settings())
if history.empty:
    nothing_here("Nothing is loaded yet", "Drop files above, or take an empty template below to see what is expected.")
else:
    load_results.show_history(history)

with st.expander("Template files", icon=":material/description:"):
    st.caption("A template holds the header of one source, ready to be filled in a spreadsheet.")
    with st.container(horizontal=True):
        for contract in catalog.sources():
            st.download_button(contract.file_name, loads.template(contract.entity), file_name=contract.file_name, mime="text/csv",
                               icon=":material/download:", on_click="ignore", key=f"template_{contract.entity}")
    expected = pd.DataFrame([{"file": contract.file_name, "column": column.delivered, "required": column.required,
                              "meaning": column.description, "privacy": column.classification}
                             for contract in catalog.sources() for column in contract.columns if column.delivered])
    show_table(expected, alt="Columns expected in each file")
