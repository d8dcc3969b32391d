"""Kafka, by confluent-kafka: partitions are assigned by hand from positions of our own, so nothing
is rebalanced, and nothing is read that was not asked for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.errors import InputRefused, PipelineError
from pipeline.store.sqlite.clock import at
from pipeline.stream.source import Batch, Message, Missing, Place

WAIT_SECONDS = 15.0
#: What the client library calls itself to the broker.
CLIENT = "icon-health"
ENTITY = "entity"
#: kB that the client reads ahead; so much memory it takes at most.
READ_AHEAD_KB = 32 * 1024
INSTALL = "pip install 'icon-health-workbench[stream]'"


def client_library() -> Any:
    """confluent_kafka; raises InputRefused where it is not installed."""
    try:
        import confluent_kafka
    except ImportError as error:
        raise InputRefused("confluent-kafka is not installed", "kafka", INSTALL) from error
    return confluent_kafka


def quiet_logger() -> logging.Logger:
    """What the client says beside its answers is not passed on."""
    logger = logging.getLogger("pipeline.stream.kafka")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


class KafkaSource:
    """Topics of one cluster."""

    def __init__(self, servers: str, topics: Sequence[str], config: Mapping[str, object]) -> None:
        self._kafka = client_library()
        self._topics = tuple(topics)
        self._servers = servers
        self._trouble: PipelineError | None = None
        self._next: dict[Place, int] = {}
        try:
            self._consumer = self._kafka.Consumer(
                {
                    "client.id": CLIENT,
                    "isolation.level": "read_committed",
                    "queued.max.messages.kbytes": READ_AHEAD_KB,
                    **config,
                    "bootstrap.servers": servers,
                    "group.id": CLIENT,
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                    "auto.offset.reset": "error",
                    "error_cb": self._note,
                },
                logger=quiet_logger(),
            )
        except self._kafka.KafkaException as error:
            raise self._refused(error) from error
        self._name = f"kafka {self._metadata().cluster_id or servers}"

    @property
    def name(self) -> str:
        """The id of the cluster."""
        return self._name

    def position(self) -> dict[Place, tuple[int, int | None]]:
        """Oldest and next position of every partition of the topics."""
        places = {}
        topics = self._metadata().topics
        for topic in self._topics:
            known = topics.get(topic)
            if known is None or known.error is not None:
                raise InputRefused("has no such topic", f"kafka {self._servers}, {topic}")
            for partition in sorted(known.partitions):
                where = self._kafka.TopicPartition(topic, partition)
                try:
                    low, high = self._consumer.get_watermark_offsets(where, timeout=WAIT_SECONDS)
                except self._kafka.KafkaException as error:
                    raise self._refused(error) from error
                places[topic, partition] = (low, high)
        return places

    def start(self, positions: Mapping[Place, int]) -> None:
        """Read these partitions from these positions on."""
        self._next = dict(positions)
        self._consumer.assign(
            [
                self._kafka.TopicPartition(topic, partition, position)
                for (topic, partition), position in positions.items()
            ]
        )

    def poll(self, most: int, seconds: float) -> Batch:
        """Messages in the order of their partitions; a position that the broker does not have is
        told as missing, and its partition is not read any further.
        """
        self._trouble = None
        messages, missing = [], []
        for each in self._consumer.consume(most, timeout=seconds):
            error = each.error()
            if error is None:
                messages.append(self._message(each))
                self._next[each.topic(), each.partition()] = each.offset() + 1
            elif error.code() in self._out_of_range():
                missing.append(self._missing(each.topic(), each.partition()))
            elif error.fatal() or not error.retriable():
                raise PipelineError(f"the broker refuses: {error.name()}", f"kafka {self._servers}")
        if self._trouble is not None and not messages:
            raise self._trouble
        positions = {(each.topic, each.partition): int(each.position) + 1 for each in messages}
        return Batch(messages, positions, missing)

    def commit(self, messages: Sequence[Message]) -> None:
        """Positions stand in the inbox; the broker is told nothing."""

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

    def _out_of_range(self) -> tuple[int, int]:
        codes = self._kafka.KafkaError
        return codes._AUTO_OFFSET_RESET, codes.OFFSET_OUT_OF_RANGE

    def _missing(self, topic: str, partition: int) -> Missing:
        """What is gone where the broker does not have the next message."""
        place = topic, partition
        following = self._next.pop(place, 0)
        self._consumer.incremental_unassign([self._kafka.TopicPartition(topic, partition)])
        low, high = self._consumer.get_watermark_offsets(
            self._kafka.TopicPartition(topic, partition), timeout=WAIT_SECONDS
        )
        if low > following:
            return Missing(place, following, low - 1, "deleted at the broker before it was read")
        return Missing(
            place, following, None, f"the log ends at {high}, before what was read: it began anew"
        )

    def _message(self, each: Any) -> Message:
        kind, moment = each.timestamp()
        entity = None
        for name, content in dict(each.headers() or ()).items():
            if name == ENTITY and isinstance(content, bytes):
                entity = content.decode("utf-8", "replace")
        return Message(
            each.topic(),
            each.partition(),
            each.offset(),
            each.key(),
            each.value(),
            entity,
            None if kind == self._kafka.TIMESTAMP_NOT_AVAILABLE else _moment(moment),
        )

    def _metadata(self) -> Any:
        try:
            return self._consumer.list_topics(timeout=WAIT_SECONDS)
        except self._kafka.KafkaException as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> PipelineError:
        code = error.args[0] if error.args else None
        said = getattr(code, "name", lambda: type(error).__name__)()
        return PipelineError(
            f"the broker cannot be used: {said}",
            f"kafka {self._servers}",
            "check its address, the file stream_config, and that it runs",
        )

    def _note(self, error: Any) -> None:
        """An error of the connection, which is told when nothing comes any more."""
        if error.code() == self._kafka.KafkaError._ALL_BROKERS_DOWN or error.fatal():
            self._trouble = PipelineError(
                f"cannot be reached: {error.name()}",
                f"kafka {self._servers}",
                "what came in so far is stored; start the consumer again when the broker runs",
            )


class KafkaSender:
    """Sends each source to a topic of its own."""

    def __init__(self, servers: str, topics: Mapping[str, str], config: Mapping[str, object]):
        self._kafka = client_library()
        self._servers, self._topics = servers, topics
        self._sent = self._failed = 0
        self._producer = self._kafka.Producer(
            {
                "client.id": CLIENT,
                "linger.ms": 20,
                "enable.idempotence": True,
                **config,
                "bootstrap.servers": servers,
            },
            logger=quiet_logger(),
        )

    def send(self, entity: str, key: str, value: bytes) -> None:
        """Hand over one message; waits where the client's buffer is full."""
        deadline = time.monotonic() + 4 * WAIT_SECONDS
        while True:
            try:
                self._producer.produce(
                    self._topics[entity],
                    value,
                    key.encode(),
                    headers={ENTITY: entity.encode()},
                    on_delivery=self._count,
                )
                break
            except BufferError:
                if time.monotonic() > deadline:
                    raise self._unsent(1) from None
                self._producer.poll(0.5)
        self._producer.poll(0)

    def flush(self) -> int:
        """Wait for the broker."""
        waiting = self._producer.flush(4 * WAIT_SECONDS)
        if waiting or self._failed:
            raise self._unsent(waiting + self._failed)
        sent, self._sent = self._sent, 0
        return sent

    def _unsent(self, messages: int) -> PipelineError:
        return PipelineError(
            f"{messages:,} messages were not taken",
            f"kafka {self._servers}",
            "check that the broker runs and has the topic, then publish again",
        )

    def _count(self, error: object, message: object) -> None:
        if error is None:
            self._sent += 1
        else:
            self._failed += 1


def _moment(milliseconds: int) -> str | None:
    """When a message was sent, as its sender says; None for what is no time."""
    try:
        return at(milliseconds / 1000)
    except (ValueError, OverflowError, OSError):
        return None
