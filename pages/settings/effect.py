"""What another value of a setting would do, said before anybody sets it."""

import streamlit as st

from pages.widgets import errors, formats, session
from pipeline.services.settings import effects
from pipeline.services.settings.effects import Effect
from pipeline.services.settings.settings import SettingRow

#: So many of the things that a value concerns are named.
NAMED = 6


def show(row: SettingRow) -> None:
    """A value to try, and its effect beside that of the value in force."""
    text = st.text_input(
        "Try another value", key=f"try_{row.name}", width=160, placeholder=row.value
    ).strip()
    if not text:
        return
    with errors.reporting(row.name):
        effect = session.cached(effects.of, row.name, text)
        now = f"{len(effect.now):,}" if effect.now else "none"
        in_force = f" With {formats.code(row.value)}, which is in force: {now}." if effect.all_of else ""  # fmt: skip
        st.markdown(
            f":material/query_stats: {sentence(effect)}{in_force} "
            f"To set it: {formats.code(f'{row.env_var}={effect.value}')}"
        )


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
