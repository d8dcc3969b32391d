"""Which broker a home reads from, and how its client is set up.

Google's client is set up by its own environment variables: GOOGLE_APPLICATION_CREDENTIALS, and
PUBSUB_EMULATOR_HOST for an emulator.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pipeline.config import Settings
from pipeline.config.values import STREAM, stream_address
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.stream.kafka import KafkaSender, KafkaSource
from pipeline.stream.pubsub import PubSubSender, PubSubSource
from pipeline.stream.source import Sender, Source


def open_source(settings: Settings, address: str = "") -> Source:
    """The stream at an address, by default that of the settings. Raises InputRefused for none."""
    parts, topics = _parts(settings, address)
    if parts["project"]:
        return PubSubSource(parts["project"], topics)
    return KafkaSource(parts["servers"], topics, client_config(settings.stream_config))


def open_sender(settings: Settings, address: str = "") -> Sender:
    """A way to send to that address: each source to the topic whose last word it is, to the only
    topic where there is one.
    """
    parts, topics = _parts(settings, address)
    wanted = topic_of_source(topics)
    if parts["project"]:
        return PubSubSender(parts["project"], wanted)
    return KafkaSender(parts["servers"], wanted, client_config(settings.stream_config))


def topic_of_source(topics: list[str]) -> dict[str, str]:
    """Source -> topic; raises InputRefused when a source has none."""
    named = {topic.rpartition(".")[2].replace("-", "_"): topic for topic in topics}
    only = topics[0] if len(topics) == 1 and not named.keys() & load_contracts().keys() else None
    return {
        entity: topic
        for entity in load_contracts()
        if (topic := named.get(entity, only)) is not None
    }


def client_config(path: Path | None) -> dict[str, object]:
    """Further settings of the broker's client, from a TOML file; `{env = "NAME"}` stands for the
    content of an environment variable. Raises InputRefused.
    """
    if path is None:
        return {}
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputRefused("is no TOML file that can be read", f"stream_config {path}") from error
    return {name: _value(name, value) for name, value in told.items()}


def _value(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        variable = value.get("env")
        if set(value) != {"env"} or not isinstance(variable, str):
            raise InputRefused(
                "is no value", f"stream_config, {name}", 'quote the name: "sasl.password" = ...'
            )
        if variable not in os.environ:
            raise InputRefused("is not set", f"environment variable {variable}")
        return os.environ[variable]
    if not isinstance(value, str | int | float | bool):
        raise InputRefused("is no value", f"stream_config, {name}")
    return value


def _parts(settings: Settings, address: str) -> tuple[re.Match[str], list[str]]:
    told = address or settings.stream_source
    if not told:
        raise InputRefused(
            "no stream is named", "stream_source", "set ICON_HEALTH_STREAM_SOURCE or give --source"
        )
    try:
        parts = STREAM.fullmatch(stream_address(told))
    except ValueError as error:
        raise InputRefused(str(error), "--source") from error
    assert parts is not None
    return parts, list(dict.fromkeys(parts["topics"].split(",")))
