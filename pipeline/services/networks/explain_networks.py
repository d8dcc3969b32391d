"""What the numbers of a network mean, in sentences: savings with their uncertainty, places, what
nobody can place.
"""

from collections.abc import Sequence

from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers.explain_providers import counted

NAMES_SHOWN = 4
GAPS = {
    "no_option": "nobody in the network performs the procedure",
    "none_nearby": "nobody within 25 miles",
    "one_nearby": "one provider within 25 miles",
    "distance_unknown": "a place is unknown, so no distance can be told",
    "none": "two or more providers within 25 miles",
}


def saving(low: float | None, middle: float | None, high: float | None, verdict: str) -> str:
    """What sending referrals to the recommended providers would save, and whether that can be told
    from nothing.
    """
    if (
        verdict == "not_measured"
        or low is None
        or middle is None
        or high is None
        or any(_missing(amount) for amount in (low, middle, high))
    ):
        return "Cannot be told: too few encounters in this network."
    span = f"between {_dollars(low)} and {_dollars(high)}"
    if low > 0:
        return f"Probably saves {_dollars(middle)}, {span}."
    if high < 0:
        return f"Probably costs {_dollars(-middle)} more, {span}."
    return f"No saving can be told from chance: {_dollars(middle)}, {span}."


def place(zip5: str, names: Sequence[str], encounters: int | None) -> str:
    """Who is at a ZIP: some names and what they did, None for unknown."""
    more = len(names) - NAMES_SHOWN
    listed = "<br>".join([*names[:NAMES_SHOWN], *([f"and {more} more"] if more > 0 else [])])
    performing = counted(encounters, "encounter") if encounters else "none performed"
    if encounters is None:
        performing = "encounters unknown"
    return f"ZIP {zip5}: {counted(len(names), 'provider')}, {performing}<br>{listed}"


def referrals(number: int) -> str:
    """A number of referrals; small ones are not told."""
    return (
        counted(number, "referral")
        if number >= SMALLEST_CELL
        else f"fewer than {SMALLEST_CELL} referrals"
    )


def unplaced(providers: int, referral_count: int) -> str:
    """Whom the map cannot show; empty when it shows all."""
    parts = [counted(providers, "provider")] if providers else []
    parts += [referrals(referral_count)] if referral_count else []
    return (
        f"Not on the map, because nobody knows where their ZIP lies: {' and '.join(parts)}."
        if parts
        else ""
    )


def _dollars(amount: float) -> str:
    return f"{'−' if round(amount) < 0 else ''}${abs(amount):,.0f}"


def _missing(value: float | None) -> bool:
    return value is None or value != value
