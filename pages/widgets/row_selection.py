"""Which row of a table is picked, by what the row is and not by where it stands.

Streamlit keeps the place of a picked row. When the rows change under it (a filter, another page,
what somebody else did meanwhile) another row would stand at that place, and a button below the
table would act on it. So a table whose rows are others begins anew, with the same row picked where
it still is.
"""

from collections.abc import Hashable, Sequence

import streamlit as st

from pages.widgets import session


def begin(key: str, ids: Sequence[Hashable]) -> dict:
    """Before the table is drawn: the arguments that draw it with the row picked that was."""
    ids = list(ids)
    kept = st.session_state.setdefault(session.PICKED, {}).setdefault(
        key, {"ids": ids, "round": 0, "picked": None, "began_with": []}
    )
    is_drawn = _widget(key, kept) in st.session_state
    if kept["ids"] != ids:
        place = ids.index(kept["picked"]) if is_drawn and kept["picked"] in ids else None
        kept |= {
            "ids": ids,
            "round": kept["round"] + 1,
            "began_with": [] if place is None else [place],
        }
    elif not is_drawn:
        kept["began_with"] = []
    return {
        "key": _widget(key, kept),
        "on_select": "rerun",
        "selection_mode": "single-row",
        "selection_default": {
            "selection": {"rows": kept["began_with"], "columns": [], "cells": []}
        },
    }


def end(key: str, places: Sequence[int]) -> list[int]:
    """After the table was drawn: the place of the picked row, if there is one."""
    kept = st.session_state[session.PICKED][key]
    places = [place for place in places if place < len(kept["ids"])]
    kept["picked"] = kept["ids"][places[0]] if places else None
    return places


def _widget(key: str, kept: dict) -> str:
    return f"{key}_{kept['round']}" if kept["round"] else key
