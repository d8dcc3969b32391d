"""Who is told of what: the TOML file that the setting `alerts_file` names.

Only who sends alerts imports this module, for pydantic takes a tenth of a second.
"""

import os
import tomllib
from datetime import datetime, time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import InputRefused

Event = Literal[
    "failed",
    "held",
    "late",
    "gate",
    "freshness",
    "drift",
    "dead_letters",
    "overdue",
    "sync",
    "task",
]
EVENTS: tuple[Event, ...] = get_args(Event)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_url(url: str) -> str:
    """An address to which alerts may go: HTTPS, or HTTP on this machine; raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no http or https address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("alerts leave the machine by https only")
    return url


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no time zone {name!r}") from error
    return name


Url = Annotated[str, AfterValidator(checked_url)]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Hours = Annotated[float, Field(gt=0)]
#: A header of a message ends at the end of its line.
Line = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]+$")]


class Strict(BaseModel):
    """Only the keys that are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Channel(Strict):
    """One way on which alerts go out; `events` are those it is told of."""

    name: Name
    events: tuple[Event, ...] = EVENTS


class Email(Channel):
    """Mail by an SMTP server; the password stands in the environment variable `password_env`."""

    kind: Literal["email"]
    host: Line
    port: int = Field(default=587, gt=0, lt=65536)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Line | None = None
    password_env: Variable | None = None
    from_: Line = Field(alias="from")
    to: tuple[Line, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if (self.user is None) != (self.password_env is None):
            raise ValueError("user and password_env belong together")
        if self.user and self.security == "none" and not is_loopback(self.host):
            raise ValueError("a password goes by starttls or tls only")
        return self


class Slack(Channel):
    """An incoming webhook as Slack, Mattermost and others have them. Its address is a secret, so it
    stands in the environment variable `url_env`.
    """

    kind: Literal["slack"]
    url_env: Variable


class Webhook(Channel):
    """Signed JSON (Standard Webhooks); the secret stands in the environment variable
    `secret_env`.
    """

    kind: Literal["webhook"]
    url: Url
    secret_env: Variable


AnyChannel = Annotated[Email | Slack | Webhook, Field(discriminator="kind")]


class Quiet(Strict):
    """Hours of the day in which nothing is sent but the events in `except`; it waits."""

    from_: time = Field(alias="from")
    until: time
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    except_: tuple[Event, ...] = Field(default=(), alias="except")

    def holds(self, moment: datetime) -> bool:
        """Whether an aware moment lies in these hours, which may go past midnight."""
        now = moment.astimezone(ZoneInfo(self.timezone)).time()
        if self.from_ <= self.until:
            return self.from_ <= now < self.until
        return now >= self.from_ or now < self.until


class Limits(Strict):
    """From when on something is worth an alert; what is not set is not watched."""

    late_hours: Hours | None = None
    run_minutes: Annotated[float, Field(gt=0)] | None = None
    gate_hours: Hours | None = None
    fresh_hours: dict[str, Hours] = Field(default_factory=dict)
    dead_letters: Annotated[int, Field(gt=0)] | None = None
    drift: bool = False


class AlertRules(Strict):
    """What the file says; `page` is the address of the workbench, `name` tells this home from
    others, `repeat_hours` is how long a state may last before it is told again.
    """

    page: Url
    name: Line = "Icon Health"
    repeat_hours: Hours = 24
    quiet: Quiet | None = None
    limits: Limits = Limits()
    channels: tuple[AnyChannel, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [channel.name for channel in self.channels]
        if len(set(names)) < len(names):
            raise ValueError("two channels have one name")
        return self


def read_alert_rules(path: Path) -> AlertRules:
    """What the file says; raises InputRefused for one that is missing or says something else."""
    try:
        return AlertRules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused("cannot be read", str(path), "see docs/operate.md") from error
    except tomllib.TOMLDecodeError as error:
        raise InputRefused(f"is no TOML: {error}", str(path), "see docs/operate.md") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputRefused(
            f"{place}: {first['msg']}" if place else first["msg"],
            str(path),
            "see docs/operate.md",
        ) from error


def secret(variable: str) -> str:
    """What an environment variable holds; raises InputRefused when it is not set."""
    value = os.environ.get(variable)
    if not value:
        raise InputRefused("is not set", f"environment variable {variable}", "see docs/operate.md")
    return value
