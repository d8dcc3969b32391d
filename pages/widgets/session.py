"""Session and URL keys, the settings of this session, and answers cached until the data changes.

A widget key that is also an address parameter (`bind="query-params"`) is the short word that people
see in a link. No key ever holds a patient's value.
"""

import sys
from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.widgets import formats, placeholder, query_limit
from pipeline.services.access import actors, roles
from pipeline.services.settings import settings as settings_service

# Shared between pages and visible in links.
LAYER, TABLE, SORT, DESCENDING, PAGE = "layer", "table", "sort", "desc", "page"
RUN, RUN_STATES, RUN_BEFORE, RULE, ENTITY, NODE = "run", "runs", "against", "rule", "source", "node"
QUALITY_TAB, RUN_TAB, PROVIDER_VIEW, QUARANTINE_TAB, RULE_SEARCH = (
    "part",
    "about",
    "beside",
    "list",
    "find",
)
RULE_STATES, SOURCES, RULE_ACTIONS, KAHN = "state", "sources", "action", "kahn"
FEATURE_TABLE, FEATURE, KNOWN_AT, FEATURE_VIEW = "features", "feature", "known_at", "look"
DRIFT_FROM, DRIFT_TO = "from", "to"
BASKET, SPINE, MATURE_ONLY, FEATURE_SET = "basket", "rows_from", "mature", "set"
PROVIDER, LIMITS, OVERDISPERSED = "provider", "limits", "spread"
EMPLOYER, PROCEDURE, NETWORK_VIEW = "employer", "procedure", "shows"
REMOVED, ADDED, TAKER = "without", "with", "instead"
GAP, REFERRAL_MODE, REFERRAL_PAGE = "gap", "for", "referrals"
WEIGHTS = {"outcome": "w_outcome", "cost": "w_cost", "distance": "w_distance", "volume": "w_volume"}
MODEL, CATALOGUE_TAB, CATALOGUE_RULE, LINEAGE_REACH = "model", "tab", "rule", "far"
WHERE, PAGE_SIZE, TABLE_TAB, MEASURE = "where", "rows", "view", "sum"
CHART, CHART_BY, CHART_HOW, CHART_OF, CHART_ACROSS, CHART_UP = "chart", "by", "agg", "of", "x", "y"

QUESTION, PINNED, LOAD = "question", "pin", "load"
DELIVERY, SENDER, DELIVERY_VIEW = "delivery", "sender", "seen"
CARE = "care"
METHODS_VIEW = "made"
GROUP_ALSO, COLUMN_SET, COLUMNS = "and", "cols", "col"

# Private to one page.
FEATURE_WORDS, KEPT_BASKET, AUDITED = "feature_words", "kept_basket", "audited_basket"
OPENED_SET = "opened_set"
JOINED, TRAINING_FILE, TRAINING_REASON = "joined_rows", "training_file", "training_reason"
KEPT_UPLOADS = "kept_uploads"
UPLOAD_RESULTS = "upload_results"
LEFT_OUT = "left_out_of_drops"
OPENED_CARDS = "opened_cards"
FOLLOWED_LOAD = "followed_load"
READING_CHOICES = "reading_choices"
MATRIX = "quality_matrix"
FILTERS, PUBLISHED_FILTERS = "gold_filters", "gold_filters_told"
QUESTION_TEXT, ASKED, OPENED_QUESTION = "question_text", "question_asked", "question_opened"
LINK_REFUSALS, UNKNOWN_IN_LINK = "left_out_of_the_link", "unknown_in_the_link"
ALL_ROWS = "chart_of_all_rows"
EXPORT_NOTE, EXPORT_MADE = "export_note", "export_made"
FOLLOWED_RUN, ENDED_RUN, FORETOLD = "followed_run", "ended_run", "foretold"
GRAPH_CLICK, LINEAGE_CLICK = "graph_click", "lineage_click"
EDIT_ROUND, EDITS, SAVED_DRAFTS, REPAIR_GRID = (
    "quarantine_edit_round",
    "quarantine_edits",
    "quarantine_edits_kept",
    "repair_grid",
)
NEWEST_DECISION, LAST_DECISIONS = "quarantine_seen_decision", "quarantine_last_decisions"
ROW_SELECTION = "picked_rows"
FLASH, NEXT = "flash_message", "next_choice"
PUBLISHED_CHOICES = "told_in_the_address"
AUTHOR = "author"
PATIENT_AGE, PATIENT_SEX, PATIENT_ZIP = (
    "patient_age",
    "patient_sex",
    "patient_zip",
)  # never in an address


def settings() -> settings_service.Settings:
    """The settings in force."""
    return settings_service.current_settings()


def cached(call: Callable[..., Any], *arguments: Any) -> Any:
    """The answer of one service call, cached until the warehouse or the control file changes.

    `call` takes the settings first; `arguments` must be plain values or frozen dataclasses.
    """
    roles.check(call)  # an answer that is kept was given to somebody else, perhaps
    name = f"{getattr(call, '__module__', '')}.{getattr(call, '__qualname__', repr(call))}"
    roles_now = actors.current().roles  # some answers show cells to who works on rows alone
    return _cached(name, roles_now, stamp_of(call), arguments, call, settings())


def stamp_of(call: Callable[..., Any]) -> tuple[Any, ...]:
    """The version of the data that an answer of a service call depends on.

    Decisions and runs do not change it for a service module that declares
    `ANSWERS_FROM_WAREHOUSE_ALONE`.
    """
    module = sys.modules.get(getattr(call, "__module__", ""))
    return settings_service.data_stamp(
        settings(), getattr(module, "ANSWERS_FROM_WAREHOUSE_ALONE", False)
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _cached(
    name: str,
    roles_now: tuple[str, ...],
    stamp: tuple[Any, ...],
    arguments: tuple[Any, ...],
    _call: Callable[..., Any],
    _settings: settings_service.Settings,
) -> Any:
    with query_limit.limited():
        return _call(_settings, *arguments)


def new_grid() -> None:
    """Redraw the grid of open rows: typed cells and selections are dropped, unsaved edits stay."""
    st.session_state[EDIT_ROUND] = st.session_state.get(EDIT_ROUND, 0) + 1
    st.rerun()


def choose_next(key: str, value: str) -> None:
    """Run the page again with another choice of a widget that is already drawn; the address
    follows.
    """
    st.session_state[NEXT] = (key, value)
    st.rerun()


def take_next() -> None:
    """Before any widget: set the choice that `choose_next` stored."""
    if NEXT in st.session_state:
        key, value = st.session_state.pop(NEXT)
        st.session_state[key] = value


def flash(message: str) -> None:
    """Show a message after the next rerun; one written just before `st.rerun` would be lost."""
    st.session_state[FLASH] = message


def show_flash() -> None:
    """Show the message that `flash` stored, once."""
    message = st.session_state.pop(FLASH, None)
    with placeholder.place():
        if message:
            message = formats.verbatim(message)
            st.toast(message, icon=":material/check_circle:")
            st.success(message, icon=":material/check_circle:")
