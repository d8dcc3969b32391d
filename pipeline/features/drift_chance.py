"""What chance gives when a feature did not change, for samples of any size: exact tests, and how
far beyond its reference a value may lie.
"""

import math

import numpy as np

#: Two shares of at most so many values are compared exactly.
EXACT = 2_000
#: Multiples of the largest distance in the reference beyond which values are counted.
FENCES = (1.5, 3.0, 10.0, 30.0)
#: Share of the distances, farthest first, from which the law of their tail is read, how many they
#: must be at least, and the share of changes, farthest first, that is judged and not read.
TAIL, LEAST_TAIL, JUDGED = 0.1, 10, 0.03
#: An entity moved far when its value was multiplied or divided by this, or by these powers of it.
FAR = 10.0
FAR_STEPS = (1.0, 1.5, 1.99)
#: A ratio is that of a slipped decimal point when it is 10, 100 or 1,000 (or one by it) but for
#: this; with how many others each value of the reference is compared.
TOLERANCE = 1e-6
POWERS = (1, 2, 3)
ROLLS = 50


def sign_p(rose: int, fell: int) -> float:
    """Chance that of entities that moved so many or more moved one way, when up and down are
    equally likely (two-sided, exact up to 1,000 entities).
    """
    moved, most = rose + fell, max(rose, fell)
    if not moved:
        return 1.0
    if moved > 1000:
        z = (most - 0.5 - moved / 2) / math.sqrt(moved / 4)
        return min(1.0, math.erfc(z / math.sqrt(2)))
    return min(1.0, 2 * sum(math.comb(moved, k) for k in range(most, moved + 1)) / 2**moved)


def two_shares_p(before: int, before_of: int, now: int, now_of: int) -> float:
    """Chance of two shares at least as far apart when they are one (Fisher's exact test, twice the
    smaller tail).
    """
    total, marked = before_of + now_of, before + now

    def tail(low: int, high: int) -> float:
        base = _ln_choose(total, marked)
        return sum(
            math.exp(_ln_choose(now_of, k) + _ln_choose(before_of, marked - k) - base)
            for k in range(max(low, marked - before_of), min(high, now_of, marked) + 1)
        )

    return min(1.0, 2 * min(tail(0, now), tail(now, marked)))


def ks_p_value(statistic: float, before: int, now: int) -> float:
    """Chance of a distance at least this large when nothing changed (asymptotic, Stephens 1970);
    too large when values repeat.
    """
    root = math.sqrt(before * now / (before + now))
    scaled = (root + 0.12 + 0.11 / root) * statistic
    if scaled < 0.2:
        return 1.0
    terms = ((-1) ** (place - 1) * math.exp(-2 * place**2 * scaled**2) for place in range(1, 101))
    return float(min(1.0, max(0.0, 2 * sum(terms))))


def categories_p_value(before: np.ndarray, now: np.ndarray) -> float:
    """Chance of the category whose share moved least by chance, times the categories; `before` and
    `now` are counts of one list of categories. 1 above `EXACT` values.
    """
    old, new = int(before.sum()), int(now.sum())
    if old + new > EXACT:
        return 1.0
    pairs = zip(before, now, strict=True)
    return min(1.0, len(before) * min(two_shares_p(int(a), old, int(b), new) for a, b in pairs))


def far_values(before: np.ndarray, now: np.ndarray) -> tuple[int, float]:
    """How many values of `now` lie far beyond all of `before`, and the chance of it when nothing
    changed; (0, 1.0) when none does.

    Order alone bounds the chance, whatever the distribution is; for a smaller one the tail of the
    reference is taken for a power law, the heaviest
    that its farthest tenth allows (Hill), with the uncertainty of its exponent. Distances are from
    the median, and where all values are above zero those of logarithms as well; the smallest chance
    of all is multiplied by how many were looked at.
    """
    scales = [(before, now)]
    if before.min(initial=1) > 0 and now.min(initial=1) > 0:
        scales.append((np.log(before), np.log(now)))
    looks = []
    for reference, values in scales:
        middle = np.median(reference)
        known = np.sort(np.abs(reference - middle))
        distances = np.abs(values - middle)
        for multiple in FENCES:
            fence = multiple * known[-1]
            count = int((distances > fence).sum())
            by_tail = _at_least_p(len(distances), count, _beyond(known, fence))
            looks.append((min(_order_p(len(known), len(distances), count), by_tail), count))
    return _smallest(looks)


