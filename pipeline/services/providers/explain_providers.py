"""What a provider's numbers mean, in sentences that a care navigator can read out.

Pure functions of numbers of gold; nothing is computed here that a table does not hold. Outcomes of
fewer than eleven encounters are never told, whoever asks.
"""

import math
from collections.abc import Iterable
from typing import TypeGuard

from pipeline.privacy.masking import SMALLEST_CELL

#: Reliability from which a number may be used on its own; below it the sentence says that it is
#: mostly borrowed.
RELIABLE = 0.7
OVER_TO_DATE = "over all deliveries, as no source carries a date"
CHANCE = "That is what chance alone gives."
ALONE = "Nobody else treats such patients here, so there is nothing to compare with."
HARDLY_ANYBODY = (
    "Hardly anybody else treats such patients, so chance tells nothing of this difference."
)
#: Probability of finding something that is told as a number.
HARDLY = 0.01
#: Expected events from which none at all would be remarkable, had others enough such patients.
REMARKABLE = 4.0
VERDICTS = {
    (
        "high",
        "95",
    ): "That is more than expected, yet chance alone gives so many to about 1 in 40 such providers: look at the patients "
    "before concluding.",
    (
        "high",
        "99.8",
    ): "That is more than chance explains: about 1 in 1,000 providers with such patients or fewer would have so many.",
    (
        "low",
        "95",
    ): "That is fewer than expected, yet chance alone gives so few to about 1 in 40 such providers.",
    (
        "low",
        "99.8",
    ): "That is fewer than chance explains: about 1 in 1,000 providers with such patients or fewer would have so few.",
}


def counted(number: float, singular: str, plural: str | None = None) -> str:
    """`1 encounter`, `1,204 encounters`."""
    return f"{number:,.0f} {singular if number == 1 else plural or singular + 's'}"


def percent(share: float) -> str:
    """A share as whole per cent; what is not nothing is not told as 0 %, nor what is not all as
    100 %.
    """
    if 0 < share < 0.005 or 0.995 < share < 1:
        return "under 1 %" if share < 0.5 else "over 99 %"
    return f"{share * 100:.0f} %"


def outcome(
    n: int,
    observed: float | None,
    expected: float | None,
    verdict_95: str | None,
    verdict_998: str | None,
    why_unknown: str = "",
    recent: int = 0,
    is_alone: bool = False,
) -> str:
    """Adverse events among `n` encounters beside those expected of the same patients, and whether
    chance explains the difference; `why_unknown` says which source of outcomes is absent, `recent`
    how many more encounters are too recent to count. Who is alone in its procedures (`is_alone`)
    is compared with nobody.

    The verdicts are those of gold (exact mid-P). An empty `observed` with enough encounters is
    hidden on purpose.
    """
    if n < SMALLEST_CELL <= n + recent and not why_unknown:
        return (
            f"{counted(n, 'encounter')} old enough to count, {recent:,} too recent: too few to show an "
            f"outcome (at least {SMALLEST_CELL} are needed)."
        )
    if n + recent < SMALLEST_CELL:
        return f"{counted(n + recent, 'encounter')}: too few to show an outcome (at least {SMALLEST_CELL} are needed)."
    if why_unknown:
        return f"The outcome is unknown. {why_unknown}"
    if not _is_known(observed):
        return "The outcome is hidden, because with it that of a smaller group could be worked out."
    if is_alone:
        return f"{_events(observed, n, recent)}. {ALONE}"
    if not _is_known(expected) or expected == 0:
        return f"{_events(observed, n, recent)}; no expectation exists for these patients, so there is nothing to compare with."
    meaning = _meaning(verdict_95, verdict_998, expected)
    return f"{_events(observed, n, recent)}; {expected:,.1f} were expected for these patients. {meaning}"


def power(n: int, probability: float | None) -> str:
    """How likely the 95 % limits find a provider of `n` encounters whose patients have twice the
    odds of an adverse event; empty where that is not told.
    """
    if not _is_known(probability):
        return ""
    doubled = f"With {counted(n, 'encounter')}, odds of an adverse event twice those of the same patients elsewhere"
    if probability < HARDLY:
        return f"{doubled} could hardly be found (above the 95 % limits: a probability below 0.01)."
    return (
        f"{doubled} would be found (above the 95 % limits) with a probability of {probability:.2f}."
    )


def estimate(
    ratio: float | None, low: float | None, high: float | None, reliability: float | None
) -> str:
    """The shrunken ratio with its interval and how much of it is the provider's own experience."""
    if not (_is_known(ratio) and _is_known(low) and _is_known(high) and _is_known(reliability)):
        return "No estimate can be shown."
    return (
        f"Best estimate: {ratio:.2f} times the expected adverse events, probably between {low:.2f} and {high:.2f}; "
        f"{percent(reliability)} of it is the provider's own experience, the rest is borrowed from all providers."
    )


def cost(
    n: int,
    index: float | None,
    shrunk: float | None,
    reliability: float | None,
    is_alone: bool = False,
) -> str:
    """Amounts paid beside what the same procedures cost elsewhere, and whether that can be relied
    on; who is alone in its procedures (`is_alone`) is compared with nobody.
    """
    if is_alone:
        return "Costs cannot be compared: nobody else does this here."
    if n < SMALLEST_CELL or not (_is_known(index) and _is_known(shrunk)):
        return "Costs cannot be compared: too few encounters with an amount."
    if not _is_known(reliability) or reliability == 0:
        return f"Costs {_beside(index)}, but nothing is known about how reliable that is."
    if reliability < RELIABLE:
        return (
            f"Costs {_beside(index)}, but too few encounters to be sure (reliability {percent(reliability)}); allowing for that they "
            f"are probably {_difference(shrunk)} elsewhere."
        )
    return f"Costs {_beside(shrunk)}, on enough encounters to rely on (reliability {percent(reliability)})."


