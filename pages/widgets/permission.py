"""What the role of the one who looks does not allow is closed on screen, with the reason; services
refuse it all the same.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pipeline.services.access import roles


def reason(call: Callable[..., Any]) -> str | None:
    """Why the one who looks may not make a call of the services; None where it is allowed."""
    action = getattr(call, "needs", roles.SEE)
    return None if roles.may(action) else f"That takes the role {roles.takes(action)}."


def closed(call: Callable[..., Any]) -> dict[str, Any]:
    """What a button is to be given for what `call` does: nothing to who may."""
    why = reason(call)
    return {"disabled": True, "help": why} if why else {}


def button(label: str, call: Callable[..., Any], **options: Any) -> bool:
    """A button of Streamlit for what `call` does; closed, with the reason, to who may not."""
    return st.button(label, **(options | closed(call)))


def submit(label: str, call: Callable[..., Any], **options: Any) -> bool:
    """The same for the button that sends a form."""
    return st.form_submit_button(label, **(options | closed(call)))


def is_closed(call: Callable[..., Any], what: str) -> bool:
    """Whether a part of a page stays closed; `what` (a sentence) is then said, with the reason."""
    why = reason(call)
    if why:
        st.info(f"{what} {why}", icon=":material/lock:")
    return why is not None
