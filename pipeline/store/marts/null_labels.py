"""Labels that are chance, for a copy of a warehouse that an audit attacks."""

import random
from sqlite3 import Connection

from pipeline.store.sqlite.statements import transaction

#: Where a label may move: to any encounter of its delivery, or to one of the same risk cell there.
KINDS = {"delivery": "", "risk cell": ", cells.cpt, cells.age_band, cells.sex"}
#: Before the names of moved events, until all have moved: the key is unique at every moment.
MARK = "\x01"


def permute(connection: Connection, kind: str, seed: int) -> int:
    """Give each adverse event of silver to a random encounter of the same stratum (`KINDS`), each
    encounter at most one; returns the events. An event keeps the load that brought it.
    """
    chance = random.Random(seed)
    strata: dict[tuple[object, ...], list[str]] = {}
    for encounter_id, *stratum in connection.execute(
        f"select cells.encounter_id, encounters._load_id{KINDS[kind]} from int_encounter_risk_cell as cells "
        "join std_encounters as encounters using (encounter_id) order by cells.encounter_id"
    ):
        strata.setdefault(tuple(stratum), []).append(encounter_id)
    moved: dict[str, str] = {}
    for encounters in strata.values():
        moved |= dict(zip(encounters, chance.sample(encounters, len(encounters)), strict=True))
    events = [row for (row,) in connection.execute("select encounter_id from std_adverse_events")]
    with transaction(connection):
        connection.executemany(
            "update std_adverse_events set encounter_id = ? where encounter_id = ?",
            [(f"{MARK}{moved[event]}", event) for event in events if event in moved],
        )
        connection.execute(
            "update std_adverse_events set encounter_id = substr(encounter_id, 2) "
            "where substr(encounter_id, 1, 1) = ?",
            (MARK,),
        )
    return len(events)
