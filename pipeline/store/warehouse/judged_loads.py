"""Loads as builds know them: in force, judged by the last build, waiting for the next one."""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import latest_believable
from pipeline.store.sqlite.statements import column_types, has_relation, records, relation_names


def active_loads(connection: Connection) -> list[dict[str, Any]]:
    """Loads in force, oldest first: load_id, entity, sha256, date_order, words, gate, loaded_at."""
    return records(
        connection,
        f"select load_id, entity, sha256, date_order, {_words(connection, 'ops_loads')}, gate, loaded_at from ops_loads "
        "where status = 'loaded' order by load_seq",
    )


def judged_loads(connection: Connection) -> list[dict[str, Any]]:
    """Loads in force as the last landing zone saw them, oldest first: load_id, sha256,
    date_order, words.
    """
    return records(
        connection,
        f"select load_id, sha256, ops_judged_loads.date_order, {_words(connection, 'ops_judged_loads')} "
        "from ops_loads join ops_judged_loads using (load_id) "
        "where ops_judged_loads.status = 'loaded' order by load_seq",
    )


def _words(connection: Connection, table: str) -> str:
    """SQL for the column `words`, which a home of an older version has after its next build."""
    return f"{table}.words" if "words" in column_types(connection, table) else "null as words"


#: Columns of a load by which its rows are judged otherwise when they change.
STATED_OF_LOADS = {"gate", "date_order", "words"}


def last_load_change(connection: Connection) -> tuple[str | None, str | None]:
    """When the newest load in force arrived (the newest of all when none is in force), and when a
    load last arrived, was undone or came back (UTC); None on an empty home.

    What was undone leaves no day behind, and a moment that this machine's clock has not reached is
    none at which anything changed.
    """
    # a home of an older version has not this column before its next load
    known = column_types(connection, "ops_loads").keys()
    redone_at = "redone_at" if "redone_at" in known else "null"
    return connection.execute(
        f"""select coalesce(max(loaded_at) filter (where status = 'loaded'), max(loaded_at)),
            coalesce(
                max(
                    max(loaded_at) filter (where loaded_at <= :limit),
                    coalesce(max(undone_at) filter (where undone_at <= :limit), ''),
                    coalesce(max({redone_at}) filter (where {redone_at} <= :limit), '')
                ),
                max(loaded_at)
            )
        from ops_loads""",
        {"limit": latest_believable()},
    ).fetchone()


def loads_from_the_future(connection: Connection) -> list[tuple[str, str]]:
    """Loads in force (load id, UTC) that came later than this machine's clock can say."""
    return connection.execute(
        "select load_id, loaded_at from ops_loads where status = 'loaded' and loaded_at > ? "
        "order by load_seq",
        (latest_believable(),),
    ).fetchall()


def quarantined_shares(
    connection: Connection, entities: Sequence[str], gate_rule: str
) -> dict[str, float]:
    """Load id -> share (0 to 1) of its rows that a rule other than the gate's own holds back."""
    shares: dict[str, float] = {}
    for entity in entities:
        if not has_relation(connection, f"row_verdicts_{entity}"):
            continue
        shares.update(
            connection.execute(
                f"""select _load_id, 1.0 * sum(_status = 'quarantined' and exists (
                    select 1 from json_each(_failed) where json_extract(value, '$.action') = 'quarantine'
                    and json_extract(value, '$.rule') <> ?)) / count(*)
                from row_verdicts_{entity} group by _load_id""",
                (gate_rule,),
            ).fetchall()
        )
    return shares


def passed_loads(connection: Connection) -> set[str]:
    """Loads that an earlier build let through the gate."""
    return {
        load_id
        for (load_id,) in connection.execute(
            "select load_id from ops_judged_loads where status = 'loaded' and coalesce(gate, 'open') <> 'held'"
        )
    }


def loads_waiting(connection: Connection) -> int:
    """Loads that came, went, were released or got another order of day and month, or other words,
    since the last build.
    """
    relations = set(relation_names(connection))
    if "ops_loads" not in relations:
        return 0
    if "ops_judged_loads" not in relations:
        return connection.execute(
            "select count(*) from ops_loads where status = 'loaded'"
        ).fetchone()[0]
    # a home of an older version has not all of these columns before its next build
    stated = column_types(connection, "ops_loads").keys() & STATED_OF_LOADS
    changed = [
        f"judged.{name} is not loads.{name}"
        for name in sorted(stated & column_types(connection, "ops_judged_loads").keys())
    ]
    return connection.execute(
        "select count(*) from ops_loads as loads left join ops_judged_loads as judged using (load_id) "
        "where (judged.load_id is null and loads.status = 'loaded') or judged.status <> loads.status "
        f"or judged.load_id is not null and ({' or '.join(changed)})"
    ).fetchone()[0]


def held_loads(connection: Connection) -> list[str]:
    """Ids of the loads that wait at the gate."""
    return [
        load_id
        for (load_id,) in connection.execute(
            "select load_id from ops_loads where status = 'loaded' and gate = 'held' order by load_seq"
        )
    ]


def loads_in_tables(connection: Connection) -> set[str]:
    """Loads whose rows the last landing zone took in, whatever became of them since."""
    if not has_relation(connection, "ops_judged_loads"):
        return set()
    judged = connection.execute("select load_id from ops_judged_loads where status = 'loaded'")
    return {load_id for (load_id,) in judged}
