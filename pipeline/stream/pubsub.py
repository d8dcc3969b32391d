"""Google Pub/Sub, by google-cloud-pubsub: messages are pulled, stored, and only then acknowledged.

A message has no position but an id, and may come again until it is acknowledged; the inbox knows
the ids and takes each message once. Nothing tells what is missing or how much waits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.errors import InputRefused, PipelineError
from pipeline.store.sqlite.clock import FORMAT
from pipeline.stream.kafka import ENTITY, INSTALL
from pipeline.stream.source import Batch, Message, Place

#: Messages that the service gives at most at once, and acknowledges at most at once.
MOST_AT_ONCE = 1_000
#: A pull that is given up early may have taken messages, which then come again only later.
LEAST_PULL_SECONDS, CALL_SECONDS = 2.0, 60.0


def _library() -> tuple[Any, Any]:
    try:
        from google.api_core import exceptions
        from google.cloud import pubsub_v1
    except ImportError as error:
        raise InputRefused("google-cloud-pubsub is not installed", "pubsub", INSTALL) from error
    return pubsub_v1, exceptions


def _client(make: Any, where: str) -> Any:
    """A client; raises InputRefused when nobody is logged in."""
    from google.auth.exceptions import GoogleAuthError

    try:
        return make()
    except GoogleAuthError as error:
        raise InputRefused(
            "no credentials are set", where, "set GOOGLE_APPLICATION_CREDENTIALS"
        ) from error


class PubSubSource:
    """Subscriptions of one project."""

    def __init__(self, project: str, subscriptions: Sequence[str]) -> None:
        library, self._errors = _library()
        self._project = project
        self._client = _client(library.SubscriberClient, f"pubsub {project}")
        self._paths = {
            name: self._client.subscription_path(project, name) for name in subscriptions
        }
        for name, path in self._paths.items():
            self._asked(name, self._client.get_subscription, {"subscription": path})

    @property
    def name(self) -> str:
        """The project."""
        return f"pubsub {self._project}"

    def position(self) -> dict[Place, tuple[int, int | None]]:
        """Nothing: messages have no order."""
        return {}

    def start(self, positions: Mapping[Place, int]) -> None:
        """Nothing to be done: what is not acknowledged comes."""

    def poll(self, most: int, seconds: float) -> Batch:
        """What waits now. One subscription is waited for; several are looked at in turn."""
        several = len(self._paths) > 1
        messages: list[Message] = []
        for name, path in self._paths.items():
            request = {
                "subscription": path,
                "max_messages": max(1, min(most - len(messages), MOST_AT_ONCE)),
                "return_immediately": several,
            }
            wait = CALL_SECONDS if several else max(seconds, LEAST_PULL_SECONDS)
            try:
                answer = self._client.pull(request=request, timeout=wait, retry=None)
            except self._errors.DeadlineExceeded:
                continue
            except self._errors.GoogleAPICallError as error:
                raise self._refused(name, error) from error
            messages += [self._message(name, each) for each in answer.received_messages]
            if len(messages) >= most:
                break
        if several and not messages:
            time.sleep(seconds)
        return Batch(messages)

    def commit(self, messages: Sequence[Message]) -> None:
        """Acknowledge messages that are stored; one that is not comes again, and is known."""
        for name, path in self._paths.items():
            receipts = [each.receipt for each in messages if each.topic == name]
            for start in range(0, len(receipts), MOST_AT_ONCE):
                chunk = receipts[start : start + MOST_AT_ONCE]
                request = {"subscription": path, "ack_ids": chunk}
                self._asked(name, self._client.acknowledge, request)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _asked(self, name: str, call: Any, request: dict[str, Any]) -> Any:
        try:
            return call(request=request, timeout=CALL_SECONDS)
        except self._errors.GoogleAPICallError as error:
            raise self._refused(name, error) from error

    def _message(self, name: str, received: Any) -> Message:
        inside = received.message
        return Message(
            name,
            0,
            inside.message_id,
            inside.ordering_key.encode() or None,
            inside.data,
            dict(inside.attributes).get(ENTITY),
            inside.publish_time.strftime(FORMAT) if inside.publish_time else None,
            received.ack_id,
        )

    def _refused(self, name: str, error: Any) -> PipelineError:
        return refused(self._errors, f"pubsub {self._project}, {name}", error)


class PubSubSender:
    """Sends each source to a topic."""

    def __init__(self, project: str, topics: Mapping[str, str]) -> None:
        library, self._errors = _library()
        self._project = project
        self._waiting: list[Any] = []
        self._client = _client(library.PublisherClient, f"pubsub {project}")
        self._paths = {
            entity: self._client.topic_path(project, topic) for entity, topic in topics.items()
        }

    def send(self, entity: str, key: str, value: bytes) -> None:
        """Hand over one message; the service keeps no order without one that it was asked for."""
        sent = self._client.publish(self._paths[entity], value, **{ENTITY: entity})
        self._waiting.append(sent)

    def flush(self) -> int:
        """Wait for the service."""
        from concurrent.futures import TimeoutError as TooLate

        waiting, self._waiting = self._waiting, []
        try:
            for each in waiting:
                each.result(timeout=CALL_SECONDS)
        except self._errors.GoogleAPICallError as error:
            raise refused(self._errors, f"pubsub {self._project}", error) from error
        except TooLate as error:
            raise PipelineError("messages were not taken", f"pubsub {self._project}") from error
        return len(waiting)


def refused(errors: Any, where: str, error: Any) -> PipelineError:
    """What the service said, without its words, which may quote anything."""
    if isinstance(error, errors.NotFound):
        return InputRefused("there is no such topic or subscription", where)
    return PipelineError(
        f"the service cannot be used: {type(error).__name__}",
        where,
        "check the project, the rights of the login, and the connection",
    )
