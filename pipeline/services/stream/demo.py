"""A stream to look at, on one machine: a broker, a sender of the shipped sample, a consumer, drains
and builds. The rows are made up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from pipeline.config import Settings
from pipeline.config.project import python_path
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused, PipelineError
from pipeline.ingest.limits import Limits
from pipeline.services.access.roles import OPERATE, needs
from pipeline.services.run import runs
from pipeline.services.stream import streams
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.home_files import prepare_home
from pipeline.stream.demo_broker import DemoBroker
from pipeline.stream.publish import messages_of

#: One message that no reader of JSON takes; it ends in the middle.
POISON = b'{"patient_id": "made up", "gender": '
#: What a started consumer is given to read what was sent.
WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.2

Heard = Callable[[str], None]


@needs(OPERATE)
def stream(
    settings: Settings, rounds: int, pause_seconds: float, heard: Heard, port: int | None = None
) -> streams.StreamStatus:
    """Send the sample in `rounds` parts, each read by a consumer of its own process, drained and
    built; one message is poison. With a `port` the workbench is served meanwhile, and goes on until
    an interrupt. `heard` is told what happens.

    Raises InputRefused for a home that holds something.
    """
    if warehouse_exists(settings) or settings.inbox_path.exists():
        raise InputRefused("holds something already", str(settings.home), "give an empty --home")
    prepare_home(settings)
    broker, parts = DemoBroker(), _parts(settings, rounds)
    topics = [_topic(entity) for entity in load_contracts()]
    settings = replace(settings, stream_source=f"kafka://{broker.servers}/{','.join(topics)}")
    # a topic is there once something was sent to it
    for entity, rows in parts[0].items():
        broker.send(_topic(entity), rows[:1])
    with _children(settings, port):
        for number, part in enumerate(parts, start=1):
            if number == 1:
                broker.send(_topic("patients"), [("", POISON)])
                part = {entity: rows[1:] for entity, rows in part.items()}
            for entity, rows in part.items():
                broker.send(_topic(entity), rows)
            sent = sum(len(rows) for each in parts[:number] for rows in each.values()) + 1
            _wait_for(settings, sent)
            loads = streams.drain(settings)
            heard(
                f"round {number} of {rounds}: {sum(load.received for load in loads):,} messages drained "
                f"into {len(loads)} loads"
            )
            result = runs.run_now(settings, verb="build")
            heard(f"round {number} of {rounds}: built, {result.status}")
            if number < rounds:
                time.sleep(pause_seconds)
        if port is not None:
            heard("everything was sent; Ctrl + C ends the demonstration")
            with suppress(KeyboardInterrupt):
                while True:
                    time.sleep(LOOK_SECONDS)
    return streams.status(settings)


def _topic(entity: str) -> str:
    return f"demo.{entity.replace('_', '-')}"


def _parts(settings: Settings, rounds: int) -> list[dict[str, list[tuple[str, bytes]]]]:
    """The rows of the sample in so many parts, source by source."""
    limits = Limits.of(settings)
    sources = dict(
        messages_of(runs.SAMPLE_DIR / contract.file_name, limits)
        for contract in load_contracts().values()
    )
    return [
        {entity: rows[number::rounds] for entity, rows in sources.items()}
        for number in range(rounds)
    ]


@contextmanager
def _children(settings: Settings, port: int | None) -> Iterator[None]:
    """The consumer, and the workbench, as processes of their own that end with the block."""
    command = [sys.executable, "-P", "-m", "pipeline", "--home", str(settings.home)]
    environment = {
        **os.environ,
        "PYTHONPATH": python_path(),
        "ICON_HEALTH_STREAM_SOURCE": settings.stream_source,
    }
    started = [
        subprocess.Popen([*command, "stream", "run"], env=environment, stdout=subprocess.DEVNULL)
    ]
    if port is not None:
        served = [*command, "serve", "--no-sample", "--port", str(port)]
        started.append(subprocess.Popen(served, env=environment))
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _wait_for(settings: Settings, messages: int) -> None:
    """Until so many messages are stored; raises PipelineError when they do not come."""
    deadline = time.monotonic() + WAIT_SECONDS
    while sum(each.next_position for each in streams.status(settings).partitions) < messages:
        if time.monotonic() > deadline:
            raise PipelineError("the consumer does not read what was sent", "demo stream")
        time.sleep(LOOK_SECONDS)
