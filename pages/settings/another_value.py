"""Another value of a setting: its effect before anybody sets it, and the button that sets it."""

import streamlit as st

from pages.widgets import errors, formats, session
from pipeline.services.settings import changing, effects
from pipeline.services.settings.changing import Change
from pipeline.services.settings.effects import Effect
from pipeline.services.settings.settings import SettingRow

#: So many of the things that a value concerns are named.
NAMED = 6


def origin(row: SettingRow, change: Change | None) -> str:
    """Where the value in force comes from, with who set it when that was here."""
    if row.origin != "home":
        return row.origin.capitalize()
    if change is None:
        return "Set in the home by nobody on record: set it again, or go back to the default"
    by, at = formats.verbatim(change.by), formats.moment(change.at)
    return f"Set here by {by}, {at}; before {formats.code(change.before)}"


def show(row: SettingRow) -> None:
    """A value to try, its effect beside that of the value in force, and the button that sets it."""
    key = f"try_{row.name}"
    closed = changing.closed(session.settings(), row.name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Another value", key=key, width=160, placeholder=row.value).strip()
        is_set = st.button("Set it", key=f"set_{row.name}", disabled=bool(closed), help=closed)
        is_unset = row.origin == "home" and st.button(
            f"Back to {formats.code(row.default)}",
            key=f"unset_{row.name}",
            disabled=bool(closed),
            help=closed,
        )
    with errors.reporting(row.name):
        if is_set and not text:
            st.warning("Write a value first.")
        elif is_set:
            changing.set_in_home(session.settings(), row.name, text)
            session.flash(f"{row.name} is {text} from now on.")
            session.choose_next(key, "")
        elif is_unset:
            changing.unset_in_home(session.settings(), row.name)
            session.flash(f"{row.name} is {row.default} again, the default.")
            session.choose_next(key, "")
        elif text and effects.can_tell(row.name):
            _effect(row, text)


def _effect(row: SettingRow, text: str) -> None:
    effect = session.cached(effects.of, row.name, text)
    now = f"{len(effect.now):,}" if effect.now else "none"
    in_force = f" With {formats.code(row.value)}, which is in force: {now}." if effect.all_of else ""  # fmt: skip
    st.markdown(f":material/query_stats: {sentence(effect)}{in_force}")


def sentence(effect: Effect) -> str:
    """With 0.1, 3 of 6 loads would have waited at the gate: L00001, L00004, L00006."""
    if not effect.all_of:
        return f"There is no {effect.noun} here to tell it by."
    named = ", ".join(formats.verbatim(name) for name in dict.fromkeys(effect.then[:NAMED]))
    more = f" and {len(effect.then) - NAMED:,} more" if len(effect.then) > NAMED else ""
    which = f": {named}{more}" if named else ""
    concerned = f"{len(effect.then):,}" if effect.then else "none"
    return (
        f"**With {formats.code(effect.value)}, {concerned} of "
        f"{formats.counted(effect.all_of, effect.noun)} {effect.happens}**{which}."
    )
