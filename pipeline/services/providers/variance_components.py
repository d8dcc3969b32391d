"""How much of the differences between rates is chance, case mix, provider, place and delivery.

A unit is a provider in a step of deliveries, with observed events O, expected ones E and the
variance V that chance gives to O. Its events are E (1 + place + provider + delivery) beside chance,
effects with mean 0. Each variance is estimated by the moments of O - E that it alone moves:
products of units that share a provider, of units that share a place and no provider, of units that
share a delivery and neither.

Intervals: the same moments of worlds drawn with every size of one effect, the others as estimated;
a size is in the 95 % interval where the moment of the data is no rarer than 2.5 % on either side.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

EFFECTS = ("provider", "place", "delivery")
SOURCES = ("chance", "case mix", *EFFECTS)
DRAWS, SEED = 200, 2024
#: Standard deviations of an effect, as a share of what is expected, that are tried.
SIZES = np.concatenate([[0.0], np.geomspace(0.03, 3.0, 20)])


@dataclass(frozen=True)
class Component:
    """The share of one source in the variance of the rates, with its 95 % interval; all None where
    the data cannot tell it.
    """

    source: str
    share: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Units:
    """Units in arrays of one length; `provider`, `place` and `delivery` are codes from 0, -1 where
    that is unknown or of several.
    """

    encounters: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    chance: np.ndarray
    codes: Mapping[str, np.ndarray]

    def deviation(self, observed: np.ndarray) -> np.ndarray:
        """O - E, E scaled so that both have one sum; worlds are rows."""
        sums = observed.sum(axis=-1, keepdims=True)
        return observed - self.expected * sums / self.expected.sum()


def units_of(frame: pd.DataFrame) -> Units:
    """From encounters, observed, expected, chance, provider, place, delivery."""
    return Units(
        frame["encounters"].to_numpy(float),
        frame["observed"].to_numpy(float),
        frame["expected"].to_numpy(float),
        frame["chance"].to_numpy(float),
        {name: pd.factorize(frame[name])[0] for name in EFFECTS},
    )


class Moments:
    """The sums of products that tell the effects apart, and the sums of E E' that go with them."""

    def __init__(self, units: Units) -> None:
        self.units = units
        provider, place, delivery = (units.codes[name] for name in EFFECTS)
        # a place that nobody knows is nobody else's
        place = np.where(place >= 0, place, place.max(initial=0) + 1 + provider)
        within = np.where(delivery >= 0, delivery, -1)
        self._groups = {
            "provider": _indicator(provider),
            "place": _indicator(place),
            "delivery": _indicator(within),
            "place in delivery": _indicator(_both(place, within)),
            "provider in delivery": _indicator(_both(provider, within)),
        }
        squares = {name: float(self._square(units.expected, name)) for name in self._groups}
        known = _indicator(np.where(units.codes["place"] >= 0, provider, -1))
        self.weights = {
            "provider": {
                "provider": squares["provider"],
                "place": float(((units.expected @ known) ** 2).sum()),
                "delivery": squares["provider in delivery"],
            },
            "place": {
                "provider": 0.0,
                "place": squares["place"] - squares["provider"],
                "delivery": squares["place in delivery"] - squares["provider in delivery"],
            },
            "delivery": {
                "provider": 0.0,
                "place": 0.0,
                "delivery": squares["delivery"] - squares["place in delivery"],
            },
        }
        several = {name: len(np.unique(codes[codes >= 0])) for name, codes in units.codes.items()}
        self.is_known = {
            name: several[name] > 1 and self.weights[name][name] > 1e-9 * squares["provider"]
            for name in EFFECTS
        }

    def of(self, effect: str, observed: np.ndarray) -> np.ndarray:
        """The moment of an effect in each world (row), without what chance gives to it."""
        deviation = self.units.deviation(observed)
        if effect == "provider":
            return self._square(deviation, "provider") - self.units.chance.sum()
        inner = {"place": "provider", "delivery": "place in delivery"}[effect]
        return self._square(deviation, effect) - self._square(deviation, inner)

    def _square(self, values: np.ndarray, group: str) -> np.ndarray:
        return ((values @ self._groups[group]) ** 2).sum(axis=-1)

    def variances(self) -> dict[str, float]:
        """The variances of the effects that can be told, as the data give them; none below 0."""
        known = [name for name in EFFECTS if self.is_known[name]]
        if not known:
            return {}
        moments = {name: float(self.of(name, self.units.observed)) for name in known}
        matrix = np.array([[self.weights[row][column] for column in known] for row in known])
        solved = np.linalg.lstsq(matrix, np.array(list(moments.values())), rcond=None)[0]
        return {name: max(0.0, float(value)) for name, value in zip(known, solved, strict=True)}


