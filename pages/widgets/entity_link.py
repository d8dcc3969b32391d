"""Links from a row to the pages of what it names: provider, employer, procedure, rule, run, load,
table.
"""

from collections.abc import Mapping

import streamlit as st

from pages.widgets import formats, menu, session

#: Column -> the kind of thing that it names, the page that shows one, the address parameter.
NAMED = {
    "npi": ("Provider", "providers", session.PROVIDER),
    "employer_id": ("Employer", "networks", session.EMPLOYER),
    "cpt": ("Procedure", "networks", session.PROCEDURE),
    "rule_name": ("Check", "quality", session.RULE),
    "rule_id": ("Rule", "quality", session.RULE),
    "run_id": ("Run", "run_history", session.RUN),
    "load_id": ("Load", "upload", session.LOAD),
    "_load_id": ("Load", "upload", session.LOAD),
    "table_name": ("Table", "catalogue", session.MODEL),
}


def show(row: Mapping[str, object], *masked: str) -> None:
    """A link for each column of `row` that names something; those that are `masked` name nobody."""
    links = [
        (*NAMED[column], formats.plain_value(value))
        for column, value in row.items()
        if column in NAMED and column not in masked and value is not None and value == value
    ]
    if not links:
        return
    with st.container(horizontal=True, gap="small"):
        for kind, page, parameter, value in links:
            one(kind, page, parameter, value)


def one(kind: str, page: str, parameter: str, value: str, label: str = "") -> None:
    """A link to the page of one thing, by its key."""
    menu.link(
        page,
        label=formats.verbatim(label or f"{kind} {value}"),
        query_params={parameter: value},
        width="content",
    )


def rule(rule_id: str) -> None:
    """A link to one rule."""
    kind, page, parameter = NAMED["rule_id"]
    one(kind, page, parameter, rule_id)


def provider(npi: str, name: str) -> None:
    """A link to one provider by name."""
    kind, page, parameter = NAMED["npi"]
    one(kind, page, parameter, npi, name)
