"""Service calls in a thread beside the page, which draws what does not need them meanwhile."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any

from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from pages.widgets import session


class BackgroundAnswer:
    """The answer of a service call that starts at once in a thread of its own; `session.cached`
    caches it.

    The thread belongs to the page run: the query limit ends its query, and so does the person's
    next click.
    """

    def __init__(self, call: Callable[..., Any], *arguments: Any) -> None:
        self._future: Future = Future()
        thread = Thread(target=self._work, args=(call, arguments), daemon=True)
        add_script_run_ctx(thread, get_script_run_ctx())
        thread.start()

    def _work(self, call: Callable[..., Any], arguments: tuple) -> None:
        try:
            self._future.set_result(session.cached(call, *arguments))
        except BaseException as error:  # result() raises it
            self._future.set_exception(error)

    def is_ready(self, within: float = 0.0) -> bool:
        """Whether the answer, or why there is none, is there within so many seconds."""
        try:
            self._future.exception(within)
        except TimeoutError:
            return False
        return True

    def result(self) -> Any:
        """The answer, waited for; raises what the call raised."""
        return self._future.result()
