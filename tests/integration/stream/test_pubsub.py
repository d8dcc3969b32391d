"""Google Pub/Sub behind the same protocol, against Google's own emulator."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.stream import streams
from pipeline.services.tables.trace import trace
from tests import brokers
from tests.factories import patient
from tests.warehouse import query

PROJECT = "icon-test"
CONSUME = """
import os, signal, sys
from pipeline.config import load_settings
from pipeline.services.stream import streams
from pipeline.stream import consume
from pipeline.stream.pubsub import PubSubSource
consume.MOST_MESSAGES = 150
left = int(sys.argv[3])
def commit(self, messages, plain=PubSubSource.commit):
    global left
    left -= 1
    if not left:  # stored, and not acknowledged: they come again
        os.kill(os.getpid(), signal.SIGKILL)
    plain(self, messages)
PubSubSource.commit = commit
streams.run(load_settings(home=sys.argv[1], stream_source=sys.argv[2]), idle_seconds=60)
"""


@pytest.fixture(scope="module")
def project():
    """Makes a topic with a subscription of the same name, and answers with its address."""
    if brokers.emulator_jar() is None or shutil.which("java") is None:
        pytest.skip(
            "Google's Pub/Sub emulator is not on this machine; PUBSUB_EMULATOR_JAR names it"
        )
    with brokers.emulator() as host, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUBSUB_EMULATOR_HOST", host)
        from google.cloud import pubsub_v1

        publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()

        def made(name: str) -> str:
            topic = publisher.topic_path(PROJECT, name)
            publisher.create_topic(request={"name": topic})
            path = subscriber.subscription_path(PROJECT, name)
            request = {"name": path, "topic": topic, "ack_deadline_seconds": 10}
            subscriber.create_subscription(request=request)
            return f"pubsub://{PROJECT}/{name}"

        made.publish = lambda name, data, **more: publisher.publish(
            publisher.topic_path(PROJECT, name), data, **more
        ).result()
        yield made


def test_messages_of_pubsub_go_the_same_way(project, tmp_path):
    settings = load_settings(home=tmp_path / "home", stream_source=project("way.patients"))
    file = tmp_path / "patients.csv"
    rows = [patient(number) for number in range(20)]
    file.write_text(
        "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"
    )
    assert streams.publish(settings, [file])[0].messages == 20
    project.publish("way.patients", b"{poison")
    project.publish("way.patients", b'{"encounter_id": "E1"}', entity="adverse_events")
    came = streams.run(settings, idle_seconds=1)
    assert (came.messages, came.dead_letters) == (21, 1)
    assert streams.status(settings).waiting == {"adverse_events": 1, "patients": 20}
    loads = streams.drain(settings)
    assert {load.entity: load.received for load in loads} == {"patients": 20, "adverse_events": 1}
    assert loads[0].file == "way.patients messages 1-20"
    (step,) = trace(settings, "raw_patients", patient(7)["patient_id"])[1:]
    assert "as message way.patients, message " in step.detail
    (letter,) = streams.dead_letters(settings)
    streams.replay(settings, letter.name, json.dumps(patient(99)).encode())
    assert streams.drain(settings)[0].received == 1
    # acknowledged: nothing comes again
    assert streams.run(settings, idle_seconds=1).messages == 0


def test_a_consumer_killed_before_it_acknowledges_stores_each_message_once(project, tmp_path):
    settings = load_settings(home=tmp_path / "home", stream_source=project("kill.patients"))
    sent = [patient(number) for number in range(400)]
    for row in sent:
        project.publish("kill.patients", json.dumps(row).encode())
    command = [sys.executable, "-c", CONSUME, settings.home, settings.stream_source, "2"]
    done = subprocess.run([str(word) for word in command], env=os.environ)
    assert done.returncode == -signal.SIGKILL
    assert 0 < streams.status(settings).waiting["patients"] < 400

    def stop_at_the_last(so_far):
        if streams.status(settings).waiting == {"patients": 400}:
            raise KeyboardInterrupt

    # what was not acknowledged comes again after ten seconds
    came = streams.run(settings, idle_seconds=60, heard=stop_at_the_last)
    assert came.messages > 0
    streams.drain(settings)
    rows = [row for (row,) in query(settings.home, "select patient_id from raw_patients")]
    assert sorted(rows) == [row["patient_id"] for row in sent]


def test_a_subscription_that_is_not_there_is_refused(project, tmp_path):
    settings = load_settings(home=tmp_path / "home", stream_source=f"pubsub://{PROJECT}/nothing")
    with pytest.raises(InputRefused, match="no such topic or subscription"):
        streams.run(settings, idle_seconds=1)
