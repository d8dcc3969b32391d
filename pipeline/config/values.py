"""What turns the text of a setting into its value, and refuses what is none."""

import re
from pathlib import Path
from typing import Any

#: Who can carry out a build.
BUILDERS = ("plan", "dbt")
SYSLOG = re.compile(
    r"(?P<kind>udp|tcp)://(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?P<port>[0-9]{1,5})|unix:(?P<path>/.+)"
)
#: Of the address of a stream its broker, where that is, and the topics or subscriptions.
STREAM = re.compile(
    r"(?:(?P<kafka>kafka)://(?P<servers>[^/,@\s]+:[0-9]+(?:,[^/,@\s]+:[0-9]+)*)|pubsub://(?P<project>[\w.:-]+))"
    r"/(?P<topics>[\w.-]+(?:,[\w.-]+)*)"
)


def share(text: Any) -> float:
    """A number from 0 to 1; raises ValueError for any other."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is not between 0 and 1")
    return value


def positive(text: Any) -> float:
    """A number above 0, of seconds for example; raises ValueError for any other."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(f"{value} is not above 0")
    return value


def not_negative(text: Any) -> float:
    """A number from 0 on; raises ValueError for any other."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(f"{value} is below 0")
    return value


def count(text: Any) -> int:
    """A whole number from 1 on; raises ValueError for any other."""
    value = int(text)
    if value < 1:
        raise ValueError(f"{value} is less than 1")
    return value


def shared_count(text: Any) -> int:
    """A whole number from 11 on: what fewer rows share may be a word about one person; raises
    ValueError for any other.
    """
    value = int(text)
    if value < 11:
        raise ValueError(f"{value} is less than 11")
    return value


def folder(text: Any) -> Path:
    """A folder by its name; raises ValueError for none, which would be the folder that one happens
    to stand in.
    """
    if not str(text).strip() or "\0" in str(text):
        raise ValueError("no folder is named")
    return Path(text)


def builder(text: object) -> str:
    """Who builds; raises ValueError for anybody else."""
    if text not in BUILDERS:
        raise ValueError(f"{text!r} is none of {', '.join(BUILDERS)}")
    return str(text)


def yes_or_no(text: object) -> bool:
    """True for yes, true and 1, False for no, false and 0; raises ValueError for anything else."""
    word = str(text).strip().lower()
    if word not in ("yes", "true", "1", "no", "false", "0"):
        raise ValueError(f"{text!r} is neither yes nor no")
    return word in ("yes", "true", "1")


def as_words(value: object) -> str:
    """A value as a person writes it: yes or no for what is on or off; '' for none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def syslog_address(text: object) -> str:
    """The address of a syslog, '' for none; raises ValueError for what is no address."""
    address = str(text).strip()
    parts = SYSLOG.fullmatch(address)
    if address and (parts is None or int(parts["port"] or 0) > 65535):
        raise ValueError("is neither udp://HOST:PORT, tcp://HOST:PORT nor unix:/PATH")
    return address


def stream_address(text: object) -> str:
    """The address of a stream, '' for none; raises ValueError for what is no address."""
    address = str(text).strip()
    if address and STREAM.fullmatch(address) is None:
        raise ValueError("is neither kafka://HOST:PORT/TOPIC nor pubsub://PROJECT/SUBSCRIPTION")
    return address


def web_address(text: object) -> str:
    """An address of a server that gets a password, '' for none: HTTPS, or HTTP on this machine;
    raises ValueError for what is no such address.
    """
    address = str(text).strip().rstrip("/")
    if not address:
        return ""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    host, _ = parts.hostname or "", parts.port
    if parts.scheme not in ("http", "https") or not host or any(map(str.isspace, address)):
        raise ValueError("is no http or https address")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("holds more than host and path")
    if parts.scheme == "http" and host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("is not this machine, and no https address")
    return address


def optional_path(text: str) -> Path | None:
    """A path, None for none."""
    return Path(text) if text else None
