"""SIGINT while a build runs: held off where work must not be half done, and never lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore SIGINT for the few lines that must not be half done (only the main thread can and
    needs to).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def noted_interrupts() -> Iterator[list[int]]:
    """The SIGINTs that came while the block ran.

    The handler in force still acts. But Python drops a KeyboardInterrupt that is raised in a
    finaliser or a weak reference's callback, and a library may catch it: whoever runs foreign code
    looks here afterwards.
    """
    noted: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield noted
        return

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, handler)
