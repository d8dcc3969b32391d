"""SFTP through fsspec, to hosts whose key is known and to no others."""

from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from pipeline.connect.definition import Definition
from pipeline.connect.failures import SourceFailed
from pipeline.errors import InputRefused

SECONDS = 30.0
OWN_HOSTS = "~/.ssh/known_hosts"


class _RefuseStrangers(paramiko.MissingHostKeyPolicy):
    def __init__(self, address: str) -> None:
        self._address = address

    def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:
        """Refuse a host that is not known: whoever answers there would hear the password."""
        raise SourceFailed(
            "has a host key that is not known",
            self._address,
            "compare it with what its operator says, and add it to the file of known hosts",
        )


class KnownHosts(SFTPFileSystem):
    """fsspec's SFTP, which by itself trusts every host."""

    cachable = False

    def _connect(self) -> None:
        settings = dict(self.ssh_kwargs)
        address = settings.pop("address")
        known_hosts = Path(settings.pop("known_hosts")).expanduser()
        self.client = paramiko.SSHClient()
        if known_hosts.exists():
            self.client.load_host_keys(str(known_hosts))
        self.client.set_missing_host_key_policy(_RefuseStrangers(address))
        try:
            self.client.connect(
                self.host,
                timeout=SECONDS,
                banner_timeout=SECONDS,
                auth_timeout=SECONDS,
                **settings,
            )
        except paramiko.BadHostKeyException:
            raise SourceFailed(
                "has another host key than the one that is known",
                address,
                "ask its operator; somebody else may answer there",
            ) from None
        self.ftp = self.client.open_sftp()
        self.ftp.get_channel().settimeout(SECONDS)


def open_sftp(definition: Definition, host: str, port: int | None, user: str | None) -> KnownHosts:
    """A connection, by password, key file, or what the machine's own SSH agent holds."""
    password, passphrase = definition.secret("password"), definition.secret("passphrase")
    key_file = definition.options.get("key_file")
    if key_file and not Path(key_file).expanduser().exists():
        raise InputRefused("there is no such file", key_file, "option key_file")
    is_given = password is not None or key_file is not None
    return KnownHosts(
        host,
        port=port or 22,
        username=definition.secret("username") or user,
        password=password,
        passphrase=passphrase,
        key_filename=str(Path(key_file).expanduser()) if key_file else None,
        allow_agent=not is_given,
        look_for_keys=not is_given,
        address=definition.shown,
        known_hosts=definition.options.get("known_hosts", OWN_HOSTS),
        skip_instance_cache=True,
    )
