"""How fast messages come in, with how much memory, and what is lost when everything is killed.

    python -m benchmarks.stream [--messages 300000] [--seed 1]

The broker is librdkafka's mock cluster, in this process; its logs keep 5 MB a partition, so the
messages go to several topics. `poll alone` is confluent-kafka reading the same messages and doing
nothing with them. Consumer and drain are processes of their own. Then all is done once more with
12 kills (SIGKILL) of the consumer, each at a random share of the messages, and 3 of the drain, at
random moments: sent, stored and distinct are to be the same number.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep

from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.store.sqlite.database import open_reader, open_warehouse
from pipeline.store.sqlite.statements import has_relation

TOPICS = 12
CONSUMER_KILLS, DRAIN_KILLS = 12, 3
POLL = """
import sys, time
from pipeline.stream.kafka import KafkaSource
started, wanted, came = time.perf_counter(), int(sys.argv[3]), 0
source = KafkaSource(sys.argv[1], sys.argv[2].split(","), {})
source.start({place: low for place, (low, _) in source.position().items()})
consumer = source._consumer
while came < wanted:
    came += len(consumer.consume(5000, timeout=0.25))
print(time.perf_counter() - started)
"""


def send(messages: int) -> tuple[object, str, list[str]]:
    """A cluster that holds the messages: (what keeps it alive, its servers, topics)."""
    from confluent_kafka import Producer

    producer = Producer(
        {"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0, "linger.ms": 20}
    )
    brokers = producer.list_topics(timeout=10).brokers.values()
    topics = [f"bench{at}.patients" for at in range(TOPICS)]
    for number in range(messages):
        row = {"patient_id": str(10**8 + number), "gender": "female", "birth_date": "1950-01-02"}
        while True:
            try:
                key = row["patient_id"].encode()
                producer.produce(topics[number % TOPICS], json.dumps(row).encode(), key)
                break
            except BufferError:
                producer.poll(0.1)
    if producer.flush(60):
        raise RuntimeError("the mock cluster did not take everything")
    return producer, ",".join(f"{each.host}:{each.port}" for each in brokers), topics


def start(settings: Settings, *words: str) -> subprocess.Popen:
    """One verb as a process of its own."""
    command = [sys.executable, "-m", "pipeline", "--home", str(settings.home), "stream", *words]
    environment = {**os.environ, "ICON_HEALTH_STREAM_SOURCE": settings.stream_source}
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=PROJECT_DIR, env=environment, stdout=silent, stderr=silent)


def inbox_rows(settings: Settings) -> int:
    """Messages that have ever come into the inbox."""
    if not settings.inbox_path.exists():
        return 0
    with open_reader(settings.inbox_path) as inbox:
        if not has_relation(inbox, "ops_stream_messages"):
            return 0
        return inbox.execute("select coalesce(max(seq), 0) from ops_stream_messages").fetchone()[0]


def memory_mb(process: subprocess.Popen) -> float:
    """Resident memory of a process now, 0 when it has ended."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(x.split()[1]) / 1024 for x in status.splitlines() if "VmRSS" in x), 0.0)


def measured(settings: Settings, messages: int, *words: str) -> tuple[float, float, float]:
    """(seconds of one verb, MB at a tenth of the messages, MB at most afterwards)."""
    started, early, late = perf_counter(), 0.0, 0.0
    process = start(settings, *words)
    while process.poll() is None:
        if words[0] == "run" and inbox_rows(settings) < messages / 10:
            early = max(early, memory_mb(process))
        else:
            late = max(late, memory_mb(process))
        sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"stream {words[0]} ended with {process.returncode}")
    return perf_counter() - started, early, late


def killed_consumer(settings: Settings, until: int) -> None:
    """A consumer that is killed once so many messages have come."""
    process = start(settings, "run")
    while inbox_rows(settings) < until and process.poll() is None:
        sleep(0.002)
    process.send_signal(signal.SIGKILL)
    if process.wait() != -signal.SIGKILL:
        raise RuntimeError(f"the consumer ended by itself with {process.returncode}")


def killed_drain(settings: Settings, chance: random.Random, seconds: float) -> bool:
    """A drain that is killed at a random moment of the seconds it takes; False when it was done."""
    process = start(settings, "drain")
    sleep(chance.uniform(0.3, seconds))
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def with_kills(settings: Settings, messages: int, chance: random.Random, seconds: float) -> int:
    """Read and drain everything under kills; returns how many drains were killed."""
    drains = 0
    shares = sorted(chance.uniform(0.01, 0.97) for _ in range(CONSUMER_KILLS))
    for at, share in enumerate(shares, start=1):
        killed_consumer(settings, round(share * messages))
        if at % (CONSUMER_KILLS // DRAIN_KILLS) == 0:
            drains += killed_drain(settings, chance, seconds / 2)
    for words in (("run", "--once"), ("drain",)):
        measured(settings, messages, *words)
    return drains


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, kill, count, print; returns 1 when a message was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--messages", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    messages = options.messages
    alive, servers, topics = send(messages)
    address = f"kafka://{servers}/{','.join(topics)}"
    with tempfile.TemporaryDirectory() as folder:
        poll = subprocess.run(
            [sys.executable, "-c", POLL, servers, ",".join(topics), str(messages)],
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = float(poll.stdout)
        print(f"poll alone     {messages / seconds:>10,.0f} messages/s")
        plain = load_settings(home=Path(folder, "plain"), stream_source=address)
        seconds, early, late = measured(plain, messages, "run", "--once")
        print(
            f"stream run     {messages / seconds:>10,.0f} messages/s, start included; "
            f"{early:.0f} MB at a tenth, {late:.0f} MB at most"
        )
        seconds, _, late = measured(plain, messages, "drain")
        print(f"stream drain   {messages / seconds:>10,.0f} messages/s; {late:.0f} MB at most")
        home = load_settings(home=Path(folder, "killed"), stream_source=address)
        drains = with_kills(home, messages, random.Random(options.seed), seconds)
        with open_warehouse(home) as warehouse:
            stored, distinct = warehouse.execute(
                "select count(*), count(distinct patient_id) from raw_patients"
            ).fetchone()
    print(
        f"{CONSUMER_KILLS} kills of the consumer, {drains} of the drain: "
        f"{messages:,} sent, {stored:,} stored, {distinct:,} distinct"
    )
    del alive
    return 0 if messages == stored == distinct else 1


if __name__ == "__main__":
    sys.exit(main())
