"""Deliveries that come by themselves: each connector with its next sync, and what each sync
brought.
"""

import pandas as pd
import streamlit as st

from pages.widgets import errors, formats, permission, session
from pages.widgets.data_table import show_table
from pipeline.services.upload import connectors

#: Syncs that the page lists.
SHOWN_SYNCS = 50
STATES = ("loaded", "already_loaded", "refused", "arriving", "failed")


def show() -> None:
    """Draw the connectors; nothing where none is defined."""
    present = connectors.listed(session.settings())
    if not present:
        return
    st.subheader("Connectors")
    for each in present:
        with st.container(border=True), errors.reporting(f"connector_{each.name}"):
            _one(each)
    history = connectors.sync_history(session.settings(), SHOWN_SYNCS)
    if history:
        _history(history)


def _one(connector: connectors.Connector) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{formats.verbatim(connector.name)}**", width="content")
        st.caption(formats.verbatim(connector.address), width="stretch")
        if permission.button(
            "Sync now", connectors.ask, key=f"sync_{connector.name}", icon=":material/sync:"
        ):
            connectors.ask(session.settings(), connector.name)
            session.flash(
                f"The worker syncs {formats.verbatim(connector.name)} and builds what it brings."
            )
            st.rerun()
        if connector.cron:
            verb = "Resume" if connector.is_paused else "Pause"
            if permission.button(
                verb, connectors.pause, key=f"pause_{connector.name}", type="tertiary"
            ):
                change = connectors.resume if connector.is_paused else connectors.pause
                change(session.settings(), connector.name)
                st.rerun()
    st.caption(" · ".join((_last(connector), _next(connector))))
    if connector.last_error:
        st.error(formats.verbatim(connector.last_error), icon=":material/error:")


def _last(connector: connectors.Connector) -> str:
    if connector.last_sync_at is None:
        return "never synced"
    return f"last sync {formats.ago(connector.last_sync_at)}: {connector.last_status}"


def _next(connector: connectors.Connector) -> str:
    if connector.cron is None:
        return "no schedule: it syncs when somebody asks"
    if connector.is_paused:
        return "paused: no sync comes by itself"
    when = formats.verbatim(f"{connector.cron}, {connector.timezone}")
    return f"next sync {formats.moment(connector.next_at)} ({when})"


def _history(history: list[dict]) -> None:
    table = pd.DataFrame(
        [
            {
                "connector": each["connector"],
                "started_at": each["started_at"],
                "status": each["status"],
                **{state: _count(each["document"], state) for state in STATES},
                "gone": len(each["document"].get("gone", ())),
                "drift": _drift(each["document"]),
            }
            for each in history
        ]
    )
    st.caption("Select a sync to see what each file came to.")
    picked = show_table(
        table,
        key="syncs",
        ids=[each["sync_id"] for each in history],
        alt="Syncs",
        headings={"started_at": "Started", "gone": "No longer there", "drift": "What drifted"},
    )
    if not picked:
        return
    files = history[picked[0]]["document"].get("files", [])
    if not files:
        st.caption("This sync brought nothing.")
        return
    show_table(
        pd.DataFrame(
            [
                {
                    "file": file["file"],
                    "state": file["state"],
                    "read as": ", ".join(file["read_as"]),
                    "loads": ", ".join(file["load_ids"]),
                    "rows": file["rows"],
                    "decision": file["decision"],
                    "why": "; ".join(filter(None, (file["reason"], *file["drift"]))),
                }
                for file in files
            ]
        ),
        key="sync_files",
        alt="Files of the sync",
    )


def _count(document: dict, state: str) -> int:
    return sum(file["state"] == state for file in document.get("files", ()))


def _drift(document: dict) -> str:
    return "; ".join(
        dict.fromkeys(what for file in document.get("files", ()) for what in file["drift"])
    )
