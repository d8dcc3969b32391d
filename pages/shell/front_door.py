"""Whether the one who asks for a page may see it; the check that `streamlit run` cannot go round.

Behind the gate it is a visitor of the gate. Without the gate it can only be the user of this
machine whose process this is: the other end of the connection belongs to that user, nothing stands
between, and the server listens on this machine alone.
"""

import streamlit as st
from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shell import peer
from pages.shell.gate import LOCAL_NAMES
from pages.shell.visitors import PASS_HEADER, VISITORS
from pipeline.services.access.actors import NOBODY, Actor

#: What a proxy adds to the requests of others.
_OF_A_PROXY = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


def is_open() -> bool:
    """Whether this run of the script may draw anything.

    A run without a server, as in a test of a page, draws for whoever runs it.
    """
    if type(runtime.get_instance()) is not Runtime:
        return True
    return VISITORS.of_pass(st.context.headers.get(PASS_HEADER, "")) is not None or _is_own_user()


def who_asks() -> Actor:
    """Who is behind this run of a page; nobody outside of one."""
    visitor = VISITORS.of_pass(st.context.headers.get(PASS_HEADER, ""))
    return Actor(visitor.subject, visitor.roles, visitor.name) if visitor else NOBODY


def show_closed() -> None:
    """Say in place of every page how to get in."""
    st.navigation([st.Page(_closed, title="Not logged in")], position="hidden").run()


def _closed() -> None:
    st.title("Not logged in")
    st.error(
        "The workbench shows nothing to somebody whom it does not know.", icon=":material/lock:"
    )
    st.markdown("Start it with `icon-health serve`, and open the address that is printed then.")


def _is_own_user() -> bool:
    headers = st.context.headers
    host = headers.get("Host", "").rpartition(":")[0] or headers.get("Host", "")
    if st.get_option("server.address") not in LOCAL_NAMES or host not in LOCAL_NAMES:
        return False
    if any(name in headers for name in _OF_A_PROXY):
        return False
    context = get_script_run_ctx()
    client = runtime.get_instance().get_client(context.session_id) if context else None
    scope = getattr(getattr(client, "_websocket", None), "scope", {})
    return peer.is_own(scope.get("client"), scope.get("server"))
