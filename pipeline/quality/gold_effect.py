"""What rows that would be promoted change in gold, counted: encounters, dollars and events of each
provider they touch.

Counts and sums are exact; as in gold, events of encounters that are too recent do not count. Ratios
are not foretold: an expected number of events depends on the rates of all providers, so the build
alone works it out; here stands whose ratio moves, and why.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.quality.what_if import Free, dollars
from pipeline.store.sqlite.statements import has_relation, records


@dataclass(frozen=True)
class ProviderEffect:
    """One provider whose numbers move: before (as published; 0 for one that is not in gold yet) and
    after. `counted` are the encounters whose outcome counts; `adverse_events` is None where it may
    not be told.
    """

    npi: str
    name: str
    encounters: tuple[int, int]
    paid_usd: tuple[float, float]
    adverse_events: tuple[int, int] | None
    counted: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class GoldEffect:
    """Providers that gain, most first; `procedures` whose reference rates take in new encounters or
    events, and how many providers in gold perform them, whose O/E therefore moves.
    """

    providers: tuple[ProviderEffect, ...] = ()
    procedures: tuple[str, ...] = ()
    providers_moved: int = 0


def of(connection: Connection, free: Free) -> GoldEffect:
    """The effect of rows set free; empty before gold was built."""
    if not has_relation(connection, "provider_scorecard"):
        return GoldEffect()
    gained: dict[str, list[Any]] = defaultdict(lambda: [0, 0.0, 0, 0])
    encounters = {row["encounter_id"]: row for row in free.get("encounters", [])}
    events = {row["encounter_id"] for row in free.get("adverse_events", [])}
    recent = _too_recent(connection, {*encounters, *events})
    for replaced in _promoted(connection, encounters):
        entry = gained[replaced["npi"]]
        entry[0] -= 1
        entry[1] -= dollars(replaced["paid_amount_usd"])
        if replaced["encounter_id"] not in recent:
            entry[2] -= replaced["events"]
            entry[3] -= 1
    for row in encounters.values():
        entry = gained[row["npi"]]
        entry[0] += 1
        entry[1] += dollars(row["paid_amount_usd"])
        entry[3] += row["encounter_id"] not in recent
    events_by_encounter = {
        row["encounter_id"]: row["events"] for row in _promoted(connection, encounters)
    }
    for encounter_id, had in events_by_encounter.items():
        gained[encounters[encounter_id]["npi"]][2] += had if encounter_id not in recent else 0
    procedures = {row["cpt"] for row in encounters.values()}
    elsewhere = {
        row["encounter_id"]: row for row in _promoted(connection, events - set(encounters))
    }
    for encounter_id in events:
        encounter = encounters.get(encounter_id) or elsewhere.get(encounter_id)
        if encounter is not None and not events_by_encounter.get(encounter_id):
            gained[encounter["npi"]][2] += encounter_id not in recent
            procedures.add(encounter["cpt"])
    names = {row["npi"]: row["provider_name"] for row in free.get("providers", [])}
    return GoldEffect(
        _providers(connection, gained, names),
        tuple(sorted(procedures - {None})),
        _performers(connection, procedures),
    )


def _providers(
    connection: Connection, gained: Mapping[str, list[Any]], names: Mapping[str, str]
) -> tuple[ProviderEffect, ...]:
    published = {
        row["npi"]: row
        for row in records(
            connection,
            "select scorecard.npi, provider_name, encounter_count, paid_sum_usd, adverse_event_count, mature_encounter_count "
            "from provider_scorecard as scorecard "
            "left join std_providers as provider on provider.npi = scorecard.npi "
            "where scorecard.npi in (select value from json_each(?))",
            (_listed(gained),),
        )
    }
    effects = []
    for npi, (encounters, paid, events, counted) in gained.items():
        before = published.get(
            npi,
            {
                "provider_name": names.get(npi) or npi,
                "encounter_count": 0,
                "paid_sum_usd": 0.0,
                "adverse_event_count": 0,
                "mature_encounter_count": 0,
            },
        )
        effects.append(
            ProviderEffect(
                npi,
                before["provider_name"] or npi,
                (before["encounter_count"], before["encounter_count"] + encounters),
                (
                    round(before["paid_sum_usd"] or 0.0, 2),
                    round((before["paid_sum_usd"] or 0.0) + paid, 2),
                ),
                (before["adverse_event_count"], before["adverse_event_count"] + events),
                (before["mature_encounter_count"], before["mature_encounter_count"] + counted),
            )
        )
    return tuple(
        sorted(
            effects, key=lambda effect: (effect.encounters[0] - effect.encounters[1], effect.npi)
        )
    )


def _promoted(connection: Connection, encounter_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Encounters in silver, each with its number of adverse events (0 or 1)."""
    return records(
        connection,
        "select encounter_id, npi, cpt, paid_amount_usd, exists (select 1 from promoted_adverse_events as event "
        "where event.encounter_id = encounter.encounter_id) as events from promoted_encounters as encounter "
        "where encounter_id in (select value from json_each(?))",
        (_listed(encounter_ids),),
    )


def _too_recent(connection: Connection, encounter_ids: Iterable[str]) -> set[str]:
    """Those of the encounters, waiting or not, that came after the newest one that counts."""
    if not has_relation(connection, "std_encounter_maturity"):
        return set()
    rows = connection.execute(
        "select encounter_id from dq_encounter_arrivals where encounter_id in (select value from json_each(?)) "
        "and first_load_seq > (select max(arrival.first_load_seq) from std_encounter_maturity as maturity "
        "inner join dq_encounter_arrivals as arrival on arrival.encounter_id = maturity.encounter_id "
        "where maturity.is_outcome_counted = 1)",
        (_listed(encounter_ids),),
    )
    return {encounter_id for (encounter_id,) in rows}


def _performers(connection: Connection, procedures: Iterable[str]) -> int:
    """Providers in gold with at least one of the procedures: one look into the index of the
    encounters for each.
    """
    (count,) = connection.execute(
        "select count(*) from provider_scorecard as scorecard where exists (select 1 from fct_encounter as encounter "
        "where encounter.npi = scorecard.npi and encounter.cpt in (select value from json_each(?)))",
        (_listed(procedures),),
    ).fetchone()
    return count


def _listed(values: Iterable[str | None]) -> str:
    return json.dumps([value for value in values if value is not None])
