"""Write a table to a file under a privacy profile: what happens to each column, the data-use note,
the file and its manifest.
"""

from pathlib import Path

import pandas as pd
import streamlit as st

from pages.widgets import downloads, formats, permission, session
from pages.widgets.data_table import show_table
from pipeline.services.run import runs
from pipeline.services.tables import export, screen_downloads
from pipeline.services.tables.browse import Filter
from pipeline.services.tables.table_list import TableInfo

PROFILES = {
    "safe_harbor": (
        "Safe Harbor",
        "Ids become random codes, dates years, postal codes three digits; small cells are blank.",
    ),
    "limited_data_set": (
        "Limited data set",
        "Dates and five-digit postal codes stay. Needs a data use agreement.",
    ),
    "internal": ("Internal", "As it is, patients included. For use inside the organisation."),
}
FORMAT_NAMES = {".csv": "CSV", ".parquet": "Parquet"}
#: A browser download passes through the memory of the server; what is larger is taken from the
#: folder.
LARGEST_DOWNLOAD = 100 * 1024 * 1024


def show(info: TableInfo, filters: tuple[Filter, ...]) -> None:
    """The choices, what they do to each column, and the exports that lie in the home."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        profile = st.selectbox(
            "Privacy profile", list(PROFILES), format_func=_title, key="export_profile", width=260
        )
        ending = st.segmented_control(
            "Format",
            export.FORMATS,
            default=export.FORMATS[0],
            required=True,
            key="export_format",
            format_func=FORMAT_NAMES.__getitem__,
        )
    st.caption(PROFILES[profile][1])
    why = session.cached(export.refusal, info.name, profile)
    if why:
        st.info(f"{info.name} {why}. Choose a table that is made from it.", icon=":material/block:")
        return
    note = _note(profile)
    rows = "the rows that meet the filters" if filters else "all rows"
    if permission.button(
        f"Write {rows} to a file",
        export.into_home,
        type="primary",
        icon=":material/file_export:",
        key="export_write",
        disabled=profile == export.NEEDS_NOTE and not note.strip(),
    ):
        _write(info, ending, profile, filters, note)
    _made(info)
    with st.expander("What happens to each column", icon=":material/shield_lock:"):
        treated = export.treatments(info.name, [column.name for column in info.columns], profile)
        show_table(
            pd.DataFrame(
                [
                    {
                        "column": column.name,
                        "privacy": column.classification,
                        "treatment": treated[column.name],
                    }
                    for column in info.columns
                ]
            ),
            alt="What happens to each column",
            height=300,
        )


def _title(profile: str) -> str:
    return PROFILES[profile][0]


def _note(profile: str) -> str:
    if profile != export.NEEDS_NOTE:
        return ""
    return st.text_input(
        "Data use agreement",
        key=session.EXPORT_NOTE,
        max_chars=300,
        placeholder="who receives it, under which agreement",
        help="A limited data set may leave only under such an agreement (45 CFR 164.514(e)). The manifest keeps the note.",
    )


def _write(
    info: TableInfo, ending: str, profile: str, filters: tuple[Filter, ...], note: str
) -> None:
    bar = st.progress(0.0, text="Writing…")
    st.button("Stop", key="export_stop", icon=":material/stop_circle:")

    def advance(rows: int, total: int) -> None:
        bar.progress(min(rows / max(total, 1), 1.0), text=f"{rows:,} of {total:,} rows")

    made = export.into_home(
        session.settings(),
        info.name,
        ending,
        profile,
        filters,
        note,
        runs.person(),
        advance,
    )
    st.session_state[session.EXPORT_MADE] = made["file"]
    session.flash(f"{formats.counted(made['rows'], 'row')} written to {Path(made['file']).name}")
    st.rerun()


def _made(info: TableInfo) -> None:
    """The newest export of the table, with its download, manifest and columns."""
    exports = [file for file in export.manifests(session.settings()) if file["table"] == info.name]
    if not exports:
        return
    newest = exports[0]
    path, size = Path(newest["file"]), Path(newest["file"]).stat().st_size
    with st.container(border=True):
        st.markdown(f"**{path.name}**")
        by = f" by {newest['made_by']}" if newest.get("made_by") else ""
        st.caption(
            f"{PROFILES[newest['profile']][0]} · {formats.counted(newest['rows'], 'row')} · {size / 1e6:,.1f} MB · written "
            f"{formats.moment(newest['made_at'])}{by} · build {newest.get('build_id', '')} · SHA-256 {newest['sha256'][:12]}…"
        )
        with st.container(horizontal=True):
            if size <= LARGEST_DOWNLOAD:
                downloads.made(
                    lambda author: screen_downloads.file_again(session.settings(), path, author),
                    path.name,
                    "Download the file",
                    key="export_download",
                )
            else:
                st.caption(f"Larger than {LARGEST_DOWNLOAD // 1024**2} MB: take it from {path}")
            downloads.text(
                Path(newest["manifest"]).read_bytes(),
                Path(newest["manifest"]).name,
                "Manifest",
                icon=":material/receipt_long:",
                key="export_manifest",
                mime="application/json",
            )
        with st.expander("Manifest"):
            st.json(
                {name: value for name, value in newest.items() if name not in ("file", "manifest")},
                expanded=1,
            )
    if len(exports) > 1:
        st.caption(
            f"{formats.counted(len(exports) - 1, 'earlier export')} of this table in {path.parent}"
        )
