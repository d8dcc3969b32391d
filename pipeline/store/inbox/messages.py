"""What came in by streams: messages that wait for a drain, in the order in which they came.

A batch of messages, its dead letters and the positions up to which each partition was read are
written in one transaction; so after any kind of end the consumer goes on exactly behind what stands
here.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import days_ago, utc_now
from pipeline.store.sqlite.statements import records, transaction
from pipeline.store.warehouse.load_origins import Range

#: How long the content of a drained message is kept: a backup that copies the warehouse before a
#: drain and the inbox after it holds the message in one of the two.
KEPT_DAYS = 1.0
#: How long it is known which messages came, so that a broker may send one again.
KNOWN_DAYS = 31.0
Place = tuple[str, int]


@dataclass(frozen=True)
class Arrived:
    """A message as it came: where it stood, of which source it is, its content as one line of JSON
    in ASCII, and how many columns of it the source does not declare.
    """

    topic: str
    partition: int
    position: int | str
    entity: str
    line: str
    others: int
    sent_at: str | None


@dataclass(frozen=True)
class DeadLetter:
    """A message that is no row of a source: why (never a value of it), and its bytes as they came.

    `kind`: poison, or tombstone for a message without content.
    """

    topic: str
    partition: int
    position: int | str
    kind: str
    entity: str | None
    reason: str
    key: bytes | None
    value: bytes | None
    sent_at: str | None


@dataclass(frozen=True)
class Waiting:
    """A message that waits for a drain."""

    seq: int
    stream: str
    topic: str
    partition: int
    position: int | str
    line: str
    others: int


def inbox_id(inbox: Connection) -> str:
    """The name of this inbox; another file has another one."""
    return inbox.execute("select inbox_id from ops_inbox").fetchone()[0]


def store(
    inbox: Connection,
    stream: str,
    messages: Sequence[Arrived],
    letters: Sequence[DeadLetter],
    positions: Mapping[Place, int],
) -> int:
    """Write a batch in one transaction; `positions`: (topic, partition) -> where to go on. What is
    known already is left out. Returns how many messages and letters are new.
    """
    now = utc_now()
    with transaction(inbox):
        before = inbox.total_changes
        inbox.executemany(
            "insert or ignore into ops_stream_messages "
            "(stream, topic, partition, position, entity, line, others, bytes, sent_at, stored_at) "
            "select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 where not exists (select 1 from ops_dead_letters "
            "where stream = ?1 and topic = ?2 and partition = ?3 and position = ?4)",
            (
                (
                    *(stream, each.topic, each.partition, each.position),
                    *(each.entity, each.line, each.others, len(each.line), each.sent_at, now),
                )
                for each in messages
            ),
        )
        fresh = inbox.total_changes - before
        add_letters(inbox, stream, letters, now)
        fresh_letters = inbox.total_changes - before - fresh
        every: list[Arrived | DeadLetter] = [*messages, *letters]
        came = Counter((each.topic, each.partition) for each in every)
        sent: dict[Place, str] = {}
        for each in every:
            place = each.topic, each.partition
            sent[place] = max(sent.get(place, ""), each.sent_at or "")
        inbox.executemany(
            "update ops_stream_positions set holes = holes + max(0, ?1 - next_position - ?2), "
            "next_position = max(next_position, ?1), "
            "last_sent_at = nullif(max(?3, coalesce(last_sent_at, '')), '') "
            "where stream = ?4 and topic = ?5 and partition = ?6",
            [
                (following, came[place], sent.get(place, ""), stream, *place)
                for place, following in positions.items()
            ],
        )
        inbox.execute(
            "insert into ops_stream_minutes values (?, ?, ?) on conflict (minute) do update set "
            "messages = messages + excluded.messages, letters = letters + excluded.letters",
            (now[:16], fresh, fresh_letters),
        )
    return fresh + fresh_letters


def add_letters(inbox: Connection, stream: str, letters: Iterable[DeadLetter], now: str) -> None:
    """Append dead letters inside the caller's transaction; known ones stay as they are."""
    inbox.executemany(
        "insert or ignore into ops_dead_letters (stream, topic, partition, position, kind, entity, "
        "reason, message_key, value, bytes, sent_at, stored_at) "
        "select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 where not exists "
        "(select 1 from ops_stream_messages "
        "where stream = ?1 and topic = ?2 and partition = ?3 and position = ?4)",
        (
            (
                *(stream, each.topic, each.partition, each.position, each.kind, each.entity),
                *(each.reason, each.key, each.value),
                *(len(each.key or b"") + len(each.value or b""), each.sent_at, now),
            )
            for each in letters
        ),
    )


