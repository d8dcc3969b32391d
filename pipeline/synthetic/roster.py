"""The providers of one seed: name, NPI, ZIP, share of the work, true effect, networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.distributions import (
    GRID,
    SIGMA_BY_WORLD,
    normal_quantiles,
    shares_to_limits,
)
from pipeline.synthetic.hashing import draw_below, draw_one
from pipeline.synthetic.identifiers import EMPLOYER_IDS, npis, zip_codes

_SYLLABLES = (
    "bel",
    "cor",
    "dal",
    "fen",
    "gar",
    "hol",
    "jor",
    "kel",
    "lin",
    "mar",
    "nor",
    "pel",
    "quin",
    "ros",
)
_ENDINGS = ("wick", "ley", "mont", "sen", "field", "ton", "ard", "wen")
_NETWORK_SHARE_PERCENT = 65


@dataclass(frozen=True)
class Roster:
    """Providers in file order; `weights` are shares of encounters (sum 1), `effects` log odds."""

    names: tuple[str, ...]
    npis: tuple[str, ...]
    zips: tuple[str, ...]
    weights: tuple[float, ...]
    effects: np.ndarray
    limits: np.ndarray
    employers: tuple[str, ...]

    def row(self, provider: int) -> dict[str, str]:
        """The delivered row of one provider."""
        return {
            "provider_name": self.names[provider],
            "npi": self.npis[provider],
            "zip": self.zips[provider],
        }

    def nearest_to(self, encounters: float, rows: int, excluded: set[int]) -> int:
        """The provider, outside `taken`, who is expected to have about this many of `rows`
        encounters.
        """
        free = (provider for provider in range(len(self.npis)) if provider not in excluded)
        return min(free, key=lambda provider: abs(self.weights[provider] * rows - encounters))


def provider_count(rows: int) -> int:
    """23 providers for a thousand encounters, growing with the power .55."""
    return max(3, round(23 * (rows / 1000) ** 0.55))


def roster(rows: int, seed: int, world: str, employers: int) -> Roster:
    """The roster of a seed for `rows` encounters, in a world of SIGMA_BY_WORLD."""
    count = provider_count(rows)
    index = np.arange(count)
    normal = normal_quantiles()
    weights = [
        round(math.exp(0.75 * normal[k]), 9)
        for k in draw_below(seed, "provider-weight", index, GRID)
    ]
    effects = [
        SIGMA_BY_WORLD[world] * normal[k] for k in draw_below(seed, "provider-effect", index, GRID)
    ]
    return Roster(
        names=_names(seed, count),
        npis=tuple(npis(seed, count)),
        zips=tuple(f"{code:09d}" for code in zip_codes(seed, "provider-zip", index)),
        weights=tuple(weight / sum(weights) for weight in weights),
        effects=np.array(effects),
        limits=shares_to_limits(weights),
        employers=EMPLOYER_IDS[:employers],
    )


def networks(roster: Roster, seed: int, everywhere: set[int]) -> dict[str, list[int]]:
    """Provider numbers by employer: about two thirds each, everyone somewhere, `everywhere` in
    all.
    """
    members: dict[str, list[int]] = {employer: [] for employer in roster.employers}
    for position, employer in enumerate(roster.employers):
        chance = draw_below(seed, f"network-{employer}", np.arange(len(roster.npis)), 100)
        for provider in range(len(roster.npis)):
            home = provider % len(roster.employers) == position
            if home or provider in everywhere or chance[provider] < _NETWORK_SHARE_PERCENT:
                members[employer].append(provider)
    return members


def _names(seed: int, count: int) -> tuple[str, ...]:
    names: dict[str, None] = {}
    attempt = 0
    while len(names) < count:
        names.setdefault(_name(seed, attempt))
        attempt += 1
    return tuple(names)


def _name(seed: int, provider: int) -> str:
    def pick(part: str, words: tuple[str, ...]) -> str:
        return words[draw_one(seed, f"name-{part}", provider, len(words))]

    last = (
        pick("last", _SYLLABLES)
        + pick("middle", _SYLLABLES) * (provider >= 200)
        + pick("ending", _ENDINGS)
    )
    first = pick("first", _SYLLABLES) + pick("second", ("a", "in", "is", "o", "en", "el"))
    return f"{last.capitalize()}, {first.capitalize()}"
