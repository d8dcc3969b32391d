"""What the numbers of a network mean, in sentences: savings with their uncertainty, places, what
nobody can place.
"""

import math
from collections.abc import Sequence

import pandas as pd

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

#: Verdicts that rest on an interval.
JUDGED = ("saving", "extra_cost", "not_distinguishable_from_zero")
#: Verdict on a saving -> how it stands in a table.
VERDICTS = {
    "saving": "saves",
    "extra_cost": "costs more",
    "not_distinguishable_from_zero": "cannot be told from chance",
    "not_measured": "too few encounters",
}
NOTHING_MOVES, UNKNOWN = "nothing would move", "unknown"


def verdict(low: float | None, high: float | None, told: str | None) -> str:
    """The verdict on a saving in a few words. An interval without any width says that no referral
    would go elsewhere, which is another thing than a precise estimate.
    """
    if told is None or told != told:
        return UNKNOWN
    return NOTHING_MOVES if _nothing(low, high) else VERDICTS.get(told, UNKNOWN)


def together(savings: pd.DataFrame) -> str:
    """All savings (rows of employer_savings_opportunity with `in_short`) in one sentence.

    Networks share providers, so the half-widths of one procedure are added up, as if its savings
    rose and fell together; those of procedures, which share no encounter, as independent ones.
    """
    judged = savings[savings["in_short"].isin([VERDICTS[name] for name in JUDGED])]
    still = int((savings["in_short"] == NOTHING_MOVES).sum())
    none_moves = f" In {counted(still, 'more pair')} nothing would move." if still else ""
    if judged.empty:
        return f"No saving can be judged here.{none_moves}"
    pairs, total = len(judged), len(savings)
    told = judged["in_short"].value_counts()
    of = f"the {pairs:,} pairs" if pairs > 1 else "the one pair"
    of += " of employer and procedure that can be judged"
    of += f" (of {total:,})" if total > pairs else ""
    better, worse = (int(told.get(VERDICTS[name], 0)) for name in ("saving", "extra_cost"))
    if not better and not worse:
        first = f"In none of {of} can a saving be told from chance"
    else:
        first = f"In {better} of {of} a saving can be told from chance"
        first += f", in {worse} an extra cost" if worse else ""
    middle = float(judged["saving_usd"].sum())
    half = (judged["saving_high_usd"] - judged["saving_low_usd"]) / 2
    spread = math.sqrt((half.groupby(judged["cpt"]).sum() ** 2).sum())
    amounts = f"{_dollars(middle)} ({_dollars(middle - spread)} to {_dollars(middle + spread)})"
    return f"{first}; {'together ' if pairs > 1 else ''}{amounts}.{none_moves}"


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
    if _nothing(low, high):
        return "Nothing would move: patients already go to whom the score recommends."
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


def _nothing(low: float | None, high: float | None) -> bool:
    """Whether an interval is 0 without any width, but for what numbers lose at their ends."""
    return all(limit is not None and abs(limit) < 0.005 for limit in (low, high))


def _missing(value: float | None) -> bool:
    return value is None or value != value
