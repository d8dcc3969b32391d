"""The page that was asked for, held against an older run of the same session.

Streamlit (1.67) keeps the page to draw in one place a session, and a run that is already being
stopped still writes there when it begins anew: a click on the menu in the moment in which a part of
the page draws itself again would be lost on a busy machine. Only the request that started a run
says for certain which page it is for, and Streamlit has no public name for it.
"""

from streamlit.runtime.scriptrunner import get_script_run_ctx


def hold() -> None:
    """Make this run draw the page that it was started for; call it right before `st.navigation`.

    A run that was started for no page by its number (the first of a session, from an address) is
    left as it is, and so is one after which a part of the page already waits to be drawn again.
    """
    context = get_script_run_ctx()
    rerun_data = getattr(context and context.script_requests, "_rerun_data", None)
    if (
        context is not None
        and rerun_data is not None
        and rerun_data.page_script_hash
        and not rerun_data.fragment_id_queue
    ):
        context.pages_manager.set_script_intent(rerun_data.page_script_hash, "")