def cost_reliance(reliable: int, compared: int, providers: int) -> str:
    """Whether any cost index can be relied on; `compared` of all `providers` have enough encounters
    to show.
    """
    if providers == 1:
        return "There is one provider, so costs cannot be compared."
    of_all = f"of {counted(compared, 'provider')} with enough encounters to show"
    if not compared:
        return "No cost index can be shown: too few encounters."
    if not reliable:
        return (
            f"No cost index is reliable: {of_all} none reaches a reliability of {percent(RELIABLE)}. "
            "Differences on this picture are mostly chance; do not choose by cost."
        )
    verb = "is" if reliable == 1 else "are"
    return f"{reliable:,} {of_all} {verb} reliable in cost (at least {percent(RELIABLE)})."


def volume(n: int, minimum: int) -> str:
    """Encounters to date beside the volume minimum."""
    if n >= minimum:
        return f"{counted(n, 'encounter')} to date reach the volume minimum of {minimum} ({OVER_TO_DATE})."
    return f"{counted(n, 'encounter')} to date, {minimum - n} short of the volume minimum of {minimum} ({OVER_TO_DATE})."


def case_mix(index: float | None) -> str:
    """How much harder these patients are than those of all providers."""
    if not _is_known(index):
        return "The case mix cannot be compared."
    points = round((index - 1) * 100)
    if points == 0:
        return "As many adverse events are expected of these patients as of all patients."
    return f"{abs(points)} % {'more' if points > 0 else 'fewer'} adverse events are expected of these patients than of all patients."


def difference_between_providers(parameters: dict[str, float], why_unknown: str = "") -> str:
    """Whether providers differ at all beyond chance, with the variance between them, as estimated
    and as used; `why_unknown` says which source of outcomes is absent.
    """
    if why_unknown:
        return f"Whether providers differ is unknown. {why_unknown}"
    chance, variance, used = (
        parameters.get(name) for name in ("heterogeneity_p", "tau2_hat", "tau2_used")
    )
    if not (_is_known(chance) and _is_known(variance) and _is_known(used)):
        return (
            "Whether providers differ cannot be told: these outcomes leave nothing to compare."
            if parameters.get("units", 0) > 1
            else "Too few providers to tell whether they differ."
        )
    if parameters.get("has_evidence_of_difference"):
        sentence = "Providers differ by more than chance."
    else:
        sentence = (
            "There is no evidence that providers differ: chance alone spreads them this much. Choose among them by network, distance "
            "and experience, not by outcome."
        )
    spread, mean = "none" if variance <= 0 else f"{variance:.3f}", f"{used:.3f}"
    if used <= variance or mean == spread:
        return f"{sentence} Estimated variance between providers: {spread}."
    return (
        f"{sentence} Estimated variance between providers: {spread}; {mean} is used, the mean of what the data leave possible, "
        "for it cannot be negative."
    )


def _events(observed: float, n: int, recent: int) -> str:
    events = "No adverse event" if observed == 0 else counted(observed, "adverse event")
    more = f" ({recent:,} more too recent to count)" if recent else ""
    return f"{events} among {counted(n, 'encounter')}{more}"


def _meaning(verdict_95: str | None, verdict_998: str | None, expected: float) -> str:
    for verdict, limit in ((verdict_998, "99.8"), (verdict_95, "95")):
        if verdict is not None and (verdict, limit) in VERDICTS:
            return VERDICTS[verdict, limit]
    if verdict_95 != "in" and expected >= REMARKABLE:
        return HARDLY_ANYBODY
    return (
        CHANCE
        if verdict_95 == "in"
        else f"{CHANCE} With so few expected, not even zero would be remarkable."
    )


def _difference(index: float) -> str:
    points = round((index - 1) * 100)
    if points == 0:
        return "the same as"
    return f"{abs(points)} % {'above' if points > 0 else 'below'} those"


def _beside(index: float) -> str:
    points = round((index - 1) * 100)
    if points == 0:
        return "are what the same procedures cost elsewhere"
    return f"are {abs(points)} % {'above' if points > 0 else 'below'} what the same procedures cost elsewhere"


def flags_by_chance(probabilities: Iterable[float | None]) -> str:
    """How many of several providers chance alone would flag, and how likely it flags any; takes the
    probability of each (`flag_probability_95` or `_998`), none for a provider without one.
    """
    known = [share for share in probabilities if _is_known(share)]
    if not known:
        return ""
    anybody = 1 - math.prod(1 - share for share in known)
    return (
        f"Were all providers alike, chance would put {sum(known):.1f} of these "
        f"{counted(len(known), 'provider')} outside on average, and at least one with a probability of about "
        f"{percent(anybody)}."
    )


def chance_worlds(
    worlds: int, providers: int, as_spread: int, limits: str, outside: int, as_many_outside: int
) -> str:
    """How many of the worlds in which chance alone acts look like the data, or worse."""
    beyond = (
        f"{as_many_outside:,} put {outside:,} or more of them outside the {limits} limits"
        if outside
        else f"nobody is outside the {limits} limits here"
    )
    return (
        f"Of {worlds:,} chance worlds with your volumes and patients (the adverse events of each procedure, age and sex dealt at "
        f"random) {as_spread:,} spread these {counted(providers, 'provider')} as much as here or more; {beyond}."
    )


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)