def components(units: Units, seed: int = SEED) -> list[Component]:
    """The five shares, in the order of SOURCES."""
    moments = Moments(units)
    estimate = moments.variances()
    sizes = {
        name: confidence_sizes(moments, estimate, name, np.random.default_rng(seed))
        for name in estimate
    }
    fixed = _fixed_parts(units)
    weights = _weights(units)
    generator = np.random.default_rng(seed + 1)
    drawn = {name: generator.choice(each, DRAWS) ** 2 * weights[name] for name, each in sizes.items()}  # fmt: skip
    parts = fixed | {name: estimate[name] * weights[name] for name in estimate}
    whole = sum(parts.values())
    wholes = sum(fixed.values()) + sum(drawn.values(), np.zeros(DRAWS))
    found = []
    for source in SOURCES:
        if source not in parts or whole <= 0:
            found.append(Component(source, None))
            continue
        shares = drawn.get(source, np.full(DRAWS, parts[source])) / wholes
        low, high = np.quantile(shares, [0.025, 0.975])
        found.append(Component(source, parts[source] / whole, float(low), float(high)))
    return found


def confidence_sizes(
    moments: Moments, estimate: Mapping[str, float], effect: str, generator: np.random.Generator
) -> np.ndarray:
    """Standard deviations of one effect, spread as the data leave it open: the 2.5 % and 97.5 %
    quantiles are the ends of its 95 % interval.
    """
    units = moments.units
    others = sum(
        np.sqrt(variance) * _effects(units, name, generator)
        for name, variance in estimate.items() if name != effect
    )  # fmt: skip
    own = _effects(units, effect, generator)
    counts = generator.poisson(units.expected, (DRAWS, len(units.expected))) - units.expected
    noise = counts * np.sqrt(units.chance / units.expected)
    measured = float(moments.of(effect, units.observed))
    reached = []
    for size in SIZES:
        mean = np.maximum(0, 1 + others + size * own)
        drawn = units.expected * mean + noise * np.sqrt(mean)
        reached.append(float((moments.of(effect, drawn) >= measured).mean()))
    rising = np.maximum.accumulate(np.array(reached))
    levels = (np.arange(DRAWS) + 0.5) / DRAWS
    return np.interp(levels, rising, SIZES)


def _effects(units: Units, name: str, generator: np.random.Generator) -> np.ndarray:
    """Effects with variance 1 of each unit (column) in each world; 0 where it is unknown."""
    codes = units.codes[name]
    drawn = generator.standard_normal((DRAWS, max(codes.max(initial=0) + 1, 1)))
    return np.where(codes >= 0, drawn[:, np.maximum(codes, 0)], 0.0)


def _fixed_parts(units: Units) -> dict[str, float]:
    n = units.encounters
    risk = units.expected / n
    mean = units.expected.sum() / n.sum()
    return {
        "chance": float((units.chance / n).sum() / n.sum()),
        "case mix": float((n * (risk - mean) ** 2).sum() / n.sum()),
    }


def _weights(units: Units) -> dict[str, float]:
    """What a variance of 1 gives to the variance of the rates."""
    squares = units.expected**2 / units.encounters / units.encounters.sum()
    return {name: float(squares[codes >= 0].sum()) for name, codes in units.codes.items()}


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A code for each pair, -1 where one of both is unknown."""
    return np.where((one >= 0) & (other >= 0), one * (other.max(initial=0) + 1) + other, -1)


def _indicator(codes: np.ndarray) -> np.ndarray:
    """1 where a unit (row) is in a group (column)."""
    return (codes[:, None] == np.unique(codes[codes >= 0])[None, :]).astype(float)
