"""Answers to what a browser asked outlive the beginning of a run.

Streamlit (1.67) drops what waits to be sent when a run begins, but for a list of kinds on which the
answer to "where do I send this file?" is missing. A file that is dropped in that moment would never
come, and its uploader would take no further one until the page is loaded again.
"""

from functools import wraps
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_ANSWER = "file_urls_response"


def install() -> None:
    """Keep answers in the queues of all sessions; a second call changes nothing."""
    if not hasattr(ForwardMsgQueue.clear, "__wrapped__"):
        ForwardMsgQueue.clear = _keeping_answers(ForwardMsgQueue.clear)  # type: ignore[method-assign]


def _keeping_answers(clear: Any) -> Any:
    @wraps(clear)
    def cleared(queue: ForwardMsgQueue, *given: Any, **named: Any) -> None:
        waiting: list[ForwardMsg] = list(queue._queue)
        clear(queue, *given, **named)
        left = {id(message) for message in queue._queue}
        dropped = [message for message in waiting if id(message) not in left]
        queue._queue[:0] = [each for each in dropped if each.WhichOneof("type") == _ANSWER]

    return cleared
