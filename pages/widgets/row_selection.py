"""Which row of a table is picked, by what the row is and not by where it stands.

Streamlit keeps the place of a picked row. When the rows change under it (a filter, another page,
what somebody else did meanwhile) another row would stand at that place, and a button below the
table would act on it. So a table whose rows are others begins anew, with the same row picked where
it still is.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import streamlit as st

from pages.widgets import session


def begin(key: str, ids: Sequence[Hashable]) -> dict[str, Any]:
    """Before the table is drawn: the arguments that draw it with the row picked that was."""
    ids = list(ids)
    selection = st.session_state.setdefault(session.ROW_SELECTION, {}).setdefault(
        key, {"ids": ids, "round": 0, "picked": None, "began_with": []}
    )
    is_drawn = _widget(key, selection) in st.session_state
    if selection["ids"] != ids:
        place = ids.index(selection["picked"]) if is_drawn and selection["picked"] in ids else None
        selection |= {
            "ids": ids,
            "round": selection["round"] + 1,
            "began_with": [] if place is None else [place],
        }
    elif not is_drawn:
        selection["began_with"] = []
    return {
        "key": _widget(key, selection),
        "on_select": "rerun",
        "selection_mode": "single-row",
        "selection_default": {
            "selection": {"rows": selection["began_with"], "columns": [], "cells": []}
        },
    }


def end(key: str, places: Sequence[int]) -> list[int]:
    """After the table was drawn: the place of the picked row, if there is one."""
    selection = st.session_state[session.ROW_SELECTION][key]
    places = [place for place in places if place < len(selection["ids"])]
    selection["picked"] = selection["ids"][places[0]] if places else None
    return places


def _widget(key: str, selection: dict[str, Any]) -> str:
    return f"{key}_{selection['round']}" if selection["round"] else key