def waiting_bytes(inbox: Connection) -> int:
    """Bytes of the messages that wait for a drain, and of dead letters that wait for a person."""
    return inbox.execute(
        "select (select coalesce(sum(bytes), 0) from ops_stream_messages where drained_at is null) + "
        "(select coalesce(sum(bytes), 0) from ops_dead_letters where closed_at is null)"
    ).fetchone()[0]


def newest_seq(inbox: Connection) -> int:
    """The number of the message that came last, 0 before the first."""
    return inbox.execute("select coalesce(max(seq), 0) from ops_stream_messages").fetchone()[0]


def waiting(inbox: Connection, entity: str, up_to: int) -> Generator[Waiting, None, None]:
    """The messages of a source that wait, oldest first, up to the number `up_to`."""
    cursor = inbox.execute(
        "select seq, stream, topic, partition, position, line, others from ops_stream_messages "
        "where drained_at is null and entity = ? and seq <= ? order by seq",
        (entity, up_to),
    )
    try:
        for row in cursor:
            yield Waiting(*row)
    finally:
        cursor.close()


def first_waiting(inbox: Connection) -> dict[str, int]:
    """Source -> the number of its oldest message that waits."""
    return dict(
        inbox.execute(
            "select entity, min(seq) from ops_stream_messages where drained_at is null group by entity"
        ).fetchall()
    )


def acknowledge(inbox: Connection, load_id: str, origin: Range) -> None:
    """Mark the messages that a load was made of; they are not drained again."""
    with transaction(inbox):
        inbox.execute(
            "update ops_stream_messages set drained_at = ?, load_id = ? "
            "where drained_at is null and entity = ? and seq between ? and ?",
            (utc_now(), load_id, origin.entity, origin.first_seq, origin.last_seq),
        )


def tidy(inbox: Connection) -> None:
    """Forget the content of messages that were drained a day ago, and later that they came."""
    with transaction(inbox):
        inbox.execute(
            "update ops_stream_messages set line = null where line is not null and drained_at < ?",
            (days_ago(KEPT_DAYS),),
        )
        inbox.execute(
            "delete from ops_stream_messages where drained_at < ? and line is null",
            (days_ago(KNOWN_DAYS),),
        )


def forget(inbox: Connection, origin: Range, load_id: str) -> None:
    """Take the content of a load's messages out, inside the caller's transaction."""
    inbox.execute(
        "update ops_stream_messages set line = null, load_id = ?, drained_at = coalesce(drained_at, ?) "
        "where entity = ? and seq between ? and ? and coalesce(load_id, ?) = ?",
        (load_id, utc_now(), origin.entity, origin.first_seq, origin.last_seq, load_id, load_id),
    )


def by_source(inbox: Connection) -> dict[str, int]:
    """Source -> messages that wait for a drain."""
    return dict(
        inbox.execute(
            "select entity, count(*) from ops_stream_messages where drained_at is null "
            "group by entity order by entity"
        ).fetchall()
    )


def minutes(inbox: Connection, most: int) -> list[dict[str, Any]]:
    """Messages and dead letters by minute (UTC), the newest first."""
    return records(
        inbox,
        "select minute, messages, letters from ops_stream_minutes order by minute desc limit ?",
        (most,),
    )
