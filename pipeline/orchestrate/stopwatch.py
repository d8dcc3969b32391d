"""Where the time of a run went: its parts, which sum to the whole."""

import time


class Stopwatch:
    """Each part ends where the next begins, so no second is in none of them and none in two."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        #: Seconds by part, in the order in which the parts ended first.
        self.parts: dict[str, float] = {}

    def end(self, part: str) -> None:
        """What happened since the last call was `part`; one that comes again is added up."""
        now = time.monotonic()
        self.parts[part] = self.parts.get(part, 0.0) + now - self._at
        self._at = now

    def seconds(self) -> dict[str, float]:
        """The parts so far in whole milliseconds."""
        return {part: round(seconds, 3) for part, seconds in self.parts.items()}
