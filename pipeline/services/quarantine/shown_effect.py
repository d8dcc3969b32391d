"""What a screen tells of rows that wait and of an effect on gold: no number of events by which the
outcome of fewer than eleven encounters, or that of a hidden provider, could be told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.small_counts import is_few
from pipeline.quality import told_events as quality_told_events
from pipeline.quality.gold_effect import GoldEffect, ProviderEffect
from pipeline.quality.told_events import ENCOUNTERS, EVENTS, ToldEvents
from pipeline.quality.what_if import Free
from pipeline.services.tables.visible import hidden_cells
from pipeline.store.sqlite.database import Database


def told_events(connection: Database) -> ToldEvents:
    """Which events are counted beside encounters that wait."""
    return quality_told_events.of_waiting(connection, load_contracts(), SMALLEST_CELL)


def events_of_loads(own: Free, orphans: Free) -> ToldEvents:
    """Which events are counted beside promoted encounters that would leave: a load is a block."""
    blocks = [(row["encounter_id"], row["_load_id"]) for row in own.get(ENCOUNTERS, ())]
    blocks += [(row["encounter_id"], None) for row in orphans.get(ENCOUNTERS, ())]
    return ToldEvents(blocks, SMALLEST_CELL)


def rows_told(connection: Database, waiting: Mapping[str, int]) -> dict[str, int]:
    """Rows that wait by source, without events that would tell of few encounters."""
    if not waiting.get(EVENTS):
        return dict(waiting)
    uncounted = quality_told_events.waiting_uncounted(connection, load_contracts(), SMALLEST_CELL)
    return {**waiting, EVENTS: waiting[EVENTS] - uncounted}


def shown_effect(
    settings: Settings, gold: GoldEffect, untold: Iterable[Mapping[str, Any]] = ()
) -> GoldEffect:
    """The effect with the events of such providers None, and of those with an encounter among the
    rows whose events are `untold`.
    """
    hidden = hidden_cells(settings).of(("npi",))
    few = {row["npi"] for row in untold}
    return replace(
        gold,
        providers=tuple(
            each
            if _may_be_told(each, (each.npi,) in hidden or each.npi in few)
            else replace(each, adverse_events=None)
            for each in gold.providers
        ),
    )


def _may_be_told(effect: ProviderEffect, is_hidden: bool) -> bool:
    """Events before and after are those of so many encounters, their difference of those that come
    or leave, and those among these that are too recent to count.
    """
    before, after = effect.counted
    came, counted = effect.encounters[1] - effect.encounters[0], after - before
    if is_hidden or after < SMALLEST_CELL or is_few(before):
        return False
    return not any(is_few(abs(number)) for number in (came, counted, came - counted))
