"""What a network would be without one of its providers, or with another one."""

import streamlit as st

from pages.networks import rows_behind
from pages.widgets import address, downloads, formats, session
from pages.widgets.empty_state import nothing_matches
from pipeline.services.networks import explain_what_if
from pipeline.services.networks import what_if as service
from pipeline.services.networks.what_if import Change

#: Columns that people compare first; the printed page has all.
SHOWN = [
    "events_verdict",
    "cost_verdict",
    "procedure",
    "events_change",
    "events_change_low",
    "events_change_high",
    "cost_change",
    "cost_change_low",
    "cost_change_high",
    "performing_before",
    "performing_after",
    "near_before",
    "near_after",
    "miles_before",
    "miles_after",
    "referrals",
    "cpt",
]
MONEY = ("cost_change", "cost_change_low", "cost_change_high")


def what_if(employer: str | None) -> None:
    """Boxes for one change of the network of `employer`, and what it does."""
    if employer is None:
        nothing_matches("Choose an employer", "A change is tried on one network, chosen above.")
        return
    choices = session.cached(service.choices, employer)
    if not choices.listed:
        nothing_matches(
            "Nothing to try yet",
            "This takes a network, encounters and referrals of this employer.",
            rests_on=("std_employer_networks", "provider_procedure_scorecard", "std_referrals"),
        )
        return
    change = _chosen(employer, choices)
    if change is None:
        st.caption(
            "Choose a provider to take away, one to add, or both. Nothing is changed anywhere."
        )
        return
    table = session.cached(service.what_if, change)
    told = explain_what_if.sentences(table)
    st.markdown(f"**{formats.verbatim(told[0])}**")
    st.markdown("\n".join(f"- {formats.verbatim(sentence)}" for sentence in told[1:]))
    st.caption(
        f"{explain_what_if.RESTS_ON} A provider's procedure that no export shows counts as unknown, so it moves nothing here."
    )
    picked = rows_behind.table(
        table[SHOWN],
        "what_if_rows",
        headings=explain_what_if.HEADINGS,
        alt="What the change does, by procedure",
        number_formats=dict.fromkeys(MONEY, _money),
    )
    if picked is not None:
        rows_behind.of_pair({"employer_id": employer, "cpt": picked["cpt"]})
    with st.container(horizontal=True):
        downloads.made(
            lambda author: explain_what_if.report(session.settings(), change, author),
            "network_what_if.html",
            "Report to print",
            mime="text/html",
        )
        downloads.shown(
            explain_what_if.for_file(table),
            "network_what_if",
            of_nobody=explain_what_if.OF_PROVIDERS,
            key="download_what_if",
        )


def _chosen(employer: str, choices: service.Choices) -> Change | None:
    """The change that the boxes say; None while none is chosen."""
    names = choices.listed | choices.others

    def box(label: str, options: dict[str, str], key: str, placeholder: str) -> str | None:
        return address.select(
            label,
            list(options),
            key,
            lambda npi: f"{names[npi]} · {npi}",
            optional=True,
            placeholder=placeholder,
            width=300,
        )

    with st.container(horizontal=True):
        removed = box("Without", choices.listed, session.REMOVED, "nobody")
        added = box("With", choices.others, session.ADDED, "nobody")
        after = choices.listed | ({added: names[added]} if added else {})
        after.pop(removed or "", None)
        taker = (
            box("Whose referrals go to", after, session.TAKER, "the others") if removed else None
        )
    return Change(employer, removed, added, taker) if removed or added else None


def _money(value: float) -> str:
    sign = "+" if value >= 0.5 else ""
    return f"{sign}{formats.money(value)}"
