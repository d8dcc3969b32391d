"""Brokers for tests, each a server of its real protocol on loopback: librdkafka's mock of a Kafka
cluster, which comes with the client, and Google's Pub/Sub emulator, which lies on some machines.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

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


#: Where gcloud puts it; another place is named by PUBSUB_EMULATOR_JAR.
EMULATOR_FOLDERS = ("/usr/lib/google-cloud-sdk", "/opt/google-cloud-sdk", "/google-cloud-sdk")


def emulator_jar() -> Path | None:
    """Google's Pub/Sub emulator, None where it is not."""
    if os.environ.get("PUBSUB_EMULATOR_JAR"):
        return Path(os.environ["PUBSUB_EMULATOR_JAR"])
    for folder in EMULATOR_FOLDERS:
        for jar in Path(folder).glob("platform/pubsub-emulator/lib/cloud-pubsub-emulator-*.jar"):
            return jar
    return None


@contextmanager
def emulator() -> Iterator[str]:
    """The emulator, as long as the block lasts: its host and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [shutil.which("java"), "-jar", emulator_jar(), "--host=127.0.0.1", f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None and monotonic() < deadline
            sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
