"""One-time tokens: whoever brings one is let in as the person who may read the home.

A token is a file in the folder `login` of the home, named by the hash of the token, so neither a
look into the folder nor a backup tells one. Removing the file succeeds once: of two that bring the
same token one gets in. It needs no server, so a token can be made before it starts and after.
"""

import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.errors import InputRefused

LOCAL_ADDRESS = "127.0.0.1"
TOKEN_BYTES = 32
#: A printed address is good for an hour, in case nobody opens it.
TOKEN_SECONDS = 3600.0
_PORT_FILE = "port"
#: What tokens are for: a person, or the visit with which a server is started.
LOGIN, START = "login", "server start"


def new_token(settings: Settings, seconds: float = TOKEN_SECONDS, purpose: str = LOGIN) -> str:
    """A token of 256 bits that is good once and for so many seconds; `purpose` is what the audit
    trail says when it is spent.

    Raises InputRefused when the folder of tokens is open to others.
    """
    folder = _folder(settings)
    for old in folder.iterdir():
        if old.name != _PORT_FILE and time.time() >= _kept(old)["ends"]:
            old.unlink(missing_ok=True)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    _write(folder / _name(token), json.dumps({"ends": time.time() + seconds, "purpose": purpose}))
    return token


def spend_token(settings: Settings, token: str) -> str | None:
    """The purpose of a token that has not ended, once, whoever asks at the same time; else None."""
    path = settings.login_dir / _name(token)
    kept = _kept(path)
    try:
        path.unlink()
    except OSError:
        return None
    return kept["purpose"] if time.time() < kept["ends"] else None


def note_port(settings: Settings, port: int) -> None:
    """Remember on which port the home is served, for the address of a later token."""
    path = _folder(settings) / _PORT_FILE
    path.unlink(missing_ok=True)
    _write(path, str(port))


def served_port(settings: Settings) -> int | None:
    """The port on which the home was last served, None when it never was."""
    try:
        return int((settings.login_dir / _PORT_FILE).read_text())
    except (OSError, ValueError):
        return None


def login_address(token: str, port: int) -> str:
    """The address that spends the token when a browser of this machine opens it."""
    return f"http://{LOCAL_ADDRESS}:{port}/?token={token}"


def _folder(settings: Settings) -> Path:
    folder = settings.login_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise InputRefused(
            "is open to other users of this machine",
            str(folder),
            "make it yours alone: chown it to yourself and chmod 700",
        )
    return folder


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _kept(path: Path) -> dict[str, Any]:
    """When a token ends (seconds since 1970, 0 for what is none), and what for it was made."""
    try:
        kept = json.loads(path.read_text())
        return {"ends": float(kept["ends"]), "purpose": str(kept["purpose"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"ends": 0.0, "purpose": ""}


def _name(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
