"""What the program remembers of a sender's earlier files: shown where it is used, listed for all
senders, and forgotten on request.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.upload import evidence
from pages.widgets import formats, permission, session
from pages.widgets.data_table import show_table
from pipeline.services.upload import sender_profile
from pipeline.services.upload.sender_profile import Memory
from pipeline.services.upload.tray import Waiting


def show_recalled(file: Waiting) -> None:
    """That a file is read as decided for an earlier one of its sender, with a button that forgets
    it.
    """
    reading = file.reading
    if not reading.recalled:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        recalled = {
            name: value for name, value in reading.shape.items() if name in reading.recalled
        }
        st.markdown(
            f":material/history: Read as decided for {formats.verbatim(reading.recalled_from)}: {words(recalled)}.",
            width="content",
        )
        if reading.recalled_id is not None and permission.button(
            "Forget this",
            sender_profile.forget,
            key=f"forget_{file.tray_id}",
            type="tertiary",
            icon=":material/history_off:",
            help="Files of this sender are read as inferred again.",
        ):
            sender_profile.forget(session.settings(), reading.recalled_id)
            st.rerun()


def show_all() -> None:
    """Every decision, those in force first; one in force can be picked and forgotten."""
    memories = sender_profile.profiles(session.settings())
    if not memories:
        return
    with st.expander("Remembered of earlier files", icon=":material/history:"):
        st.caption(
            "How a file was read or mapped by hand is done again for the next file of that sender. Select a line to forget it."
        )
        picked = show_table(
            pd.DataFrame([_line(memory) for memory in memories]),
            key="memories",
            ids=[memory.memory_id for memory in memories],
            alt="What is remembered of earlier files",
            headings={"decided_at": "Decided", "used_at": "Last used", "reason": "Why"},
        )
        if picked and memories[picked[0]].ended_at is None:
            memory = memories[picked[0]]
            file_name = formats.verbatim(memory.source_file or "these files")
            if permission.button(
                f"Forget what was decided for {file_name}",
                sender_profile.forget,
                icon=":material/history_off:",
                key="forget_memory",
            ):
                sender_profile.forget(session.settings(), memory.memory_id)
                session.flash("Forgotten: the next file of that sender is read as inferred.")
                st.rerun()


def words(shape: Mapping[str, Any]) -> str:
    """`delimiter semicolon, header line 3`."""
    return ", ".join(
        f"{evidence.name(field).lower()} {evidence.value_words(field, value)}"
        for field, value in shape.items()
    )


def _line(memory: Memory) -> dict:
    if memory.kind == "mapping":
        columns = ", ".join(
            f"{cell} → {name}" for cell, name in memory.values["mapping"].items() if name
        )
        description = f"{formats.words(memory.values['entity'])}: {columns}"
    else:
        description = words(memory.values)
    state_told = "– forgotten or replaced" if memory.ended_at else "✓ in force"
    return {
        "decided for": memory.source_file or None,
        "version": memory.version,
        "what": description,
        "state": state_told,
        "load_id": memory.load_id or None,
        "decided_by": memory.decided_by or None,
        "reason": memory.reason or None,
        "decided_at": memory.decided_at or None,
        "used": memory.used,
        "used_at": memory.used_at,
    }
