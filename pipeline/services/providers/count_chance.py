"""What chance gives to the adverse events of a provider: sums of independent counts, exactly."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np


def hypergeometric(n: int, whole: int, events: int) -> np.ndarray:
    """Probabilities of 0, 1, ... events among n of `whole` encounters that have so many events."""
    n = min(n, whole)
    counts = np.arange(min(n, events) + 1)
    possible = counts >= n - (whole - events)
    inside = counts[possible]
    logs = (
        _log_choose(events, inside)
        + _log_choose(whole - events, n - inside)
        - _log_choose(whole, np.array([n]))
    )
    found = np.zeros(len(counts))
    found[possible] = np.exp(logs)
    return found


def binomial(n: int, risk: float) -> np.ndarray:
    """Probabilities of 0, 1, ... n events."""
    risk = min(max(risk, 1e-12), 1 - 1e-12)
    counts = np.arange(n + 1)
    logs = counts * np.log(risk) + (n - counts) * np.log1p(-risk)
    return np.exp(_log_choose(n, counts) + logs)


def mid_p(parts: Iterable[Sequence[float] | np.ndarray], observed: int) -> tuple[float, float]:
    """Half the probability of the count and that of all lower ones; and of all higher ones."""
    whole = np.ones(1)
    for part in parts:
        whole = np.convolve(whole, part)
    low = float(whole[:observed].sum())
    at = float(whole[observed]) if observed < len(whole) else 0.0
    return low + at / 2, max(0.0, 1 - low - at) + at / 2


def verdict(tails: tuple[float, float], alpha: float = 0.05) -> str:
    """high, low or in, as the funnel says it."""
    low, high = tails
    return "low" if low < alpha / 2 else "high" if high < alpha / 2 else "in"


def _log_choose(n: int, k: np.ndarray) -> np.ndarray:
    logs = _log_factorials(1 << max(n, 1).bit_length())
    return logs[n] - logs[k] - logs[n - k]


@lru_cache(maxsize=32)
def _log_factorials(least: int) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, least + 1)))])