def far_changes(before: np.ndarray, now: np.ndarray) -> tuple[int, float]:
    """How many entities moved far (`FAR`), farther than the changes of the others allow, and the
    chance of it; both arrays hold the same entities in one order. (0, 1.0) when none did, or where
    values are not above zero.

    Two laws are read, each as a power law: that of the changes, from the farthest tenth of the
    logarithms of their ratios without those that are judged, and that of the values, as if each
    entity had got the value of any other.
    """
    usable = (before > 0) & (now > 0)
    size = int(usable.sum())
    judged = max(1, math.ceil(JUDGED * size))
    if size - judged < 1:
        return 0, 1.0
    values = np.log(before[usable])
    ratios = np.log(now[usable]) - values
    moved = np.sort(np.abs(ratios - np.median(ratios)))
    spread = np.sort(np.abs(values - np.median(values)))
    cut, looks = moved[: size - judged], []
    for count in sorted({1, 2, 3, math.ceil(judged / 3), judged}):
        if count <= judged and moved[-count] >= math.log(FAR):
            beyond = _beyond(cut, moved[-count], censored=judged)
            looks.append((_at_least_p(size, count, beyond), count))
    for step in FAR_STEPS:
        # two values lie so far apart only where one of them lies half as far from the middle
        far = step * math.log(FAR)
        count, beyond = int((moved >= far).sum()), 2 * _beyond(spread, far / 2)
        looks.append((_at_least_p(size, count, beyond) if count else 1.0, count))
    return _smallest(looks)


def slipped_points(before: np.ndarray, now: np.ndarray) -> tuple[int, float]:
    """How many entities have ten, a hundred or a thousand times the value that they had, or that
    part of it, and the chance that so many ratios of those that moved so far are there; both arrays
    hold the same entities in one order. (0, 1.0) when none is.

    Counts and shares of few have such ratios among different entities as well: the chance is not
    below what the values of the reference show of one another.
    """
    is_far, is_power = _powers_of_ten(before, now)
    far, count = int(is_far.sum()), int(is_power.sum())
    if not count:
        return 0, 1.0
    # a ratio falls into twice the tolerance around one of so many places of a logarithm
    one = TOLERANCE * 4 * len(POWERS) / math.log(10)
    others = [_powers_of_ten(before, np.roll(before, k)) for k in range(1, min(len(before), ROLLS))]
    others_far = sum(int(pair[0].sum()) for pair in others)
    if others_far:
        one = max(one, sum(int(pair[1].sum()) for pair in others) / others_far)
    return count, _at_least_p(far, count, one)


def _powers_of_ten(before: np.ndarray, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which values moved by about ten times or more, and which of them by a power of ten."""
    usable = before * now > 0
    tens = np.log10(now[usable] / before[usable])
    places = np.round(tens)
    is_far = np.abs(tens) > 0.5
    is_power = np.abs(tens - places) * math.log(10) <= TOLERANCE
    return is_far, is_far & is_power & (np.abs(places) <= POWERS[-1])


def _smallest(looks: list[tuple[float, int]]) -> tuple[int, float]:
    """Count and chance of the least likely look, its chance times the number of looks."""
    counted = [look for look in looks if look[1]]
    if not counted:
        return 0, 1.0
    p, count = min(counted, key=lambda look: (look[0], -look[1]))
    return count, min(1.0, p * len(looks))


def _order_p(before: int, now: int, count: int) -> float:
    """Chance that the `count` farthest of both samples are all of the second."""
    return math.exp(
        sum(math.log(now - place) - math.log(now + before - place) for place in range(count))
    )


def _beyond(distances: np.ndarray, fence: float, censored: int = 0) -> float:
    """Chance of one value beyond the fence by the tail of the sorted distances, of which the
    `censored` farthest are left out; 1 where the tail is too small to be read.
    """
    whole = len(distances) + censored
    size = math.ceil(TAIL * whole)
    tail = distances[len(distances) - (size - censored) :] if size > censored else distances[:0]
    known = len(tail) - 1
    if known + 1 < LEAST_TAIL or not 0 < tail[0] < fence:
        return 1.0
    spread = float(np.log(tail / tail[0]).sum() + censored * math.log(tail[-1] / tail[0]))
    if not spread:
        return 1.0
    return size / whole * (1 + math.log(fence / tail[0]) / spread) ** -known


def _at_least_p(size: int, count: int, chance: float) -> float:
    """Chance of `count` or more of `size` when each comes with `chance` (Chernoff's bound)."""
    share = count / size
    if chance >= share:
        return 1.0
    if not chance:
        return 0.0
    rest = 0.0 if share == 1 else (1 - share) * math.log((1 - share) / (1 - chance))
    return math.exp(-size * (share * math.log(share / chance) + rest))


def _ln_choose(size: int, part: int) -> float:
    return math.lgamma(size + 1) - math.lgamma(part + 1) - math.lgamma(size - part + 1)
