"""Consumer and drain are killed (SIGKILL), at random moments and between the two commits: what was
sent is stored once.
"""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

from pipeline.services.stream import streams
from tests.factories import patient
from tests.warehouse import query

#: One process a try: small batches, so that a kill finds it in the middle of many.
CONSUME = """
import os, signal, sys, threading
from pipeline.config import load_settings
from pipeline.services.stream import streams
from pipeline.store.inbox import messages
from pipeline.stream import consume
consume.MOST_MESSAGES = 40
settings = load_settings(home=sys.argv[1], stream_source=sys.argv[2])
die_at, batches, plain = int(sys.argv[3]), 0, messages.store
def store(*given):
    global batches
    batches += 1
    if batches == die_at:  # a moment of this batch or the next ones, in or out of a transaction
        threading.Timer(float(sys.argv[4]), os.kill, (os.getpid(), signal.SIGKILL)).start()
    return plain(*given)
messages.store = store
streams.run(settings, idle_seconds=20, is_once=True)
"""
DRAIN = """
import os, signal, sys
from pipeline.config import load_settings
from pipeline.orchestrate import drain
from pipeline.services.stream import streams
def die(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)
where = {"before": (drain, "load"), "within": (drain.load_origins, "add"),
         "after": (drain.messages, "acknowledge"), "last": (drain.messages, "tidy")}
setattr(*where[sys.argv[2]], die)
streams.drain(load_settings(home=sys.argv[1]))
"""


def killed(script: str, *arguments: object) -> bool:
    """Run a script; whether it was killed rather than done."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def stored(home: Path) -> list[str]:
    return sorted(row for (row,) in query(home, "select patient_id from raw_patients"))


def test_what_was_sent_is_stored_once_whenever_it_is_killed(cluster, tmp_path):
    chance, topic = random.Random(1), "kill.patients"
    settings = cluster.settings(tmp_path / "home", topic)
    rows = [patient(number) for number in range(3_000)]
    for partition in range(3):
        values = [json.dumps(row).encode() for row in rows[partition::3]]
        cluster.send(topic, values, partition)
    kills = sum(
        killed(CONSUME, settings.home, settings.stream_source, chance.randint(1, 20), delay)
        for delay in (0.0, 0.001, chance.random() / 50)
    )
    assert kills
    streams.drain(settings)
    streams.run(settings, idle_seconds=20, is_once=True)
    assert killed(DRAIN, settings.home, chance.choice(["before", "within", "after", "last"]))
    while streams.drain(settings):
        pass
    assert stored(settings.home) == sorted(row["patient_id"] for row in rows)


def test_a_drain_killed_between_its_two_commits_is_made_up_for(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "between2.patients", "between2.providers")
    cluster.send("between2.patients", [json.dumps(patient(1)).encode()])
    cluster.send("between2.providers", [b"poison"])
    for number, moment in enumerate(["within", "after"], start=2):
        streams.run(settings, idle_seconds=20, is_once=True)
        assert killed(DRAIN, settings.home, moment)
        # what comes meanwhile is not taken for what was drained
        cluster.send("between2.patients", [json.dumps(patient(number)).encode()])
    streams.run(settings, idle_seconds=20, is_once=True)
    streams.drain(settings)
    assert stored(settings.home) == [patient(number)["patient_id"] for number in range(1, 4)]
    assert streams.status(settings).waiting == {}


def test_a_consumer_that_is_interrupted_ends_well(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "stop.patients")
    cluster.send("stop.patients", [json.dumps(patient(1)).encode()])
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pipeline", "--home", settings.home),
            *("stream", "run", "--source", settings.stream_source, "--json"),
        ],
        stdout=subprocess.PIPE,
    )
    while not (settings.inbox_path.exists() and streams.status(settings).waiting):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, json.loads(out)["messages"]) == (0, 1)
    assert streams.status(settings).state == "stopped"
