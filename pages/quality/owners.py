"""Who owns a check, until when it is muted, and the comments."""

import pandas as pd
import streamlit as st

from pages.widgets import care_form, formats, permission, session
from pages.widgets.start_run import person
from pipeline.services.quality import check_care
from pipeline.services.quality.check_care import Care, Given


def muted() -> dict[str, str]:
    """Rule name -> the day until which it is muted, for those that are today."""
    return session.cached(check_care.muted, care_form.today().isoformat())


def columns(rule_names: pd.Series) -> pd.DataFrame:
    """Owner, and until when a check is muted, beside the list of checks; a column that nobody has
    filled is left out.
    """
    care = session.cached(check_care.all_care)
    days = {name: formats.moment(day) for name, day in muted().items()}
    owner = rule_names.map(lambda name: care[name].assignee if name in care else "")
    until = rule_names.map(lambda name: days.get(name, ""))
    frame = pd.DataFrame({"owner": owner, "muted_until": until}, index=rule_names.index)
    return frame[[name for name in frame.columns if frame[name].ne("").any()]]


def show(rule_name: str) -> None:
    """The care for one check, and where to say it otherwise."""
    care = session.cached(check_care.all_care).get(rule_name, Care())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_sentence(rule_name, care), width="content")
        if permission.reason(check_care.note) is None:
            with st.popover("Owner, mute, comment", icon=":material/assignment_ind:"):
                st.caption(
                    "A muted check is judged as ever; until that day it does not count among those "
                    "that ask for work."
                )
                care_form.show(
                    rule_name,
                    care,
                    person(),
                    lambda given: _keep(rule_name, given),
                    day="Muted until",
                    person="Owner",
                )


def _keep(rule_name: str, given: Given) -> None:
    check_care.note(session.settings(), rule_name, given, person())


def _sentence(rule_name: str, care: Care) -> str:
    owner = f":material/person: {formats.verbatim(care.assignee)}" if care.assignee else "No owner"
    day = muted().get(rule_name)
    until = [f":material/notifications_off: muted until {formats.moment(day)}"] if day else []
    return " · ".join([owner, *until, *care_form.comments(care)])
