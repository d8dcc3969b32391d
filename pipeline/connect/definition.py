"""What defines a connector, and what of it may be written down and shown.

Secrets are names of environment variables; an address that holds a password or a query is refused.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pipeline.errors import InputRefused, printable

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
COMMON = frozenset({"match", "settle_seconds", "most_files"})
OF_TABLES = frozenset({"table", "query", "cursor", "deliver_as", "sslmode"})
#: Options that are paths of this machine.
PATHS = ("known_hosts", "key_file")
#: What stands in an address as it is, beside letters and digits.
UNCHANGED = "/ !$&'()*+,:;=@"


@dataclass(frozen=True)
class Kind:
    """One kind of address: who reads it, the options it takes and the secrets it can be given."""

    reader: str
    options: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


#: Scheme of an address -> its kind; an address without one is a folder.
KINDS = {
    "": Kind("folder", COMMON),
    "s3": Kind(
        "files",
        COMMON | {"endpoint_url", "region", "anonymous"},
        frozenset({"key", "secret", "token"}),
    ),
    "gs": Kind("files", COMMON | {"project"}, frozenset({"token"})),
    "az": Kind(
        "files",
        COMMON | {"account_name"},
        frozenset({"account_key", "sas_token", "connection_string"}),
    ),
    "sftp": Kind(
        "files",
        COMMON | {"known_hosts", "key_file"},
        frozenset({"username", "password", "passphrase"}),
    ),
    "http": Kind("files", COMMON, frozenset({"username", "password", "token"})),
    "https": Kind("files", COMMON, frozenset({"username", "password", "token"})),
    "sqlite": Kind("table", OF_TABLES - {"sslmode"}),
    "postgresql": Kind("table", OF_TABLES, frozenset({"username", "password"})),
}


@dataclass(frozen=True)
class Definition:
    """A connector as it is stored: `options` and `secrets` (field -> environment variable)."""

    name: str
    address: str
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    secrets: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def scheme(self) -> str:
        """The scheme of the address, empty for a folder."""
        return scheme_of(self.address)

    @property
    def reader(self) -> str:
        """Who reads it: folder, files or table."""
        return KINDS[self.scheme].reader

    @property
    def shown(self) -> str:
        """The address as it may stand in messages: without a user."""
        return shown(self.address)

    def number(self, option: str, default: float) -> float:
        """An option that is a number."""
        return float(self.options.get(option, default))

    def secret(self, name: str) -> str | None:
        """The value of a secret, None for one that is not asked for; raises InputRefused when its
        variable is not set.
        """
        variable = self.secrets.get(name)
        if variable is None:
            return None
        value = os.environ.get(variable)
        if not value:
            raise InputRefused(
                "is not set", f"environment variable {variable}", f"connector {self.name} needs it"
            )
        return value


def scheme_of(address: str) -> str:
    """The scheme of an address, empty for a path."""
    scheme, separator, _ = address.partition("://")
    return scheme.lower() if separator else ""


def shown(address: str) -> str:
    """An address without user, password, query and fragment."""
    scheme = scheme_of(address)
    if not scheme:
        return printable(address)
    rest = re.split(r"[?#]", address[len(scheme) + 3 :], maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    return printable(f"{scheme}://{host.rpartition('@')[2]}{slash}{path}")


def checked(
    name: str, address: str, options: Mapping[str, str], secrets: Mapping[str, str]
) -> Definition:
    """A definition that can be stored; raises InputRefused for a name, an address, an option or a
    secret that cannot.
    """
    if not NAME.fullmatch(name):
        raise InputRefused(
            "is no name of a connector", name, "take small letters, digits, - and _, a letter first"
        )
    scheme = scheme_of(address)
    if scheme not in KINDS:
        raise InputRefused(
            "is no address that is read here", shown(address), f"a path or {_schemes()}"
        )
    kind = KINDS[scheme]
    if scheme:
        _refuse_secrets(address, scheme)
    elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        # not repeated: what was meant for an address may hold a login
        raise InputRefused("looks like an address without its //", name, f"a path or {_schemes()}")
    else:
        address = _whole_path(address)
    for given, taken, what in (
        (options, kind.options, "option"),
        (secrets, kind.secrets, "secret"),
    ):
        for unknown in sorted(given.keys() - taken):
            takes = ", ".join(sorted(taken)) or "none"
            raise InputRefused(f"is no {what} of such an address", unknown, f"it takes {takes}")
    for each, variable in secrets.items():
        if not VARIABLE.fullmatch(variable):
            raise InputRefused(
                "a secret is named by an environment variable, which holds its value",
                f"--secret {each}",
                f"for example --secret {each}=ICON_{each.upper()}",
            )
    _check_numbers(options)
    if kind.reader == "table" and ("table" in options) == ("query" in options):
        raise InputRefused("needs a table or a query", name, "give --table or --query")
    if "endpoint_url" in options:
        _refuse_secrets(options["endpoint_url"], "https")
    paths = {key: _whole_path(options[key]) for key in PATHS if key in options}
    if scheme == "sqlite":
        address = _whole_sqlite(address)
    return Definition(name, address, {**options, **paths}, dict(secrets))


def _schemes() -> str:
    return ", ".join(f"{each}://" for each in KINDS if each)


def _whole_path(path: str) -> str:
    """A path that says the same to the worker, which runs in another folder."""
    return str(Path(path).expanduser().resolve())


def _whole_sqlite(address: str) -> str:
    path = unquote(address.partition("://")[2].removeprefix("/"))
    return f"sqlite:///{quote(_whole_path(path), safe=UNCHANGED)}"


def _refuse_secrets(address: str, scheme: str) -> None:
    try:
        parts = urlsplit(address)
        has_password = parts.password is not None
        _ = parts.port
    except ValueError:
        raise InputRefused("is no address", shown(address), "check host and port") from None
    if has_password:
        raise InputRefused(
            "holds a password, which would be written down",
            shown(address),
            "leave it out and name the variable that holds it: --secret password=VARIABLE",
        )
    if scheme in ("http", "https") and parts.username is not None:
        raise InputRefused(
            "holds a login, which may be a token",
            shown(address),
            "leave it out and name the variable that holds it: --secret token=VARIABLE",
        )
    if parts.query or parts.fragment:
        raise InputRefused(
            "has a query, which may hold a secret",
            shown(address),
            "leave out what follows ? or #, and give it with --option or --secret",
        )
    if not parts.netloc and scheme != "sqlite":
        raise InputRefused("names no host or bucket", shown(address), "check the address")


def _check_numbers(options: Mapping[str, str]) -> None:
    for name, most in (("settle_seconds", 3600.0), ("most_files", 1e7)):
        if name not in options:
            continue
        try:
            is_good = 0 <= float(options[name]) <= most
        except ValueError:
            is_good = False
        if not is_good:
            raise InputRefused(f"is no number from 0 to {most:,.0f}", f"option {name}", "")
