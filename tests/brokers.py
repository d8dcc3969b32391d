"""A Kafka cluster for tests: librdkafka's own mock, a server of the real protocol on loopback."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Settings, load_settings


@dataclass
class Cluster:
    """Topics that exist as soon as somebody has sent to them; `servers` is where they are."""

    producer: object
    servers: str

    def address(self, *topics: str) -> str:
        """How the setting stream_source names topics of this cluster."""
        return f"kafka://{self.servers}/{','.join(topics)}"

    def send(
        self,
        topic: str,
        values: Iterable[bytes | None],
        partition: int = 0,
        key: bytes | None = None,
        **headers: bytes,
    ) -> None:
        """Messages in this order, all of them taken when it returns."""
        for value in values:
            while True:
                try:
                    self.producer.produce(
                        topic, value, key, partition, headers=list(headers.items())
                    )
                    break
                except BufferError:
                    self.producer.poll(0.1)
        assert self.producer.flush(30) == 0

    def settings(self, home: Path, *topics: str, **others: object) -> Settings:
        """Settings of a home that reads these topics."""
        return load_settings(home=home, stream_source=self.address(*topics), **others)


def start() -> Cluster:
    """A cluster of one broker, which goes with this process."""
    from confluent_kafka import Producer

    producer = Producer(
        {"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0, "linger.ms": 1}
    )
    brokers = producer.list_topics(timeout=10).brokers.values()
    return Cluster(producer, ",".join(f"{broker.host}:{broker.port}" for broker in brokers))
