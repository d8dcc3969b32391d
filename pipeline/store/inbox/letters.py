"""Dead letters: messages that are no row of a source, until a person has decided what becomes of
them.
"""

from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.errors import InputRefused
from pipeline.store.inbox.messages import Arrived
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records, transaction

OF_POSITION = "stream, topic, partition, position"
COLUMNS = f"letter_id, {OF_POSITION}, kind, entity, reason, bytes, sent_at, stored_at, closed_at, closed_by, outcome, why"


@dataclass(frozen=True)
class Letter:
    """A dead letter without its content; `outcome` once it is closed: replayed or set aside."""

    letter_id: int
    stream: str
    topic: str
    partition: int
    position: int | str
    kind: str
    entity: str | None
    reason: str
    bytes: int
    sent_at: str | None
    stored_at: str
    closed_at: str | None
    closed_by: str | None
    outcome: str | None
    why: str | None

    @property
    def name(self) -> str:
        """What people call it."""
        return f"D{self.letter_id:05d}"

    @property
    def place(self) -> str:
        """Where it stood."""
        return f"{self.topic}, partition {self.partition}, offset {self.position}"


def newest(inbox: Connection, most: int, only_open: bool = True) -> list[Letter]:
    """The newest first."""
    return _letters(
        inbox,
        f"{'where closed_at is null' if only_open else ''} order by letter_id desc limit ?",
        most,
    )


def get(inbox: Connection, letter_id: int) -> Letter:
    """One letter; raises InputRefused when there is none of this number."""
    letters = _letters(inbox, "where letter_id = ?", letter_id)
    if not letters:
        raise InputRefused(
            "there is no such dead letter", f"D{letter_id:05d}", "see: stream letters"
        )
    return letters[0]


def content(inbox: Connection, letter_id: int) -> tuple[bytes | None, bytes | None]:
    """(key, value) as they came; None for what there is none of, or no more."""
    return inbox.execute(
        "select message_key, value from ops_dead_letters where letter_id = ?", (letter_id,)
    ).fetchone()


def open_by_reason(inbox: Connection) -> dict[tuple[str, str], int]:
    """(kind, reason) -> open letters."""
    rows = inbox.execute(
        "select kind, reason, count(*) from ops_dead_letters where closed_at is null "
        "group by kind, reason order by 3 desc"
    )
    return {(kind, reason): count for kind, reason, count in rows}


def replay(inbox: Connection, letter: Letter, message: Arrived, by: str, why: str) -> bool:
    """Close a letter and put its message among those that wait; False when it is closed already."""
    now = utc_now()
    with transaction(inbox):
        if not _close(inbox, letter.letter_id, "replayed", by, why, now):
            return False
        inbox.execute(
            f"insert into ops_stream_messages ({OF_POSITION}, entity, line, others, bytes, sent_at, stored_at) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(letter.stream, letter.topic, letter.partition, letter.position),
                *(message.entity, message.line, message.others, len(message.line)),
                *(letter.sent_at, now),
            ),
        )
    return True


def set_aside(inbox: Connection, letter_id: int, by: str, why: str) -> bool:
    """Close a letter without replaying it; its content goes. False when it is closed already."""
    with transaction(inbox):
        return _close(inbox, letter_id, "set aside", by, why, utc_now())


def _close(inbox: Connection, letter_id: int, outcome: str, by: str, why: str, now: str) -> bool:
    cursor = inbox.execute(
        "update ops_dead_letters set closed_at = ?, closed_by = ?, outcome = ?, why = ?, "
        "value = null, message_key = null where letter_id = ? and closed_at is null",
        (now, by, outcome, why, letter_id),
    )
    return cursor.rowcount == 1


def _letters(inbox: Connection, rest: str, *parameters: object) -> list[Letter]:
    rows = records(inbox, f"select {COLUMNS} from ops_dead_letters {rest}", parameters)
    return [Letter(**row) for row in rows]
