"""What the files of the tray would do to rows that wait already, said before anybody loads them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import SourceContract
from pipeline.quality import arrivals, gold_effect, what_if
from pipeline.quality.gold_effect import GoldEffect, ProviderEffect
from pipeline.quality.told_events import ENCOUNTERS, EVENTS, KEY
from pipeline.quality.what_if import Free, Released
from pipeline.services.quarantine.shown_effect import shown_effect, told_events
from pipeline.store.sqlite.database import Database, open_warehouse


@dataclass(frozen=True)
class Releases:
    """`released` are waiting rows that the next build would promote, with what they change in
    `gold`; `replaced` waiting rows give way to a version that came. `is_least`: not every row was
    judged.
    """

    released: Released = Released()
    gold: GoldEffect = GoldEffect()
    replaced: int = 0
    is_least: bool = False


def of(
    settings: Settings,
    bench: Database,
    contracts: Mapping[str, SourceContract],
    replaced: Mapping[str, set[str]],
    is_least: bool,
    are_blocks: bool = False,
) -> Releases:
    """The effect of what was judged on the `bench` on rows that wait; `replaced` has for each
    source that came and would pass the gate the ids of waiting rows that give way.

    Events of encounters that come in these files are not counted, be there one or none: two files
    that differ by one encounter would tell its outcome. Where what comes `are_blocks`, loads as
    they once came of so many encounters each that their events may be counted, they are.
    """
    arrived: Free = {}
    for entity in replaced:
        arrived |= arrivals.arrived(bench, contracts, entity)
    leaving = set().union(*replaced.values())
    with open_warehouse(settings) as connection:
        free = what_if.followers(connection, contracts, arrived, leaving)
        free = free if are_blocks else _without_events_of(arrived, free)
        told = told_events(connection)
        gold = shown_effect(settings, gold_effect.of(connection, free), told.untold(free))
    released = what_if.released(free, told)
    leaves_out = released.leaves_out or ENCOUNTERS in replaced and not are_blocks
    return Releases(replace(released, leaves_out=leaves_out), gold, len(leaving), is_least)


def _without_events_of(arrived: Free, free: Free) -> Free:
    """What is free without the events of encounters that arrive."""
    coming = {row[KEY] for row in arrived.get(ENCOUNTERS, ())}
    return free | {
        EVENTS: [row for row in free.get(EVENTS, ()) if row[KEY] not in coming],
    }


def record(releases: Releases) -> dict[str, Any]:
    """As plain data, for a file; see `read`."""
    return asdict(releases)


def read(plain: Mapping[str, Any]) -> Releases:
    """What `record` wrote."""
    gold = plain["gold"]
    providers = tuple(
        ProviderEffect(
            each["npi"],
            each["name"],
            tuple(each["encounters"]),
            tuple(each["paid_usd"]),
            # what an earlier version wrote was not looked at
            tuple(each["adverse_events"]) if each["adverse_events"] and "counted" in each else None,
            tuple(each.get("counted", (0, 0))),
        )
        for each in gold["providers"]
    )
    return Releases(
        Released(**plain["released"]),
        GoldEffect(providers, tuple(gold["procedures"]), gold["providers_moved"]),
        plain["replaced"],
        plain["is_least"],
    )
