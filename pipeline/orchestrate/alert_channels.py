"""Send alerts: e-mail, Slack-compatible webhooks, signed webhooks.

One message holds all that is new for its channel. What a server answers is no part of an error: it
may quote what it was sent.
"""

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException

from pipeline.config.project import project_version
from pipeline.declared.alert_rules import (
    AlertRules,
    Channel,
    Email,
    Slack,
    Webhook,
    checked_url,
    is_loopback,
    secret,
)
from pipeline.errors import InputRefused, PipelineError
from pipeline.store.control.alerts import Alert

TIMEOUT_SECONDS = 10.0


class NotSent(PipelineError):
    """A channel did not take the message."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is meant for one address goes to no other."""

    def redirect_request(self, *arguments: object, **named: object) -> None:
        """Follow none."""
        return None


def send(rules: AlertRules, channel: Channel, alerts: Sequence[Alert]) -> None:
    """Tell one channel of alerts, in one message; raises NotSent with the reason."""
    try:
        if isinstance(channel, Email):
            _send_mail(rules, channel, alerts)
        elif isinstance(channel, Slack):
            _post(_address(channel.url_env), _slack(rules, alerts), {})
        elif isinstance(channel, Webhook):
            body = _document(rules, alerts)
            _post(channel.url, body, signature(secret(channel.secret_env), body))
    except InputRefused as error:
        raise NotSent(str(error), f"channel {channel.name}") from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(
            f"{type(error).__name__} {error.smtp_code}", f"channel {channel.name}"
        ) from error
    except urllib.error.HTTPError as error:
        raise NotSent(f"the server answers {error.code}", f"channel {channel.name}") from error
    except (OSError, smtplib.SMTPException, HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        raise NotSent(type(why).__name__, f"channel {channel.name}") from error


def link(rules: AlertRules, alert: Alert) -> str:
    """The address of the page that shows what an alert tells of."""
    return f"{rules.page.rstrip('/')}/{alert.path}"


def subject(rules: AlertRules, alerts: Sequence[Alert]) -> str:
    """One line on all of them."""
    events = sorted({alert.event.replace("_", " ") for alert in alerts})
    return f"{rules.name}: {', '.join(events)}"


def signature(key: str, body: bytes) -> dict[str, str]:
    """The headers by which the receiver knows who sent the body and when (Standard Webhooks):
    HMAC-SHA256 over id, seconds and body.
    """
    message, seconds = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    signed = f"{message}.{seconds}.".encode() + body
    digest = hmac.new(_key(key), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(text: str) -> bytes:
    """The bytes of a secret; with the prefix whsec_ it is base64."""
    if text.startswith("whsec_"):
        return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    return text.encode()


def _address(variable: str) -> str:
    """The address that an environment variable holds; raises InputRefused for none."""
    try:
        return checked_url(secret(variable))
    except ValueError as error:
        raise InputRefused(str(error), f"environment variable {variable}") from error


def _send_mail(rules: AlertRules, channel: Email, alerts: Sequence[Alert]) -> None:
    message = EmailMessage()
    message["From"], message["To"] = channel.from_, ", ".join(channel.to)
    message["Subject"], message["Date"] = subject(rules, alerts), formatdate()
    message["Message-ID"] = make_msgid(domain="icon-health.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        "\n\n".join(f"{alert.sentence}\n{link(rules, alert)}" for alert in alerts) + "\n"
    )
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if channel.security == "tls":
        server = smtplib.SMTP_SSL(
            channel.host, channel.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(channel.host, channel.port, timeout=TIMEOUT_SECONDS)
    with server:
        if channel.security == "starttls":
            server.starttls(context=context)
        if channel.user and channel.password_env:
            server.login(channel.user, secret(channel.password_env))
        server.send_message(message)


def _document(rules: AlertRules, alerts: Sequence[Alert]) -> bytes:
    return json.dumps(
        {
            "type": "icon_health.alerts",
            "name": rules.name,
            "alerts": [
                {
                    "id": alert.alert_id,
                    "event": alert.event,
                    "key": alert.key,
                    "text": alert.sentence,
                    "raised_at": alert.raised_at,
                    "link": link(rules, alert),
                }
                for alert in alerts
            ],
        }
    ).encode()


def _slack(rules: AlertRules, alerts: Sequence[Alert]) -> bytes:
    lines = [f"*{subject(rules, alerts)}*"]
    lines += [f"{alert.sentence} <{link(rules, alert)}|Open>" for alert in alerts]
    return json.dumps({"text": "\n".join(lines)}).encode()


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    request = urllib.request.Request(
        url,
        data=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": f"icon-health/{project_version()}",
            **headers,
        },
    )
    # what goes to this machine goes through no proxy
    proxies = [urllib.request.ProxyHandler({})] if is_loopback(request.host.split(":")[0]) else []
    opener = urllib.request.build_opener(_NoRedirect, *proxies)
    with opener.open(request, timeout=TIMEOUT_SECONDS):
        return
