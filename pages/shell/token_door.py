"""The door of a workbench of one person: a one-time token, exchanged for a cookie."""

import secrets
from http.cookies import CookieError, SimpleCookie

from pages.shell.answers import Headers
from pages.shell.gate import LOCAL_NAMES, Message
from pages.shell.visitors import SECRET_BYTES, VISITORS, Visitor
from pipeline.config import Settings
from pipeline.services.access import audit, one_time_token
from pipeline.services.access.actors import Actor, acting_as

#: What the user of this machine may do with his own home.
ROLES = ("admin",)


class TokenDoor:
    """Lets in whoever brings a token of this home, as the user whose process this is."""

    for_own_user = True
    #: Names under which it is served.
    names: tuple[str, ...] = LOCAL_NAMES
    #: For what a token may be.
    purposes: tuple[str, ...] = (one_time_token.LOGIN, one_time_token.START)

    def __init__(self, settings: Settings, port: int, subject: str) -> None:
        self.settings, self.subject = settings, subject
        # a cookie goes to every port of a name: one name a port keeps two workbenches apart
        self.cookie = f"icon_health_{port}"

    def visitor(self, headers: Headers) -> Visitor | None:
        """The session of the cookie."""
        key = cookies(headers).get(self.cookie, "")
        return VISITORS.of_key(key) if key else None

    def enter(self, token: str) -> bytes | None:
        """Spend the token and begin a session, on record."""
        purpose = one_time_token.spend_token(self.settings, token)
        if purpose not in self.purposes:
            return None
        with acting_as(Actor(self.subject, ROLES)):
            audit.record(self.settings, purpose, "", {})
        key = secrets.token_urlsafe(SECRET_BYTES)
        seconds = self.settings.session_hours * 3600
        VISITORS.begin(
            key, Visitor.until(self.subject, ROLES, seconds, self.settings.idle_minutes * 60)
        )
        return self._cookie(key, seconds)

    def leaving(self) -> bytes:
        """The cookie, taken back."""
        return self._cookie("", 0)

    def way_in(self, scope: Message) -> str | None:
        """There is none without a token."""
        return None

    def _cookie(self, value: str, seconds: float) -> bytes:
        return (
            f"{self.cookie}={value}; Path=/; Max-Age={int(seconds)}; HttpOnly; SameSite=Strict"
        ).encode()


def cookies(headers: Headers) -> dict[str, str]:
    """The cookies of a request; none of a header that is no list of cookies."""
    jar: SimpleCookie = SimpleCookie()
    for name, value in headers:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: morsel.value for name, morsel in jar.items()}
