"""What every stream can do, whichever broker it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Place = tuple[str, int]


@dataclass(frozen=True)
class Message:
    """A message as the broker gave it: topic, partition and position, `sent_at` as UTC text,
    `entity` where its sender named the source in a header; `receipt` is what the broker wants back.
    """

    topic: str
    partition: int
    position: int | str
    key: bytes | None
    value: bytes | None
    entity: str | None = None
    sent_at: str | None = None
    receipt: str | None = None


@dataclass(frozen=True)
class Missing:
    """Messages that the broker had and has no more, from `first` to `last` (None: not known)."""

    place: Place
    first: int
    last: int | None
    what: str


@dataclass(frozen=True)
class Batch:
    """What one poll brought; `positions` says where each partition goes on."""

    messages: Sequence[Message] = ()
    positions: Mapping[Place, int] = field(default_factory=dict)
    missing: Sequence[Missing] = ()


class Source(Protocol):
    """One stream. Only `poll` and `position` ask the broker; all raise PipelineError when it cannot
    be reached or refuses.
    """

    @property
    def name(self) -> str:
        """What tells this stream from others with topics of the same names."""

    def position(self) -> Mapping[Place, tuple[int, int | None]]:
        """(topic, partition) -> the oldest position that the broker holds, and the one after its
        newest message, None where it does not tell; empty where messages have no order.
        """

    def start(self, positions: Mapping[Place, int]) -> None:
        """Read partitions from these positions on, and no others."""

    def poll(self, most: int, seconds: float) -> Batch:
        """Up to `most` messages, waiting for the first at most `seconds`."""

    def commit(self, messages: Sequence[Message]) -> None:
        """Tell the broker that messages are stored here, where it wants to know."""

    def close(self) -> None:
        """Let go of the broker."""


class Sender(Protocol):
    """One way to send messages."""

    def send(self, entity: str, key: str, value: bytes) -> None:
        """Hand over one message of a source; it is sent when `flush` has returned."""

    def flush(self) -> int:
        """Wait until the broker has everything; returns how many messages it has taken since the
        last time. Raises PipelineError when it has not.
        """
