"""Why a provider is offered, and what cannot be told, in the words of the person who talks to the
patient.
"""

from collections.abc import Sequence

from pipeline.services.providers.explain_providers import counted
from pipeline.services.referrals.choice_score import APART, NEAR_MILES, UNMEASURED

CONFIDENCE = {
    "high": "high: mostly the provider's own experience",
    "moderate": "moderate: about half the provider's own experience",
    "low": "low: mostly borrowed from all providers",
    "unknown": "unknown: too few done, or too few to show",
}
OUTCOMES = ("fewer than expected", "as expected", "more than expected")
COSTS = ("below that of peers", "like that of peers", "above that of peers")
FROM_AREA = "Distances are from the middle of the three-digit area; for those of a ZIP describe the patient."
NO_DISTANCE = "distance unknown"


def reasons(row, employer: str, similar: str | None, outcomes_unknown: str = "") -> tuple[str, ...]:
    """The reasons of one candidate (a row of `choice_score.ranked`); nothing of outcome or cost
    when it is not measured.

    A cell that is hidden on every page is not measured here either; `outcomes_unknown` says which
    source of outcomes is absent.
    """
    sentences = [f"in the network of {employer}"]
    if row.is_measured:
        sentences.append(f"{row.volume:,.0f} done to date")
    else:
        sentences.append("too few done, or too few to show, to judge outcome and cost")
    sentences.append(
        f"{similar} patients of this sex and about this age"
        if similar
        else "no patient of this sex and about this age"
    )
    if row.is_measured:
        sentences.append(
            "adverse events unknown"
            if outcomes_unknown
            else f"adverse events {_against(row.shrunken_ratio, row.shrunken_ratio_low, row.shrunken_ratio_high, OUTCOMES)}"
        )
        sentences.append(
            f"cost {_against(row.cost_index_shrunk, row.cost_index_low, row.cost_index_high, COSTS)}"
        )
    return (*sentences, distance(row.miles))


def compared(row) -> tuple[str, str, str]:
    """What was done to date, adverse events and cost of one candidate, for a table."""
    if not row.is_measured:
        return ("too few done, or too few to show", "unknown", "unknown")
    return (
        f"{row.volume:,.0f}",
        _against(row.shrunken_ratio, row.shrunken_ratio_low, row.shrunken_ratio_high, OUTCOMES),
        _against(row.cost_index_shrunk, row.cost_index_low, row.cost_index_high, COSTS),
    )


def distance(miles: float | None) -> str:
    """`36 miles away`; an unknown place is unknown, never near."""
    if miles is None or miles != miles:
        return NO_DISTANCE
    return "less than a mile away" if miles < 1 else f"{counted(round(miles), 'mile')} away"


def group(kind: int, size: int, outcomes_unknown: str = "") -> str:
    """What stands above the candidates of a group (`choice_score.TOGETHER`, `APART`,
    `UNMEASURED`); `outcomes_unknown` says which source of outcomes is absent.
    """
    if kind == UNMEASURED:
        return "Too few done, or too few to show, to judge outcome and cost: these come last, however near"
    if outcomes_unknown:
        return f"Not to be put in order, here the nearest first. {outcomes_unknown}"
    if kind == APART:
        return "Worse in outcome and cost than the best by more than chance, the nearest first"
    if size == 1:
        return "Nobody else with enough done is as good in outcome and cost, or may be"
    return (
        f"Nobody can tell these {size} apart in outcome and cost: choose by what the patient prefers, such as distance or "
        "appointment. The nearest come first"
    )


def access(
    employer: str, miles: Sequence[float], from_is_known: bool, supply_unknown: str = ""
) -> str:
    """How many candidates there are, and how near; `supply_unknown` says which source of
    candidates is absent.
    """
    if supply_unknown:
        return (
            f"Who in the network of {employer} performs this procedure is unknown. {supply_unknown}"
        )
    if not len(miles):
        return f"Nobody in the network of {employer} performs this procedure. Ask the network manager for an exception or another provider."
    count = counted(len(miles), "provider")
    known_miles = [mile for mile in miles if mile == mile]
    if not from_is_known:
        return f"{count} in the network of {employer}; how far they are nobody can tell, because no place is known for the patient."
    if not known_miles:
        return f"{count} in the network of {employer}; how far they are nobody can tell, because none of their places is known."
    near = sum(mile <= NEAR_MILES for mile in known_miles)
    lost = (
        f"; of {len(miles) - len(known_miles):,} the place is unknown"
        if len(known_miles) < len(miles)
        else ""
    )
    within = f"{near} within {NEAR_MILES} miles" if near else f"**none within {NEAR_MILES} miles**"
    return f"{count} in the network of {employer}, {within}; the nearest is {distance(min(known_miles))}{lost}."


def expected_cost(
    low: float | None, middle: float | None, high: float | None, supply_unknown: str = ""
) -> str:
    """What the procedure is likely to cost in this network; `supply_unknown` says which source of
    candidates is absent.
    """
    if supply_unknown:
        return "What it will cost is unknown."
    if any(amount is None or amount != amount for amount in (low, middle, high)):
        return "What it will cost cannot be told: too few encounters."
    return (
        f"Half of such procedures cost between ${low:,.0f} and ${high:,.0f} in this network (median ${middle:,.0f}); the basis of "
        "payment is unknown."
    )


def _against(value: float, low: float, high: float, words: tuple[str, str, str]) -> str:
    if any(figure is None or figure != figure for figure in (value, low, high)):
        return "cannot be compared"
    below, same, above = words
    return (
        f"{below if high < 1 else above if low > 1 else same} ({value:.2f}, {low:.2f}–{high:.2f})"
    )
