"""What stands between a socket and Streamlit: nothing inside answers anybody who is not logged in.

An ASGI middleware, so it sees every road of the app: pages, websocket, media, components, uploads,
health. `streamlit run` goes round it; then `front_door` alone decides.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import unquote_plus

from pages.shell import answers, peer
from pages.shell.answers import Headers
from pages.shell.visitors import PASS_HEADER, VISITORS, Visitor
from pipeline.services.catalogue import dbt_docs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

#: Names under which a browser of this machine reaches it, with whatever port leads here.
LOCAL_NAMES = ("127.0.0.1", "localhost")
STATE, WATCH_SCRIPT, LOGOUT = "/login/state", "/login/watch.js", "/logout"
LOGOUT_OF_PROVIDER = "/auth/logout"
#: The code with which a websocket is closed when its session is over.
NOT_LOGGED_IN = 4401
_HOST = re.compile(r"([a-z0-9.-]+)(:\d{1,5})?")


class Door(Protocol):
    """How somebody becomes a visitor."""

    #: Whether only the user whose process this is may come, whatever he brings.
    for_own_user: bool
    #: The names of this server in addresses.
    names: tuple[str, ...]

    def visitor(self, headers: Headers) -> Visitor | None:
        """The session of what a browser brings."""

    def enter(self, token: str) -> bytes | None:
        """Let in who brings a token; the cookie to set, None for a token that is not good."""

    def leaving(self) -> bytes:
        """The cookie that takes back what `enter` set."""

    def way_in(self, scope: Message) -> str | None:
        """Where a browser without a session is led, None when it is only told; '' lets it pass."""


class Gate:
    """See the module."""

    def __init__(self, app: App, door: Door) -> None:
        self.app, self.door = app, door
        self._own_headers = answers.security_headers(answers.scripts_of_streamlit())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer, refuse, or let a request of a visitor through."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] in ("http", "websocket"):
            headers = [(k, v) for k, v in scope["headers"] if k != PASS_HEADER.encode()]
            await self._meet({**scope, "headers": headers}, receive, send)

    async def _meet(self, scope: Message, receive: Receive, send: Send) -> None:
        headers: Headers = scope["headers"]
        refusal = self._refusal(scope)
        if refusal is not None:
            return await self._refuse(scope, receive, send, 403, refusal)
        if scope["type"] == "http" and b"token=" in scope["query_string"]:
            return await self._exchange(scope, send)
        visitor = self.door.visitor(headers)
        if visitor is None:
            return await self._stranger(scope, receive, send)
        if scope["path"] == LOGOUT_OF_PROVIDER:
            VISITORS.end(visitor)
        elif not visitor.roles:
            return await self._refuse(scope, receive, send, 403, answers.NO_ROLE)
        if scope["type"] == "websocket":
            scope["headers"] = [*headers, (PASS_HEADER.encode(), visitor.own_pass.encode())]
            return await self._watched(scope, receive, send, visitor)
        if scope["path"] == STATE:
            return await self._answer(send, 204, "")
        if scope["path"] == WATCH_SCRIPT:
            return await self._answer(send, 200, answers.WATCH, kind=b"text/javascript")
        if scope["path"] == LOGOUT:
            return await self._log_out(scope, send, visitor)
        if not scope["path"].startswith("/_stcore/"):  # what a page asks by itself is no activity
            visitor.note_activity()
        if not scope["path"].startswith("/static/"):  # a page is changed, so it has to come plain
            headers = [(k, v) for k, v in headers if k != b"accept-encoding"]
        scope["headers"] = [*headers, (PASS_HEADER.encode(), visitor.own_pass.encode())]
        await self.app(scope, receive, self._dressed(scope, send))

    # who is not even heard --------------------------------------------------------------------

    def _refusal(self, scope: Message) -> str | None:
        headers: Headers = scope["headers"]
        hosts = [value.decode("latin-1").lower() for name, value in headers if name == b"host"]
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None or match[1] not in self.door.names:
            return answers.OTHER_HOST
        if self._is_foreign(scope, dict(headers), hosts[0]):
            return answers.OTHER_SITE
        # the files of Streamlit itself hold nothing, and the look-up costs milliseconds
        is_looked_at = self.door.for_own_user and not scope["path"].startswith("/static/")
        if is_looked_at and not peer.may_be_own(scope.get("client"), scope.get("server")):
            return answers.OTHER_USER
        return None

    def _is_foreign(self, scope: Message, headers: dict[bytes, bytes], host: str) -> bool:
        """Whether a page of another origin sent this: another port of this machine is one too,
        though a cookie would go there.
        """
        origin = headers.get(b"origin")
        if origin is not None:
            return origin.decode("latin-1").lower().partition("://")[2] != host and not (
                origin == b"null" and scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
            )
        if scope["type"] == "websocket":
            return False
        opens_page = (
            scope["method"] == "GET"
            and headers.get(b"sec-fetch-mode") == b"navigate"
            and headers.get(b"sec-fetch-dest") == b"document"
        )
        return headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site") and not opens_page

    async def _stranger(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            way = self.door.way_in(scope)
            if way == "":
                return await self.app(scope, receive, self._dressed(scope, send))
            if way is not None:
                return await self._answer(send, 303, "", [(b"location", way.encode())])
        await self._refuse(scope, receive, send, 401, answers.NOT_LOGGED_IN)

    async def _exchange(self, scope: Message, send: Send) -> None:
        """Spend the token, set the cookie, and lead to the same address without the token."""
        headers = dict(scope["headers"])
        purpose = headers.get(b"sec-purpose", b"") + headers.get(b"purpose", b"")
        if scope["method"] != "GET" or b"prefetch" in purpose:  # neither may spend a token
            return await self._answer(send, 405, answers.OPEN_IN_BROWSER, [(b"allow", b"GET")])
        parts = scope["query_string"].decode("latin-1").split("&")
        tokens = [unquote_plus(part[6:]) for part in parts if part.startswith("token=")]
        cookie = await asyncio.to_thread(self.door.enter, tokens[-1]) if tokens else None
        if cookie is None and self.door.visitor(scope["headers"]) is None:
            return await self._answer(send, 401, answers.NOT_LOGGED_IN)
        raw = scope.get("raw_path") or scope["path"].encode()
        path = "/" + raw.split(b"?")[0].decode("latin-1").lstrip("/\\")  # never //elsewhere
        query = "&".join(part for part in parts if part and not part.startswith("token="))
        location = (path + (f"?{query}" if query else "")).encode("latin-1")
        cookies = [(b"set-cookie", cookie)] if cookie is not None else []
        await self._answer(send, 303, "", [(b"location", location), *cookies])

    async def _log_out(self, scope: Message, send: Send, visitor: Visitor) -> None:
        VISITORS.end(visitor)
        extra = [
            (b"clear-site-data", b'"cookies", "storage", "cache"'),
            (b"set-cookie", self.door.leaving()),
        ]
        await self._answer(send, 200, answers.LOGGED_OUT, extra)

    # answers ----------------------------------------------------------------------------------

    async def _refuse(
        self, scope: Message, receive: Receive, send: Send, status: int, page: str
    ) -> None:
        if scope["type"] == "websocket":
            await receive()
            # before it is accepted: uvicorn answers the handshake with 403
            await send({"type": "websocket.close", "code": NOT_LOGGED_IN})
        else:
            await self._answer(send, status, page)

    async def _answer(
        self, send: Send, status: int, text: str, extra: Headers | None = None, kind: bytes = b""
    ) -> None:
        body = text.encode()
        headers = [
            (b"content-type", (kind or b"text/html") + b"; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *self._own_headers,
            *(extra or []),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _dressed(self, scope: Message, send: Send) -> Send:
        """`send` with the headers of the gate, and pages with what their session needs."""
        path = scope["path"]
        is_part = path.startswith("/component/")
        held: list[Message] = []
        body = bytearray()

        def headers_of(message: Message, scripts: list[str] | None = None) -> Headers:
            own = self._own_headers
            if is_part or path == dbt_docs.ROAD:
                own = answers.security_headers(scripts or [], framed=is_part)
            if not path.startswith("/static/"):
                own = [*own, (b"cache-control", b"no-store")]
            replaced = {name for name, _ in own} | {
                b"access-control-allow-origin",
                b"access-control-allow-credentials",
            }
            return [*((k, v) for k, v in message["headers"] if k.lower() not in replaced), *own]

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower(): value for name, value in message["headers"]}
                is_page = given.get(b"content-type", b"").startswith(b"text/html")
                if is_page and scope["method"] == "GET" and b"content-encoding" not in given:
                    held.append(message)
                    return
                message = {**message, "headers": headers_of(message)}
            elif held:
                body.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                start, text = held.pop(), bytes(body)
                headers = headers_of(start, answers.inline_scripts(text.decode(errors="replace")))
                if not is_part and not path.startswith("/media/"):
                    script = f'<script src="{WATCH_SCRIPT}" defer></script></head>'.encode()
                    text = text.replace(b"</head>", script, 1)
                dropped = (b"content-length", b"etag", b"last-modified")
                headers = [(k, v) for k, v in headers if k.lower() not in dropped]
                headers.append((b"content-length", str(len(text)).encode()))
                await send({**start, "headers": headers})
                message = {"type": "http.response.body", "body": text}
            await send(message)

        return dressed

    async def _watched(
        self, scope: Message, receive: Receive, send: Send, visitor: Visitor
    ) -> None:
        """A websocket that ends with its session."""
        is_over = False

        async def watched_receive() -> Message:
            nonlocal is_over
            pending = asyncio.ensure_future(receive())
            try:
                while True:
                    left = visitor.seconds_left()
                    await asyncio.wait({pending}, timeout=max(0.05, min(left, 1.0)))
                    if visitor.seconds_left() <= 0 and not is_over:
                        is_over = True
                        await send({"type": "websocket.close", "code": NOT_LOGGED_IN})
                        return {"type": "websocket.disconnect", "code": NOT_LOGGED_IN}
                    if pending.done():
                        message = pending.result()
                        if message.get("bytes") and _is_of_a_person(message["bytes"]):
                            visitor.note_activity()
                        return message
            finally:
                pending.cancel()

        async def watched_send(message: Message) -> None:
            if not is_over:
                await send(message)

        await self.app(scope, watched_receive, watched_send)


def _is_of_a_person(data: bytes) -> bool:
    """Whether a message is a click; a part that draws itself again asks without anybody there."""
    from google.protobuf.message import DecodeError
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return False
    return message.WhichOneof("type") == "rerun_script" and not message.rerun_script.is_auto_rerun
