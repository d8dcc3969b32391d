"""Try again what may succeed later, after a growing time that chance spreads."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pipeline.connect.failures import SourceFailed

Answer = TypeVar("Answer")
ATTEMPTS = 5
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 30.0


def pause(attempt: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the attempt of this number (from 1): between half and all of a time
    that doubles, so that many who failed at once do not come back at once.
    """
    longest = min(FIRST_SECONDS * 2 ** (attempt - 1), LONGEST_SECONDS)
    return longest * (0.5 + chance() / 2)


def with_patience(
    call: Callable[[], Answer],
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """The answer of `call`, which is tried again when its failure may pass; raises the last one."""
    for attempt in range(1, attempts):
        try:
            return call()
        except SourceFailed as error:
            if not error.is_passing:
                raise
            sleep(pause(attempt))
    return call()
