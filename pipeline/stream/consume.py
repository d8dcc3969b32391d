"""From a broker into the inbox: batch after batch, each in one transaction with the positions
behind it, so that killing the consumer at any moment neither repeats nor skips a message.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from pipeline.config import Settings
from pipeline.errors import PipelineError
from pipeline.ingest.limits import Limits
from pipeline.store.inbox import messages as inbox_messages
from pipeline.store.inbox import positions
from pipeline.store.inbox.messages import Arrived, DeadLetter
from pipeline.store.sqlite.database import Database, open_inbox, open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import load_origins
from pipeline.stream.judge import judge
from pipeline.stream.source import Place, Source

#: A batch is one transaction: so many messages, and about so many bytes, at most.
MOST_MESSAGES, MOST_BYTES = 5_000, 8 * 1024 * 1024
#: What a message is taken for before the first has come.
GUESSED_BYTES = 16 * 1024
POLL_SECONDS = 0.25
#: How often the ends of the logs, new partitions and the room in the inbox are looked at.
LOOK_SECONDS = 5.0
#: A consumer that found no room or no broker tries again after so long.
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
MB, KB = 1024 * 1024, 1024
#: A cell is at most so many times larger in the warehouse than its message (numbers in quotes).
GROWS_TIMES = 8
READING, FULL, CUT_OFF, STOPPED = "reading", "full", "cut off", "stopped"


@dataclass(frozen=True)
class Consumed:
    """What a consumer brought in: messages and dead letters, and how often it found no room."""

    messages: int = 0
    dead_letters: int = 0
    pauses: int = 0


def most_bytes(settings: Settings) -> int:
    """Bytes of the largest message that becomes a row."""
    return min(settings.stream_message_kb * KB, Limits.of(settings).cell_bytes // GROWS_TIMES)


def consume(
    settings: Settings,
    source: Source,
    idle_seconds: float | None = None,
    is_once: bool = False,
    heard: Callable[[Consumed], None] | None = None,
) -> Consumed:
    """Read until nothing came for `idle_seconds` (None: until an interrupt, which ends it well), or
    (`is_once`) what the broker held at the last look. `heard` is told after every batch what came
    so far.

    Raises PipelineError when the broker cannot be reached at the start, or refuses.
    """
    with open_inbox(settings) as inbox:
        with _loads(settings) as warehouse:
            if warehouse is not None:
                positions.go_on_behind(inbox, warehouse)
        consumer = _Consumer(settings, source, inbox)
        consumer.look()
        try:
            with suppress(KeyboardInterrupt):
                consumer.read(idle_seconds, is_once, heard)
            positions.note_state(inbox, STOPPED)
        except PipelineError as error:
            positions.note_state(inbox, STOPPED, error.one_line)
            raise
    return consumer.so_far


@contextmanager
def _loads(settings: Settings) -> Iterator[Database | None]:
    """The warehouse, where it may hold loads of streams."""
    if not warehouse_exists(settings):
        yield None
        return
    with open_warehouse(settings) as warehouse:
        yield warehouse if has_relation(warehouse, "ops_load_ranges") else None


class _Consumer:
    def __init__(self, settings: Settings, source: Source, inbox: Database) -> None:
        self._settings, self._source, self._inbox = settings, source, inbox
        self._most_bytes = most_bytes(settings)
        self._room = settings.stream_inbox_mb * MB
        self._reads: frozenset[Place] | None = None
        self._next: dict[Place, int] = {}
        self._begun: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._waiting = 0
        self._usual_bytes = GUESSED_BYTES
        self.so_far = Consumed()

    def read(
        self,
        idle_seconds: float | None,
        is_once: bool,
        heard: Callable[[Consumed], None] | None,
    ) -> None:
        last = looked = time.monotonic()
        pause = PAUSE_SECONDS
        while idle_seconds is None or time.monotonic() - last < idle_seconds:
            if is_once and self._is_at_end():
                return
            try:
                if time.monotonic() - looked >= LOOK_SECONDS:
                    self.look()
                    looked = time.monotonic()
                if self._has_no_room():
                    self.so_far = replace(self.so_far, pauses=self.so_far.pauses + 1)
                    time.sleep(PAUSE_SECONDS)
                    continue
                came = self._take()
                pause = PAUSE_SECONDS
            except PipelineError as error:
                positions.note_state(self._inbox, CUT_OFF, error.one_line)
                if idle_seconds is not None:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                continue
            if came:
                last = time.monotonic()
                if heard is not None:
                    heard(self.so_far)

    def look(self) -> None:
        """Note where the logs end, and read what is there to be read: every partition without an
        open gap, from where it was left.
        """
        name, there = self._source.name, self._source.position()
        known = {
            (each.topic, each.partition): each.next_position
            for each in positions.partitions(self._inbox, name)
        }
        closed = {
            (gap.topic, gap.partition) for gap in positions.gaps(self._inbox) if gap.stream == name
        }
        unknown = there.keys() - known.keys()
        before = self._read_before() if unknown else {}
        starts = {place: before.get(place, there[place][0]) for place in unknown}
        positions.begin(self._inbox, name, starts)
        wanted = {}
        for place, (low, _) in there.items():
            following = known.get(place, starts.get(place, low))
            if place in closed:
                continue
            if following < low:
                what = "deleted at the broker before it was read"
                positions.note_gap(self._inbox, name, place, following, low - 1, what)
                continue
            wanted[place] = following
        ends = {place: high for place, (_, high) in there.items() if high is not None}
        positions.note_ends(self._inbox, name, ends)
        if self._reads != frozenset(wanted):
            self._source.start(wanted)
            self._reads = frozenset(wanted)
            self._next, self._begun = dict(wanted), wanted
        self._ends = ends
        self._waiting = inbox_messages.waiting_bytes(self._inbox)
        self._note_state()

    def _take(self) -> bool:
        """One batch; whether anything came."""
        batch = self._source.poll(self._most(), POLL_SECONDS)
        for gap in batch.missing:
            positions.note_gap(
                self._inbox, self._source.name, gap.place, gap.first, gap.last, gap.what
            )
            self._reads = (self._reads or frozenset()) - {gap.place}
        if not batch.messages:
            return False
        rows: list[Arrived] = []
        letters: list[DeadLetter] = []
        for message in batch.messages:
            judged = judge(message, self._most_bytes)
            if isinstance(judged, Arrived):
                rows.append(judged)
            else:
                letters.append(judged)
        inbox_messages.store(self._inbox, self._source.name, rows, letters, batch.positions)
        self._source.commit(batch.messages)
        self._next |= batch.positions
        size = sum(len(each.value or b"") for each in batch.messages)
        self._usual_bytes = size // len(batch.messages) + 1
        self._waiting += size
        self.so_far = replace(
            self.so_far,
            messages=self.so_far.messages + len(rows),
            dead_letters=self.so_far.dead_letters + len(letters),
        )
        return True

    def _most(self) -> int:
        """Messages that one batch and the inbox have room for."""
        room = min(MOST_BYTES, self._room - self._waiting)
        return max(1, min(MOST_MESSAGES, room // self._usual_bytes))

    def _is_at_end(self) -> bool:
        """Whether everything was read that the broker held at the last look. Nothing is known of a
        log that ends before where it was left: the next poll tells.
        """
        return bool(self._ends) and all(
            self._next[place] >= end and not self._begun[place] == self._next[place] > end
            for place, end in self._ends.items()
            if place in (self._reads or ())
        )

    def _has_no_room(self) -> bool:
        """Whether the inbox holds as much as it may, or the disk has to keep the rest."""
        if self._waiting < self._room and not self._is_disk_short():
            return False
        self._waiting = inbox_messages.waiting_bytes(self._inbox)
        is_full = self._waiting >= self._room or self._is_disk_short()
        if is_full:
            self._note_state()
        return is_full

    def _is_disk_short(self) -> bool:
        return shutil.disk_usage(self._settings.home).free < Limits.of(self._settings).free_bytes

    def _note_state(self) -> None:
        if self._waiting >= self._room:
            why = f"{self._settings.stream_inbox_mb:,} MB wait for a drain"
            positions.note_state(self._inbox, FULL, why)
        elif self._is_disk_short():
            positions.note_state(self._inbox, FULL, "the disk has no more room")
        else:
            positions.note_state(self._inbox, READING)

    def _read_before(self) -> Mapping[Place, int]:
        """How far loads go that were made of this stream: an inbox that was lost goes on there."""
        with _loads(self._settings) as warehouse:
            before = {} if warehouse is None else load_origins.read_before(warehouse)
        return {
            (topic, partition): following
            for (stream, topic, partition), following in before.items()
            if stream == self._source.name
        }
