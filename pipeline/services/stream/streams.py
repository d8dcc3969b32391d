"""Messages of brokers: read them into the inbox, drain that into loads, and look after what is no
row.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Settings
from pipeline.declared.message_schema import message_schema
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.limits import Limits
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate import drain as draining
from pipeline.orchestrate.lock import hold_file, hold_lock, holder_of
from pipeline.services.access import audit
from pipeline.services.access.roles import DECIDE, OPERATE, SEE, needs
from pipeline.services.quarantine import audit_text
from pipeline.store.inbox import letters, messages, positions
from pipeline.store.inbox.letters import Letter
from pipeline.store.inbox.messages import Arrived
from pipeline.store.inbox.positions import Gap, Partition
from pipeline.store.sqlite.database import open_inbox
from pipeline.store.sqlite.home_files import prepare_home
from pipeline.stream.address import open_sender, open_source
from pipeline.stream.consume import Consumed, consume, most_bytes
from pipeline.stream.judge import TOMBSTONE, judge
from pipeline.stream.publish import Published
from pipeline.stream.publish import publish as publish_file
from pipeline.stream.source import Message

#: Minutes over which a rate is told.
RATE_MINUTES = 5
LETTERS_SHOWN = 100


@dataclass(frozen=True)
class StreamStatus:
    """How the streams are. `state`: reading, full, cut off, stopped or never started, with `why`;
    `waiting` are messages by source that wait for a drain; they and the dead letters are
    `waiting_bytes`, of at most `room_bytes`; `per_second` is over the last minutes; `lag` is None
    when a broker did not tell.
    """

    state: str
    why: str
    seen_at: str | None
    partitions: tuple[Partition, ...]
    gaps: tuple[Gap, ...]
    waiting: dict[str, int]
    waiting_bytes: int
    room_bytes: int
    dead_letters: int
    tombstones: int
    reasons: dict[str, int]
    per_second: float
    last_message_at: str | None
    lag: int | None

    @property
    def is_good(self) -> bool:
        """Whether nobody has to look: no gap, no dead letter, and room in the inbox."""
        return not (self.gaps or self.dead_letters or self.tombstones or self.state == "full")


@needs(OPERATE)
def run(
    settings: Settings,
    address: str = "",
    idle_seconds: float | None = None,
    is_once: bool = False,
    heard: Callable[[Consumed], None] | None = None,
) -> Consumed:
    """Read messages into the inbox until nothing came for `idle_seconds`, or once what is there, or
    for ever. A build of the warehouse holds up nothing of it.

    Raises InputRefused for an address that is none, PipelineBusy while another process reads,
    PipelineError when the broker cannot be reached.
    """
    prepare_home(settings)
    with hold_file(settings.home / "stream.lock", "stream run"):
        source = open_source(settings, address)
        try:
            return consume(settings, source, idle_seconds, is_once, heard)
        finally:
            source.close()


@needs(OPERATE)
def drain(settings: Settings, wait_seconds: float | None = None) -> list[LoadResult]:
    """Load what waits in the inbox: one load a source, which keeps to the rules as a file does.
    Waits for a build to end, by default as long as the settings say. Raises PipelineBusy when the
    pipeline stays busy.
    """
    patience = settings.wait_seconds if wait_seconds is None else wait_seconds
    with hold_lock(settings, "stream drain", patience):
        return list(draining.drain(settings))


@needs(SEE)
def status(settings: Settings) -> StreamStatus:
    """How the streams are, as far as the inbox knows; the broker is not asked."""
    room = settings.stream_inbox_mb * 1024 * 1024
    if not settings.inbox_path.exists():
        return StreamStatus(
            *("never started", "", None, (), (), {}, 0, room, 0, 0, {}, 0.0, None, None)
        )
    with open_inbox(settings) as inbox:
        told = positions.state(inbox)
        partitions = tuple(positions.partitions(inbox))
        gaps = tuple(positions.gaps(inbox))
        reasons = letters.open_by_reason(inbox)
        waiting, size = messages.by_source(inbox), messages.waiting_bytes(inbox)
        per_second = _rate(messages.minutes(inbox, RATE_MINUTES + 1))
    state, why, seen_at = told or ("never started", "", None)
    if state != "stopped" and told and holder_of(settings.home / "stream.lock") is None:
        state, why = "stopped", "the consumer ended without a word; start it again"
    lags = [each.lag for each in partitions if each.lag is not None]
    tombstones = sum(count for (kind, _), count in reasons.items() if kind == TOMBSTONE)
    return StreamStatus(
        state,
        why,
        seen_at,
        partitions,
        gaps,
        waiting,
        size,
        room,
        sum(reasons.values()) - tombstones,
        tombstones,
        {reason: count for (_, reason), count in reasons.items()},
        per_second,
        max((each.last_sent_at for each in partitions if each.last_sent_at), default=None),
        sum(lags) if lags else None,
    )


@needs(SEE)
def dead_letters(settings: Settings, only_open: bool = True) -> list[Letter]:
    """The newest dead letters, without what they hold."""
    if not settings.inbox_path.exists():
        return []
    with open_inbox(settings) as inbox:
        return letters.newest(inbox, LETTERS_SHOWN, only_open)


@needs(DECIDE)
def content(settings: Settings, name: str) -> tuple[Letter, str]:
    """A dead letter and what it holds, bytes that are no text escaped. Who has read it is in the
    audit trail. Raises InputRefused.
    """
    with open_inbox(settings) as inbox:
        letter = letters.get(inbox, _number(name, "D"))
        _, value = letters.content(inbox, letter.letter_id)
    audit.record(settings, "stream letter", letter.name, {"topic": letter.topic})
    return letter, (value or b"").decode("utf-8", "backslashreplace")


@needs(DECIDE)
def replay(
    settings: Settings,
    name: str,
    repaired: bytes | None = None,
    source: str | None = None,
    reason: str = "",
    by: str | None = None,
) -> Letter | LoadResult:
    """A dead letter (D00001) once more, as it came or `repaired`, as a row of `source` where its
    topic names none: it waits for the next drain. A load that was taken back (L00001): its messages
    become a load again.

    Raises InputRefused when it is still no row, and says why.
    """
    by = audit_text.author(by)
    if name.startswith("L"):
        with hold_lock(settings, f"replay {name}", settings.wait_seconds):
            result = draining.replay_load(settings, name, by)
            audit.record(settings, "stream replay", name, {"load": result.load_id, "author": by})
        return result
    why = audit_text.words(reason)
    with open_inbox(settings) as inbox:
        letter = _open_letter(inbox, name)
        _, value = letters.content(inbox, letter.letter_id)
        judged = judge(
            Message(
                *(letter.topic, letter.partition, letter.position, None),
                repaired if repaired is not None else value,
                source or letter.entity,
            ),
            most_bytes(settings),
        )
        if not isinstance(judged, Arrived):
            raise InputRefused(
                f"is still no row: {judged.reason}", letter.name, "repair it: --file FILE"
            )
        detail = {"source": judged.entity, "repaired": repaired is not None, "author": by}
        audit.record(settings, "stream replay", letter.name, detail | {"reason": why})
        if not letters.replay(inbox, letter, judged, by, why):
            raise InputRefused("was decided meanwhile", letter.name, "see: stream letters")
        return letters.get(inbox, letter.letter_id)


@needs(DECIDE)
def close(settings: Settings, name: str, reason: str, by: str | None = None) -> Letter | Gap:
    """Set a dead letter or tombstone aside (D00001; what it holds is forgotten), or let a partition
    go on behind a gap (G00001). Raises InputRefused without a reason.
    """
    reason, by = audit_text.reason(reason), audit_text.author(by)
    detail = {"reason": reason, "author": by}
    with open_inbox(settings) as inbox:
        if name.startswith("G"):
            gap = positions.open_gap(inbox, _number(name, "G"))
            audit.record(settings, "stream close", gap.name, detail)
            return positions.close_gap(inbox, gap.gap_id, by, reason)
        letter = _open_letter(inbox, name)
        audit.record(settings, "stream close", name, detail | {"kind": letter.kind})
        if not letters.set_aside(inbox, letter.letter_id, by, reason):
            raise InputRefused("was decided meanwhile", letter.name, "see: stream letters")
        return letters.get(inbox, letter.letter_id)


@needs(OPERATE)
def publish(
    settings: Settings, paths: Sequence[str | Path], address: str = "", source: str | None = None
) -> list[Published]:
    """Send the rows of files as messages, one a row. Raises InputRefused for a file that is none of
    the sources, PipelineError when the broker does not take them.
    """
    files = [Path(path).expanduser().resolve() for path in paths]
    sender = open_sender(settings, address)
    return [publish_file(file, sender, Limits.of(settings), source) for file in files]


def schema(source: str) -> dict:
    """JSON Schema of the messages of a source; raises InputRefused for an unknown one."""
    contract = load_contracts().get(source)
    if contract is None:
        raise InputRefused("unknown source", source, f"sources: {', '.join(load_contracts())}")
    return message_schema(contract)


def _open_letter(inbox, name: str) -> Letter:
    letter = letters.get(inbox, _number(name, "D"))
    if letter.outcome is not None:
        raise InputRefused(f"was {letter.outcome} already", letter.name, "see: stream letters")
    return letter


def _number(name: str, letter: str) -> int:
    digits = name.removeprefix(letter)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 15):
        raise InputRefused("names nothing", name, "give D00001, G00001 or L00001")
    return int(digits)


def _rate(minutes: list[dict]) -> float:
    """Messages a second in the last whole minutes."""
    now = time.time()
    wanted = {
        time.strftime("%Y-%m-%dT%H:%M", time.gmtime(now - 60 * back))
        for back in range(1, RATE_MINUTES + 1)
    }
    came = sum(row["messages"] + row["letters"] for row in minutes if row["minute"] in wanted)
    return round(came / (60 * RATE_MINUTES), 1)
