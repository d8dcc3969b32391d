"""A Kafka cluster for a demonstration: librdkafka's own mock, which lives as long as its object.

It speaks the real protocol on loopback, to any process of this machine, and keeps nothing on disk.
"""

from collections.abc import Iterable

from pipeline.errors import PipelineError
from pipeline.stream.kafka import client_library, quiet_logger

START_SECONDS = 10.0


class DemoBroker:
    """One broker; topics are there as soon as somebody has sent to them."""

    def __init__(self) -> None:
        self._producer = client_library().Producer(
            {"test.mock.num.brokers": 1, "bootstrap.servers": "none", "linger.ms": 5},
            logger=quiet_logger(),
        )
        brokers = self._producer.list_topics(timeout=START_SECONDS).brokers.values()
        self.servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def send(self, topic: str, messages: Iterable[tuple[str, bytes]]) -> None:
        """Messages as (key, value); all are taken when it returns."""
        for key, value in messages:
            self._producer.produce(topic, value, key.encode())
            self._producer.poll(0)
        if self._producer.flush(START_SECONDS):
            raise PipelineError("messages were not taken", "demo broker")
