"""What may have moved the checks between two runs: deliveries and decisions, with their moments."""

import pandas as pd

from pipeline.config import Settings
from pipeline.services.access.roles import SEE, needs
from pipeline.services.deliveries import deliveries
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control

DELIVERY, DECISIONS = "delivery", "decisions"
#: Characters of a UTC text up to its hour.
TO_THE_HOUR = 13


@needs(SEE)
def marks(settings: Settings) -> pd.DataFrame:
    """A row a delivery, and a row for the decisions of an hour, at the last of them: `at` (UTC
    text), `kind` and `label` in words without a name; oldest first.
    """
    came = [
        (each.came_at, DELIVERY, f"delivery {each.delivery_id}")
        for each in deliveries.deliveries(settings)
    ]
    with open_control(settings) as control:
        made = [str(each["created_at"]) for each in decisions.trail(control)]
    by_hour: dict[str, list[str]] = {}
    for at in made:
        by_hour.setdefault(at[:TO_THE_HOUR], []).append(at)
    decided = [
        (max(each), DECISIONS, f"{len(each):,} decision{'s' if len(each) > 1 else ''}")
        for each in by_hour.values()
    ]
    return pd.DataFrame(sorted(came + decided), columns=["at", "kind", "label"])
