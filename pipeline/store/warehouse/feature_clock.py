"""The moments at which feature rows became known (`ops_feature_clock`)."""

from sqlite3 import Connection

from pipeline.store.sqlite.clock import latest_believable, second_after, utc_now
from pipeline.store.sqlite.statements import has_relation, quoted

#: What makes a table one of feature rows, and what of it is a time by our clock.
MOMENT, TIMES = "event_timestamp", ("event_timestamp", "created_at", "_source_high_watermark")


def wind(connection: Connection, watermark: str) -> None:
    """Set the moment that new feature rows carry: when the newest input became known, yet always
    after the moment before.

    What changes without newer input (another as-of day, another definition, a load in the same
    second) is known from now on, so that an answer about a moment that was settled by an earlier
    build never changes. Moments that this machine's clock has not reached were settled under a
    wrong clock: those rows are known from now on, in the order in which they were made.
    """
    last = turn_back(connection)
    now, known_at = utc_now(), watermark
    if last and watermark <= last:
        known_at = max(now, second_after(last))
    connection.execute("delete from ops_feature_clock")
    connection.execute(
        "insert into ops_feature_clock values (?, ?)", (known_at, max(now, known_at))
    )


def turn_back(connection: Connection) -> str | None:
    """Give rows that are known from a moment to come one that has come; returns the newest moment,
    None before the first.
    """
    newest, limit = newest_moment(connection), latest_believable()
    if newest is None or newest <= limit:
        return newest
    tables = _tables(connection)
    moments = {
        moment
        for table in tables
        for (moment,) in connection.execute(f"select distinct {MOMENT} from {quoted(table)}")
    }
    newest = max(utc_now(), *(moment for moment in moments if moment <= limit))
    for moment in sorted(moment for moment in moments if moment > limit):
        newest = second_after(newest)
        for table in tables:
            times = ", ".join(
                f"{name} = case when {name} > :limit then :newest else {name} end" for name in TIMES
            )
            connection.execute(
                f"update {quoted(table)} set {times} where {MOMENT} = :moment",
                {"limit": limit, "newest": newest, "moment": moment},
            )
    return newest


def newest_moment(connection: Connection) -> str | None:
    """The moment that the newest build gave its feature rows, None before the first."""
    if not has_relation(connection, "ops_feature_clock"):
        return None
    clock = connection.execute("select known_at from ops_feature_clock").fetchone()
    return clock[0] if clock else None


def _tables(connection: Connection) -> list[str]:
    """Tables that hold every version of their rows, each known from its moment on."""
    return [
        name
        for (name,) in connection.execute(
            "select tables.name from sqlite_master as tables where tables.type = 'table' and "
            "(select count(*) from pragma_table_info(tables.name) where name in ('row_version', ?)) = 2",
            (MOMENT,),
        )
    ]
