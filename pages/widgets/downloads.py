"""Every button that hands a file to the browser. Rows come from the service that treats and records
what leaves; they are made when somebody presses the button.
"""

from collections.abc import Callable, Collection
from typing import Any

import pandas as pd
import streamlit as st

from pages.widgets import permission, session
from pipeline.services.access import actors
from pipeline.services.run import runs
from pipeline.services.tables import screen_downloads

PARQUET = "application/vnd.apache.parquet"


def shown(
    frame: pd.DataFrame,
    name: str,
    label: str = "Download as CSV",
    of_nobody: Collection[str] = (),
    **options: Any,
) -> None:
    """Offer what the screen shows as CSV, without counts of one to ten people; for a frame that is
    no rows of one table. Whole numbers `of_nobody` count something else.
    """
    _offer(
        label,
        lambda: screen_downloads.shown(session.settings(), frame, name, runs.person(), of_nobody),
        f"{name}.csv",
        mime="text/csv",
        **options,
    )


def page(table: str, frame: pd.DataFrame, label: str = "Download this page") -> str:
    """Offer a page of rows of a table, as a Safe Harbor export would hold it; the sentence that
    says why it is not offered, empty where it is.
    """
    why = screen_downloads.page_refusal(table, frame)
    _offer(
        label,
        lambda: screen_downloads.page_bytes(session.settings(), table, frame, runs.person()),
        f"{table}.csv",
        mime="text/csv",
        disabled=why is not None,
        help=f"{table} {why}."
        if why
        else "As a Safe Harbor export: columns that lead to people are left out or made coarser.",
    )
    return f"No download: {table} {why}." if why else ""


def unmasked(
    rows: Callable[[], pd.DataFrame], name: str, label: str, note: str, **options: Any
) -> None:
    """Offer rows as they are, for work that needs every character; recorded as internal."""
    _offer(
        label,
        lambda: screen_downloads.unmasked(session.settings(), rows(), name, runs.person(), note),
        f"{name}.csv",
        mime="text/csv",
        **(options | permission.closed(screen_downloads.unmasked)),
    )


def made(
    make: Callable[[str], bytes],
    file_name: str,
    label: str,
    by: Callable[..., Any] = screen_downloads.shown,
    **options: Any,
) -> None:
    """Offer a file that a service makes, and records, for a person; closed to who may not call
    `by`.
    """
    _offer(label, lambda: make(runs.person()), file_name, **(options | permission.closed(by)))


def ready(content: bytes, file_name: str, label: str, **options: Any) -> None:
    """Offer a file that a service has made, and recorded, when somebody asked for it."""
    _offer(label, content, file_name, **options)


def text(content: str | bytes, file_name: str, label: str, **options: Any) -> None:
    """Offer a text that holds no rows: a log, an empty template, a manifest."""
    _offer(label, content, file_name, **options)


def _offer(
    label: str, content: Any, file_name: str, icon: str = ":material/download:", **options: Any
) -> None:
    if callable(content):
        content = actors.as_now(content)  # it is made later, outside of any run of the page
    st.download_button(label, content, file_name=file_name, icon=icon, on_click="ignore", **options)
