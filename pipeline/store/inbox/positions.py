"""How far each partition of a stream was read, what is missing between, and how the consumer is."""

from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.errors import InputRefused
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records, transaction
from pipeline.store.warehouse import load_origins

Place = tuple[str, int]


@dataclass(frozen=True)
class Partition:
    """One partition: the next position to read, `high` the end of its log when somebody looked
    last, `holes` positions without a message (a compacted log and transactions have them).
    """

    stream: str
    topic: str
    partition: int
    first_position: int
    next_position: int
    holes: int
    high: int | None
    looked_at: str | None
    last_sent_at: str | None

    @property
    def lag(self) -> int | None:
        """Messages that wait at the broker; None when nobody has looked."""
        return None if self.high is None else max(0, self.high - self.next_position)


@dataclass(frozen=True)
class Gap:
    """Messages that a broker had and has no more; `last_position` is None when it is not known."""

    gap_id: int
    stream: str
    topic: str
    partition: int
    first_position: int
    last_position: int | None
    what: str
    seen_at: str
    closed_at: str | None
    closed_by: str | None
    why: str | None

    @property
    def name(self) -> str:
        """What people call it."""
        return f"G{self.gap_id:05d}"


def partitions(inbox: Connection, stream: str | None = None) -> list[Partition]:
    """Every partition that was read, of one stream or of all."""
    rows = records(
        inbox,
        "select stream, topic, partition, first_position, next_position, holes, high, looked_at, "
        "last_sent_at from ops_stream_positions where ? is null or stream = ? "
        "order by stream, topic, partition",
        (stream, stream),
    )
    return [Partition(**row) for row in rows]


def begin(inbox: Connection, stream: str, starts: Mapping[Place, int]) -> None:
    """Note where partitions are read from that were never read before."""
    with transaction(inbox):
        inbox.executemany(
            "insert or ignore into ops_stream_positions "
            "(stream, topic, partition, first_position, next_position, holes) values (?, ?, ?, ?, ?, 0)",
            [(stream, *place, start, start) for place, start in starts.items()],
        )


def go_on_behind(inbox: Connection, warehouse: Connection) -> None:
    """Go on behind what is loaded, when loads were made of messages that this inbox has never had:
    it is an older copy, put back. Other messages would get numbers that loads speak of already, and
    pass for loaded.
    """
    (name,) = inbox.execute("select inbox_id from ops_inbox").fetchone()
    last_seq = load_origins.newest_seq(warehouse, name)
    with transaction(inbox):
        (newest,) = inbox.execute(
            "select coalesce(max(seq), 0) from sqlite_sequence where name = 'ops_stream_messages'"
        ).fetchone()
        if newest >= last_seq:
            return
        inbox.execute("delete from sqlite_sequence where name = 'ops_stream_messages'")
        inbox.execute("insert into sqlite_sequence values ('ops_stream_messages', ?)", (last_seq,))
        inbox.executemany(
            "update ops_stream_positions set next_position = max(next_position, ?) "
            "where stream = ? and topic = ? and partition = ?",
            [
                (following, *place)
                for place, following in load_origins.read_before(warehouse).items()
            ],
        )


def note_ends(inbox: Connection, stream: str, ends: Mapping[Place, int]) -> None:
    """Note where the logs of the broker end now."""
    now = utc_now()
    with transaction(inbox):
        inbox.executemany(
            "update ops_stream_positions set high = ?, looked_at = ? "
            "where stream = ? and topic = ? and partition = ?",
            [(end, now, stream, *place) for place, end in ends.items()],
        )


def gaps(inbox: Connection, only_open: bool = True) -> list[Gap]:
    """What is missing, oldest first."""
    where = "where closed_at is null" if only_open else ""
    return [
        Gap(**row)
        for row in records(
            inbox,
            "select gap_id, stream, topic, partition, first_position, last_position, what, seen_at, "
            f"closed_at, closed_by, why from ops_stream_gaps {where} order by gap_id",
        )
    ]


def note_gap(
    inbox: Connection, stream: str, place: Place, first: int, last: int | None, what: str
) -> None:
    """Note that messages are gone; a partition has one open gap at most, which grows."""
    with transaction(inbox):
        inbox.execute(
            "insert into ops_stream_gaps (stream, topic, partition, first_position, last_position, "
            "what, seen_at) values (?, ?, ?, ?, ?, ?, ?) "
            "on conflict (stream, topic, partition) where closed_at is null "
            "do update set last_position = excluded.last_position",
            (stream, *place, first, last, what, utc_now()),
        )


def open_gap(inbox: Connection, gap_id: int) -> Gap:
    """One gap that nobody has decided; raises InputRefused when there is no such."""
    found = [gap for gap in gaps(inbox) if gap.gap_id == gap_id]
    if not found:
        raise InputRefused("there is no such open gap", f"G{gap_id:05d}", "see: stream status")
    return found[0]


def close_gap(inbox: Connection, gap_id: int, by: str, why: str) -> Gap:
    """Let a partition go on behind its gap. Where the log begins anew, it is read from its
    beginning. Raises InputRefused when there is no such open gap.
    """
    with transaction(inbox):
        gap = open_gap(inbox, gap_id)
        inbox.execute(
            "update ops_stream_gaps set closed_at = ?, closed_by = ?, why = ? where gap_id = ?",
            (utc_now(), by, why, gap_id),
        )
        if gap.last_position is None:
            # not deleted: a partition that was never read goes on behind what is loaded of it
            inbox.execute(
                "update ops_stream_positions set first_position = 0, next_position = 0, holes = 0, high = null "
                "where stream = ? and topic = ? and partition = ?",
                (gap.stream, gap.topic, gap.partition),
            )
            # what came before has the numbers that come again
            for table in ("ops_stream_messages", "ops_dead_letters"):
                inbox.execute(
                    f"update {table} set stream = stream || ? "
                    "where stream = ? and topic = ? and partition = ?",
                    (f" before {gap.name}", gap.stream, gap.topic, gap.partition),
                )
        else:
            inbox.execute(
                "update ops_stream_positions set next_position = max(next_position, ?) "
                "where stream = ? and topic = ? and partition = ?",
                (gap.last_position + 1, gap.stream, gap.topic, gap.partition),
            )
    return gap


def note_state(inbox: Connection, state: str, why: str = "") -> None:
    """Note how the consumer is: reading, full or stopped, and why."""
    with transaction(inbox):
        inbox.execute(
            "insert into ops_stream_state values (1, ?, ?, ?) on conflict (only) do update set "
            "state = excluded.state, why = excluded.why, seen_at = excluded.seen_at",
            (state, why, utc_now()),
        )


def state(inbox: Connection) -> tuple[str, str, str] | None:
    """(state, why, when it was noted); None before the first consumer."""
    return inbox.execute("select state, why, seen_at from ops_stream_state").fetchone()
