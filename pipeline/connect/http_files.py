"""Files behind HTTP: a page of links, as web servers write one of a folder, or one file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from pipeline.connect.connector import Fetched, RemoteFile
from pipeline.connect.definition import Definition
from pipeline.connect.failures import CutOff, SourceFailed, of_one, of_the_source
from pipeline.connect.pieces import PIECE_BYTES, append

CONNECT_SECONDS, READ_SECONDS = 15, 60
DEEPEST = 20
LARGEST_PAGE = 64 * 1024 * 1024
PARTIAL = 206


class HttpFiles:
    """Links of a page and of the pages below it that stay below the address; or one file, when the
    address does not end in a slash.
    """

    shows_half_files = True

    def __init__(self, definition: Definition) -> None:
        self._root, self._address = definition.address, definition.shown
        self._headers, login = {"Accept-Encoding": "identity"}, {}
        with of_the_source(self._address):
            import aiohttp
            from fsspec.implementations.http import HTTPFileSystem

            if token := definition.secret("token"):
                self._headers["Authorization"] = f"Bearer {token}"
            elif user := definition.secret("username"):
                login["auth"] = aiohttp.BasicAuth(user, definition.secret("password") or "")
            self._system = HTTPFileSystem(
                encoded=True,
                skip_instance_cache=True,
                client_kwargs={
                    "timeout": aiohttp.ClientTimeout(
                        total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS
                    )
                },
                headers=self._headers,
                **login,
            )

    def list(self, cursor: str | None) -> Iterator[RemoteFile]:
        """Every file that a link leads to."""
        if not self._root.endswith("/"):
            yield self.look(RemoteFile(unquote(urlsplit(self._root).path.rpartition("/")[2]), ""))
            return
        seen: set[str] = set()
        yield from self._below(self._root, seen, 0)

    def _below(self, page: str, seen: set[str], depth: int) -> Iterator[RemoteFile]:
        seen.add(page)
        try:
            links = self._links(page)
        except SourceFailed as error:
            if page == self._root:
                raise
            yield RemoteFile(self._name(page), "", unread=of_one(error, self._address))
            return
        for address in links:
            if address in seen:
                continue
            if address.endswith("/"):
                if depth == DEEPEST:
                    raise SourceFailed(
                        f"has folders more than {DEEPEST} deep", self._address, "name one of them"
                    )
                yield from self._below(address, seen, depth + 1)
                continue
            seen.add(address)
            file = RemoteFile(self._name(address), "")
            try:
                yield self.look(file)
            except SourceFailed as error:
                yield replace(file, unread=of_one(error, self._address))

    def _name(self, address: str) -> str:
        return unquote(address.removeprefix(self._root))

    def _links(self, page: str) -> Sequence[str]:
        with of_the_source(self._address):
            with self._open(page, {}) as source:
                text = source.read(LARGEST_PAGE)
                pieces = [text]
                while text and sum(map(len, pieces)) < LARGEST_PAGE:
                    text = source.read(PIECE_BYTES)
                    pieces.append(text)
        parser = _Links()
        parser.feed(b"".join(pieces).decode("utf-8", "replace"))
        found = (urljoin(page, link) for link in parser.links)
        return sorted({each for each in found if self._is_below(each)})

    def _is_below(self, address: str) -> bool:
        parts = urlsplit(address)
        is_plain = not parts.query and not parts.fragment
        return is_plain and address.startswith(self._root) and address != self._root

    def _where(self, file: RemoteFile) -> str:
        if not self._root.endswith("/"):
            return self._root
        return self._root + quote(file.name)

    def _open(self, address: str, headers: dict[str, str]) -> Any:
        return self._system.open(
            address, "rb", block_size=0, size=1, headers=self._headers | headers
        )

    def look(self, file: RemoteFile) -> RemoteFile:
        """The same file as it is now, by its headers."""
        with of_the_source(self._address):
            found = self._system.info(self._where(file))
            if found.get("size") is None and "ETag" not in found and "Last-Modified" not in found:
                raise SourceFailed(
                    "tells neither size nor date of a file, so a change of it could not be seen",
                    self._address,
                    "have the server send Content-Length, ETag or Last-Modified",
                )
        written = found.get("Last-Modified")
        try:
            modified = parsedate_to_datetime(written).timestamp() if written else None
        except ValueError:
            modified = None
        size = found.get("size")
        version = f"{size}.{written}.{found.get('ETag', '')}"
        return RemoteFile(file.name, version, size, modified)

    def fetch(self, file: RemoteFile, to: Path, cursor: str | None) -> Fetched:
        """Ask for what `to` lacks; a server that knows no ranges is read from the beginning."""
        has = to.stat().st_size if to.exists() else 0
        if file.size is not None and has == file.size and to.exists():
            return Fetched()
        wanted = {"Range": f"bytes={has}-"} if has else {}
        with of_the_source(self._address), self._open(self._where(file), wanted) as source:
            is_partial = has > 0 and source.r.status == PARTIAL
            begins = source.r.headers.get("Content-Range", "").startswith(f"bytes {has}-")
            if is_partial and not begins:
                to.unlink()
                raise CutOff
            pieces = iter(lambda: source.read(PIECE_BYTES), b"")
            append(to, pieces, file.size, is_new=not is_partial)
        return Fetched()

    def close(self) -> None:
        """fsspec ends the session with the process."""


class _Links(HTMLParser):
    """The addresses of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a link leads to."""
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]
