"""Files of any address that fsspec reads: object stores and SFTP here, HTTP in `http_files`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.connect.connector import Fetched, RemoteFile
from pipeline.connect.definition import Definition
from pipeline.connect.failures import of_one, of_the_source
from pipeline.connect.pieces import PIECE_BYTES, append
from pipeline.errors import InputRefused

CONNECT_SECONDS, READ_SECONDS = 15, 60
#: What one request to a store asks for.
BLOCK_BYTES = 4 * 1024 * 1024
#: Names under which file systems tell what a version of an object is.
TAGS = ("ETag", "etag", "md5Hash", "generation", "VersionId")


class Files:
    """The files below an address."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._address = definition.shown
        #: An object of a store is seen when it is whole.
        self.shows_half_files = definition.scheme == "sftp"
        with of_the_source(self._address):
            self._system, self._root = opened(definition)

    def list(self, cursor: str | None) -> Iterator[RemoteFile]:
        """Every file below the address; the address itself may be one."""
        with of_the_source(self._address):
            yield from self._below(self._root, set())

    def _below(self, folder: str, seen: set[str]) -> Iterator[RemoteFile]:
        seen.add(folder)
        try:
            entries = sorted(self._system.ls(folder, detail=True), key=lambda each: each["name"])
        except Exception as caught:
            if folder == self._root:
                raise
            yield RemoteFile(f"{self._name(folder)}/", "", unread=of_one(caught, self._address))
            return
        for entry in entries:
            name = entry["name"]
            if entry["type"] == "directory" and name not in seen:
                if ".." in name.split("/"):
                    # it is told and not entered: on a file system it would be another folder
                    yield RemoteFile(self._name(name) + "/", "")
                else:
                    yield from self._below(name, seen)
            elif entry["type"] == "file" and not name.endswith("/"):
                yield self._file(entry)
            elif entry["type"] == "link":
                why = "a link, which is not followed"
                yield RemoteFile(self._name(name), "", left_out=why)

    def _file(self, entry: dict[str, Any]) -> RemoteFile:
        name = self._name(entry["name"])
        size, modified = entry.get("size"), _seconds(entry)
        tag = next((str(entry[tag]) for tag in TAGS if entry.get(tag)), "")
        return RemoteFile(name, f"{size}.{modified}.{tag}", size, modified)

    def _name(self, path: str) -> str:
        root = self._root.rstrip("/")
        return path.removeprefix(root + "/") if path != root else path.rpartition("/")[2]

    def _path(self, file: RemoteFile) -> str:
        root = self._root.rstrip("/")
        is_the_root = file.name == root.rpartition("/")[2] and self._system.isfile(root)
        return root if is_the_root else f"{root}/{file.name}"

    def look(self, file: RemoteFile) -> RemoteFile:
        """The same file as it is now."""
        with of_the_source(self._address):
            return self._file(self._system.info(self._path(file)))

    def fetch(self, file: RemoteFile, to: Path, cursor: str | None) -> Fetched:
        """Read what `to` lacks."""
        with of_the_source(self._address):
            with self._system.open(
                self._path(file), "rb", block_size=BLOCK_BYTES, cache_type="readahead"
            ) as source:
                source.seek(to.stat().st_size if to.exists() else 0)
                append(to, iter(lambda: source.read(PIECE_BYTES), b""), file.size)
        return Fetched()

    def close(self) -> None:
        """End the connection."""
        client = getattr(self._system, "client", None)
        if client is not None:
            client.close()


def _seconds(entry: dict[str, Any]) -> float | None:
    for name in ("LastModified", "mtime", "last_modified", "updated"):
        value = entry.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, (int, float)):
            return float(value)
    return None


def opened(definition: Definition) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    parts = urlsplit(definition.address)
    if definition.scheme == "sftp":
        from pipeline.connect.sftp import open_sftp

        system = open_sftp(definition, parts.hostname or "", parts.port, parts.username)
        return system, unquote(parts.path) or "/"
    import fsspec

    given = {name: definition.secret(name) for name in definition.secrets}
    path = definition.address.partition("://")[2]
    if definition.scheme == "s3":
        return fsspec.filesystem("s3", **_of_s3(definition, given)), path.rstrip("/")
    own = {
        name: definition.options[name]
        for name in ("project", "account_name")
        if name in definition.options
    }
    protocol = {"gs": "gcs", "az": "abfs"}[definition.scheme]
    try:
        system = fsspec.filesystem(
            protocol, skip_instance_cache=True, use_listings_cache=False, **own, **given
        )
    except ImportError:
        package = {"gcs": "gcsfs", "abfs": "adlfs"}[protocol]
        raise InputRefused(
            f"takes the package {package}, which is not installed",
            definition.shown,
            f"pip install {package}",
        ) from None
    return system, path.rstrip("/")


def _of_s3(definition: Definition, given: dict[str, str | None]) -> dict[str, Any]:
    options = definition.options
    return {
        **given,
        "anon": options.get("anonymous") == "yes",
        "endpoint_url": options.get("endpoint_url"),
        "client_kwargs": {"region_name": options["region"]} if "region" in options else {},
        "config_kwargs": {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"max_attempts": 1},
        },
        "use_listings_cache": False,
        "skip_instance_cache": True,
    }
