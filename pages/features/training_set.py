"""A training set from the basket: its features joined to the shipped label or to rows of one's own,
each as known at its moment; what came of it, and the file with the command that writes it again.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.features.basket import save
from pages.widgets import address, downloads, errors, formats, permission, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import nothing_matches
from pipeline.services.features import exports, leak_audit, spine, training, workbench
from pipeline.services.features.workbench import Joined
from pipeline.services.run import runs

LABEL, OWN = "label", "own"
ROWS = {LABEL: "Shipped label", OWN: "My own rows"}
PROFILES = {
    "safe_harbor": "Safe Harbor: small cells empty, no features of people",
    "internal": "Internal: as it is, people included",
}
WAIT = "Joining…"


def show(basket: list[str]) -> None:
    """The rows, what the join comes to, and the way out."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"
    ):
        source = address.segments("Rows", list(ROWS), session.SPINE, ROWS.__getitem__)
        save(basket)
    if source == LABEL:
        with errors.reporting("training set"):
            _label(tuple(basket))
    elif not basket:
        nothing_matches("The basket is empty", "Find features in the registry first.")
    else:
        with errors.reporting("training set"):
            _own(tuple(basket))


def _label(basket: tuple[str, ...]) -> None:
    st.caption(
        "One row per encounter, without identifiers. A feature counts as it was known before the delivery of its row; rows "
        "of a first delivery have none. Tables of referrals and employers have keys that no encounter has."
    )
    mature_only = st.toggle(
        "Mature labels alone",
        key=session.MATURE_ONLY,
        help="Rows whose label a later delivery of adverse events has confirmed. Before, a 0 may only be early.",
    )
    with st.spinner(WAIT):
        joined = session.cached(workbench.of_label, basket, mature_only)
    _tiles(joined)
    _filled(joined)
    _split(joined, "provider_group, or delivery_group in time: train on earlier ones")
    _leakage(joined, "Every joined value is older than the delivery of its row")
    _audit(basket)
    note = _reason()
    _file(
        ("label", basket, mature_only, note),
        lambda: training.in_memory(session.settings(), basket, mature_only, runs.person(), note),
        "Nearly every row tells of a small cell, so the file leaves as internal, with its record in the audit trail.",
    )
    _again(basket, {"mature_only": mature_only, "note": note})


def _own(basket: tuple[str, ...]) -> None:
    file = st.file_uploader(
        "CSV or Parquet with entity keys and a moment a row",
        type=["csv", "parquet"],
        key="spine_file",
        help="Keys stay in memory: they are not stored, not logged, and no link holds them.",
    )
    if file is None:
        st.caption("A row is a key, such as npi, and the moment at which a model would have asked.")
        return
    frame = spine.read(file, Path(file.name).suffix.lower())
    names = [str(name) for name in frame.columns]
    with st.container(horizontal=True):
        moment = st.selectbox(
            "Moment", names, names.index(spine.TIME) if spine.TIME in names else 0, width=220
        )
        label = st.selectbox(
            "Label, 0 or 1", [name for name in names if name != moment], None, width=220
        )
        profile = st.selectbox(
            "Privacy profile", list(PROFILES), format_func=PROFILES.__getitem__, width=420
        )
    asked = (file.file_id, basket, moment, label, profile)
    if permission.button(
        "Join", workbench.of_file, type="primary", icon=":material/join:", key="spine_join"
    ):
        with st.spinner(WAIT):
            joined = workbench.of_file(session.settings(), basket, frame, moment, label, profile)
        st.session_state[session.JOINED] = (asked, joined)
    kept = st.session_state.get(session.JOINED)
    if kept is None or kept[0] != asked:
        return
    joined = kept[1]
    _tiles(joined)
    _filled(joined)
    for table, count in joined.unknown.items():
        if count:
            st.warning(
                f"{formats.counted(count, 'row')} {'asks' if count == 1 else 'ask'} for a key that {table} never held.",
                icon=":material/key_off:",
            )
    _split(joined, "the key, so that no entity stands on both sides")
    _leakage(joined, "Every joined value was known at the moment of its row")
    note = _reason()
    _file(
        (*asked, note),
        lambda: exports.joined_in_memory(
            session.settings(), basket, frame, moment, profile, runs.person(), note
        ),
        "Your columns and rows in their order, with a column a feature.",
    )
    _again(basket, {"moment": moment, "profile": profile, "note": note})


def _tiles(joined: Joined) -> None:
    with st.container(horizontal=True):
        st.metric("Rows", formats.number(joined.rows), border=True)
        if joined.positives is not None:
            is_hidden = joined.positives == workbench.HIDDEN
            st.metric(
                "Positives",
                "hidden" if is_hidden else formats.number(joined.positives),
                border=True,
                help="Hidden where positives, negatives or what is left out are fewer than eleven.",
            )
        if joined.mature is not None:
            share = joined.mature / joined.rows if joined.rows else None
            st.metric("Labels mature", formats.share(share), border=True)
        for name, count in joined.groups.items():
            st.metric(f"Groups by {name}", formats.number(count), border=True)


