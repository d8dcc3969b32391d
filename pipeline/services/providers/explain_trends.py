"""Trends over deliveries in sentences."""

from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers.explain_providers import counted, percent
from pipeline.services.providers.trends import DRAWS, FALSE_ALARM, FOLLOWED, SEED, Trends


def no_trend(deliveries: int) -> str:
    """Why nothing is drawn."""
    if deliveries < 2:
        return "Encounters that count came with one delivery; a trend needs two."
    return f"No provider has two steps of {SMALLEST_CELL} encounters whose outcome may be shown."


def finding(found: Trends) -> str:
    """How many reached a limit, beside how many would by chance."""
    alarms = found.providers["alarm"]
    by_chance = float(found.providers["by_chance"].sum())
    return (
        f"Of {counted(len(alarms), 'provider')}, {int(alarms.str.contains('more').sum())} reached the limit of more adverse "
        f"events and {int(alarms.str.contains('fewer').sum())} that of fewer, in any of the steps so far. Chance alone brings "
        f"{by_chance:.1f} of them to a limit on average."
    )


def method(found: Trends) -> str:
    """What the lines are, and what they leave out."""
    one = (
        f" {counted(found.one_step, 'provider')} with too few encounters for a second step."
        if found.one_step
        else ""
    )
    return (
        f"Each delivery adds what its adverse events say for odds twice (or half) those that the case mix predicts; below 0 the "
        f"sum begins anew. The limit of each provider is the lowest that at most {percent(FALSE_ALARM)} of {DRAWS:,} series reach in "
        f"which chance alone acts on its own patients (seed {SEED}), for either direction. Only encounters old enough to count, of "
        f"procedures whose outcome is shown, at the {FOLLOWED} largest providers; deliveries are put together until a step has "
        f"{SMALLEST_CELL} encounters and no smaller number can be worked out.{' Left out:' + one if one else ''}"
    )
