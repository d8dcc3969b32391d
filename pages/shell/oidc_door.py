"""The door of a workbench of several people: Streamlit's own OpenID Connect login, with what it
leaves out: roles, the end of a session, idle time, and a logout that a copied cookie does not
outlive.

The cookie of Streamlit (1.67) is signed and lives for 30 days. What it says is read with
Streamlit's own functions, which have no public name; a test logs in at a real provider.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pages.shell.answers import Headers
from pages.shell.gate import LOCAL_NAMES, LOGOUT_OF_PROVIDER, Message
from pages.shell.token_door import TokenDoor, cookies
from pages.shell.visitors import VISITORS, Visitor
from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.access import audit, one_time_token
from pipeline.services.access.actors import ROLES, Actor, acting_as

LOGIN, CALLBACK = "/auth/login", "/oauth2callback"


def configuration() -> dict[str, Any] | None:
    """The section `auth` of Streamlit's secrets, None when there is none.

    Raises InputRefused for one without a redirect_uri.
    """
    from streamlit.runtime.secrets import secrets_singleton

    if not secrets_singleton.load_if_toml_exists() or "auth" not in secrets_singleton:
        return None
    section = dict(secrets_singleton["auth"])
    if not urlsplit(str(section.get("redirect_uri", ""))).hostname:
        raise InputRefused(
            "has no redirect_uri", "[auth] of secrets.toml", "see docs/access.md for what it needs"
        )
    return section


class OidcDoor(TokenDoor):
    """Lets in whom the provider knows and who has a role here; a token lets in only the visit with
    which the server is started.
    """

    for_own_user = False
    purposes = (one_time_token.START,)

    def __init__(self, settings: Settings, port: int, subject: str, section: Mapping[str, Any]):
        super().__init__(settings, port, subject)
        address = urlsplit(str(section["redirect_uri"]))
        self.names = tuple({*LOCAL_NAMES, str(address.hostname).lower()})

    def visitor(self, headers: Headers) -> Visitor | None:
        """The session of Streamlit's cookie, begun when it is first seen."""
        from streamlit.web.server.starlette.starlette_websocket import (
            USER_COOKIE_NAME,
            _get_signed_cookie_with_chunks,
        )

        jar = cookies(headers)
        chunks = {k: v for k, v in jar.items() if re.fullmatch(rf"{USER_COOKIE_NAME}(_+\d+)?", k)}
        if not chunks:
            return super().visitor(headers)
        key = json.dumps(sorted(chunks.items()))
        known = VISITORS.of_key(key)
        if known is not None or VISITORS.has_ended(key):
            return known
        claims = json.loads(_get_signed_cookie_with_chunks(jar, USER_COOKIE_NAME) or b"{}")
        if not claims.get("is_logged_in") or not claims.get("sub"):
            return None
        return self._begin(key, claims)

    def way_in(self, scope: Message) -> str | None:
        """The provider's login for a browser that opens a page; its roads are open to all."""
        from streamlit.auth_util import encode_provider_token

        if scope["path"] in (LOGIN, CALLBACK, LOGOUT_OF_PROVIDER):
            return ""
        headers = dict(scope["headers"])
        opens_page = scope["method"] == "GET" and b"text/html" in headers.get(b"accept", b"")
        return f"{LOGIN}?provider={encode_provider_token('default')}" if opens_page else None

    def _begin(self, key: str, claims: Mapping[str, Any]) -> Visitor | None:
        # a subject is unique only beside its issuer
        subject = f"{claims.get('iss')}#{claims['sub']}"
        seconds = self.settings.session_hours * 3600
        visitor = Visitor.until(
            subject,
            roles_of(claims, self.settings),
            seconds,
            self.settings.idle_minutes * 60,
            str(claims.get("name") or claims.get("email") or claims["sub"]),
        )
        visitor.ends = min(
            visitor.ends, float(claims.get("exp", 0)), float(claims.get("iat", 0)) + seconds
        )
        VISITORS.begin(key, visitor)
        if visitor.seconds_left() <= 0:
            return None
        with acting_as(Actor(subject, visitor.roles)):
            audit.record(self.settings, one_time_token.LOGIN, "", {"roles": list(visitor.roles)})
        return visitor


def roles_of(claims: Mapping[str, Any], settings: Settings) -> tuple[str, ...]:
    """The roles that the claim `roles` of the ID token gives, and the file of the setting
    `roles_file`; a name that is no role gives nothing.

    Only an e-mail that the provider has verified is looked up: another is what somebody typed.
    """
    given = claims.get("roles") or ()
    roles = {given} if isinstance(given, str) else set(given)
    if settings.roles_file is not None:
        people = tomllib.loads(settings.roles_file.read_text(encoding="utf-8")).get("people", {})
        names = [f"{claims.get('iss')}#{claims.get('sub')}"]
        if claims.get("email_verified") is True and claims.get("email"):
            names.append(str(claims["email"]).lower())
        roles |= {role for name in names for role in people.get(name, ())}
    return tuple(role for role in ROLES if role in roles)
