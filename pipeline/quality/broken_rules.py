"""Which rules the rows of loads break, counted load by load."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.sqlite.statements import has_relation


@dataclass(frozen=True)
class BrokenRule:
    """A rule and what it does with a row that breaks it (quarantine, flag or fix)."""

    rule_id: str
    action: str


def by_load(
    connection: Connection, loads: Mapping[str, Collection[str]]
) -> dict[str, Counter[BrokenRule]]:
    """Load -> rule -> rows of it that break the rule, as the last build judged them; `loads` are
    load ids by source. A row that breaks a rule in two columns counts once.
    """
    counts: dict[str, Counter[BrokenRule]] = {}
    for entity, load_ids in loads.items():
        if not has_relation(connection, f"row_verdicts_{entity}"):
            continue
        # rows that fail alike are counted once a group
        for load_id, failed, rows in connection.execute(
            f"select _load_id, _failed, count(*) from row_verdicts_{entity} where _failed <> '[]' "
            "and _load_id in (select value from json_each(?)) group by 1, 2",
            (json.dumps(list(load_ids)),),
        ):
            broken = {BrokenRule(each["rule"], each["action"]) for each in json.loads(failed)}
            of_load = counts.setdefault(load_id, Counter())
            of_load.update(dict.fromkeys(broken, rows))
    return counts
