"""No page hangs: the queries of its answers end in time, and at once when the person clicks on.

Only reading is cut short; a decision that is being saved is saved whole.
"""

import copy
import math
from collections.abc import Callable
from contextlib import AbstractContextManager

from streamlit.runtime.scriptrunner import get_script_run_ctx

from pipeline.services.settings import settings


def limited() -> AbstractContextManager[None]:
    """Within the block, a query ends after the seconds of the setting, or when the run of the page
    is not wanted any more.
    """
    return settings.limited(settings.current_settings().query_seconds, is_awaited)


def cancellable(on_look: Callable[[int], None]) -> AbstractContextManager[None]:
    """Within the block a query takes its time, tells `on_look` how far it is, and ends when the run
    is not wanted any more.
    """
    return settings.limited(math.inf, is_awaited, on_look)


def is_awaited() -> bool:
    """Whether Streamlit still wants the result of this run: nobody changed a widget, stopped it or
    closed the browser.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or context.script_requests is None:
        return True
    # asking takes the request off the queue, so a copy is asked
    return copy.copy(context.script_requests).on_scriptrunner_yield() is None
