"""No SIGINT is lost while foreign code runs."""

import signal
import weakref

import pytest

from pipeline.transform.interrupts import noted_interrupts, uninterrupted

pytestmark = pytest.mark.usefixtures("python_handles_sigint")


class Thing:
    """Something that can be let go."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_python_drops_is_still_known():
    thing = Thing()
    with noted_interrupts() as noted:
        watching = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
        del thing
    assert watching() is None and noted == [signal.SIGINT]


def test_an_interrupt_acts_as_before_and_the_handler_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), noted_interrupts() as noted:
        signal.raise_signal(signal.SIGINT)
    assert noted == [signal.SIGINT] and signal.getsignal(signal.SIGINT) is before
    with uninterrupted(), noted_interrupts() as noted:
        signal.raise_signal(signal.SIGINT)
    assert noted == []