def _filled(joined: Joined) -> None:
    if not joined.filled:
        st.caption("The basket is empty: these are the rows and features of the shipped set alone.")
        return
    frame = pd.DataFrame(
        {
            "column": list(joined.filled),
            "with_a_value": list(joined.filled.values()),
            "hidden": [joined.hidden.get(name, 0) for name in joined.filled],
            "not_known": [
                joined.rows - count - joined.hidden.get(name, 0)
                for name, count in joined.filled.items()
            ],
            "filled_share": [
                count / joined.rows if joined.rows else None for count in joined.filled.values()
            ],
        }
    )
    show_table(
        frame,
        {
            "hidden": "Known values of small cells and of superseded versions, which the profile leaves empty.",
            "not_known": "Nothing was known of the entity by then, or the feature was empty.",
        },
        alt="How many rows have a value of each joined feature",
        headings={
            "column": "Joined column",
            "with_a_value": "Rows with a value",
            "hidden": "Hidden",
            "not_known": "Not known then",
            "filled_share": "Share",
        },
    )
    if joined.rows and not any(joined.filled.values()):
        st.info(
            "No row has a value: nothing was known of its entity by then. Rows of a first delivery know nothing earlier.",
            icon=":material/history_toggle_off:",
        )


def _split(joined: Joined, by: str) -> None:
    if joined.folds:
        parts = ", ".join(formats.number(rows) for rows in joined.folds)
        st.markdown(f"**Split** by group, never at random: {by}. Three parts hold {parts} rows.")
    else:
        st.markdown(f"**Split** by group, never at random: {by}. There are too few groups for it.")


def _leakage(joined: Joined, timing: str) -> None:
    if joined.separating:
        named = ", ".join(f"`{name}`" for name in joined.separating)
        st.error(
            f"The label under another name: {named} separates the labels.",
            icon=":material/warning:",
        )
    elif joined.positives is not None:
        st.success(
            f"{timing}, and no column separates the labels by itself.",
            icon=":material/check_circle:",
        )
    else:
        st.caption(f"{timing}. Without a label no column can be judged as a leak.")


def _audit(basket: tuple[str, ...]) -> None:
    """The auditor, which builds copies with chance labels, when somebody asks for it."""
    with st.expander("Audit for leaks", icon=":material/policy:"):
        st.caption(
            "Permutes the labels in copies of this home, builds gold and features anew and attacks the set: what still "
            "predicts has seen the labels. It takes about two builds. The same: "
            f"`{formats.plain_value(workbench.audit_command(basket))}`"
        )
        if st.button("Audit", icon=":material/policy:", key="audit_run"):
            st.session_state[session.AUDITED] = basket
        if st.session_state.get(session.AUDITED) != basket:
            return
        with st.spinner("Building copies with chance labels…"):
            report = session.cached(leak_audit.audit, 1, 1, basket)
        named = ", ".join(f"`{leak.attacker}` ({leak.split})" for leak in report.leaks)
        if named:
            st.error(f"The label leaks: {named}.", icon=":material/warning:")
        else:
            st.success(
                f"No leak in {len(report.attacks)} attacks on {report.worlds} copies (a false alarm in one audit of 1,000).",
                icon=":material/check_circle:",
            )


def _reason() -> str:
    return st.text_input(
        "What it is for",
        key=session.TRAINING_REASON,
        max_chars=200,
        placeholder="the audit trail and the manifest keep it; no number of a person",
        width=520,
    ).strip()


def _file(asked: tuple, make: Callable[[], tuple[bytes, dict[str, Any]]], what: str) -> None:
    """Make the file when asked, then hand it and its manifest out."""
    if permission.button(
        "Make the file",
        workbench.of_file,
        type="primary",
        icon=":material/file_export:",
        key="file_make",
    ):
        with st.spinner(WAIT):
            st.session_state[session.TRAINING_FILE] = (asked, *make())
    st.caption(what)
    kept = st.session_state.get(session.TRAINING_FILE)
    if kept is None or kept[0] != asked:
        return
    _, content, manifest = kept
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads.ready(
            content,
            workbench.FILE,
            "Download the Parquet file",
            mime=downloads.PARQUET,
            key="training_download",
        )
        downloads.text(
            json.dumps(manifest, indent=2),
            f"{workbench.FILE}.manifest.json",
            "Manifest",
            icon=":material/receipt_long:",
            mime="application/json",
            key="training_manifest",
        )
        st.caption(f"SHA-256 {manifest['sha256'][:16]}…", width="content")


def _again(basket: tuple[str, ...], options: dict[str, Any]) -> None:
    st.markdown("**The same file** from a shell, and from Python:")
    request = workbench.FileRequest(basket, **options)
    st.code(request.command, language="console", wrap_lines=True)
    st.code(request.snippet, language="python")
