"""What a screen tells of an effect on gold: no number of events by which the outcome of fewer than
eleven encounters, or that of a hidden provider, could be told.
"""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.config import Settings
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.small_counts import is_few
from pipeline.quality.gold_effect import GoldEffect, ProviderEffect
from pipeline.services.tables.visible import hidden_cells


def shown_effect(settings: Settings, gold: GoldEffect) -> GoldEffect:
    """The effect with the events of such providers None."""
    hidden = hidden_cells(settings).of(("npi",))
    return replace(
        gold,
        providers=tuple(
            each
            if _may_be_told(each, (each.npi,) in hidden)
            else replace(each, adverse_events=None)
            for each in gold.providers
        ),
    )


def shown_sources(rows: Mapping[str, int]) -> dict[str, int]:
    """Rows that wait or would be promoted together, by source, without the adverse events beside
    one to ten encounters: they would be the outcomes of these.
    """
    few = is_few(rows.get("encounters", 0))
    return {name: count for name, count in rows.items() if not (few and name == "adverse_events")}


def _may_be_told(effect: ProviderEffect, is_hidden: bool) -> bool:
    """Events before and after are those of so many encounters, and their difference of those that
    come or leave.
    """
    before, after = effect.counted
    if is_hidden or after < SMALLEST_CELL or is_few(before):
        return False
    return not is_few(abs(after - before)) and not is_few(
        abs(effect.encounters[1] - effect.encounters[0])
    )
