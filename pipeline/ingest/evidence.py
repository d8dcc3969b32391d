"""What speaks for the way in which a file is read: how sure it is, why, and what came second."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Alternative:
    """A reading that was not taken, as it is shown, and its score (0 to about 1)."""

    value: str
    score: float


@dataclass(frozen=True)
class Evidence:
    """`confidence`: 0 (a guess) to 1 (certain), None where nothing was weighed; `why`: what speaks
    for it, a phrase each; `runner_up`: the next best reading, if there is one.
    """

    confidence: float | None = None
    why: tuple[str, ...] = ()
    runner_up: Alternative | None = None

    @property
    def sentence(self) -> str:
        """All of `why` in one line."""
        return "; ".join(self.why)


def certain(*why: str) -> Evidence:
    """Evidence that leaves no doubt."""
    return Evidence(1.0, why)


def confidence_of(gap: float, asked_below: float) -> float:
    """Confidence of the best of several readings, 0 to 1, from its distance to the next: 0.5 at the
    distance below which somebody is asked.
    """
    return round(max(gap, 0.0) / (max(gap, 0.0) + asked_below), 3)
