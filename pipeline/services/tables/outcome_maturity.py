"""Encounters that are too recent for their adverse events to count, in words. No source carries a
date, so deliveries are the clock.
"""

from pipeline.config import Settings
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.why import absent_sources
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse.maturity import Maturity, of_encounters

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

OUTCOME_SOURCES = ("adverse_events",)


def sentence(settings: Settings) -> str:
    """What is left out of every comparison of adverse events; empty where nothing is, and where
    outcomes are unknown altogether.
    """
    return in_words(_counts(settings)) if not why_unknown(settings) else ""


def why_unknown(settings: Settings) -> str:
    """Why no outcome is known: the source that is absent, or that all encounters are too recent;
    empty where outcomes are known, and before the first build.
    """
    if not warehouse_exists(settings):
        return ""
    with open_bookkeeping(settings) as connection:
        absent = absent_sources.reasons(absent_sources.of_sources(connection, OUTCOME_SOURCES))
    if absent:
        return absent
    maturity = _counts(settings)
    if maturity.encounters and not maturity.counted:
        return (
            f"All {maturity.encounters:,} encounters are too recent to count: no adverse events were "
            "delivered after them."
        )
    return ""


def in_words(maturity: Maturity) -> str:
    """The sentence of these counts."""
    left_out = maturity.encounters - maturity.counted
    if left_out:
        verb = "is" if left_out == 1 else "are"
        return (
            f"{left_out:,} of {maturity.encounters:,} encounters {verb} too recent to count: adverse events "
            "may still arrive with the next delivery. Rates and expected events leave them out, "
            "costs and volumes do not."
        )
    if maturity.encounters and not maturity.is_confirmed:
        return (
            "No later delivery of adverse events has come yet: all encounters count, and events of "
            "any of them may still arrive."
        )
    return ""


def _counts(settings: Settings) -> Maturity:
    if not warehouse_exists(settings):
        return Maturity()
    with open_warehouse(settings) as connection:
        return of_encounters(connection)
