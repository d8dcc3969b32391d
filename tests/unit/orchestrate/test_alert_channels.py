"""How an alert leaves: by webhook, mail or Slack, encrypted, signed, never at the cost of a run."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from pipeline.config import load_settings
from pipeline.declared.alert_rules import read_alert_rules
from pipeline.errors import InputRefused
from pipeline.orchestrate import runner
from pipeline.orchestrate.queue import RunRequest
from pipeline.services.run import alerts as service
from tests.unit.orchestrate.alert_homes import failing, told, webhook
from tests.unit.orchestrate.stand_in import outcome


def test_a_webhook_is_signed_and_links_to_the_page_of_the_run(home, hook, builds):
    settings = home(webhook(hook))
    failing(settings, builds)
    ((path, headers, body),) = hook.requests
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"key", signed, hashlib.sha256).digest()).decode()
    assert path == "/in" and headers["webhook-signature"] == f"v1,{expected}"
    (alert,) = hook.documents[0]["alerts"]
    assert alert["link"] == "https://workbench.example/run_history?run=R000001"
    assert hook.documents[0]["name"] == "Test home"


def test_mail_goes_out_by_login(home, mailbox, builds, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "right")
    settings = home(
        f'[[channels]]\nkind = "email"\nname = "ops"\nhost = "127.0.0.1"\nport = {mailbox.port}\n'
        'security = "none"\nuser = "icon"\npassword_env = "MAIL_PASSWORD"\n'
        'from = "icon@example.org"\nto = ["ops@example.org", "night@example.org"]\n'
    )
    failing(settings, builds)
    (message,) = mailbox.messages
    assert message["Subject"] == "Test home: failed"
    assert message["To"] == "ops@example.org, night@example.org"
    body = message.get_payload(decode=True).decode()
    assert "Run R000001 (build) failed" in body
    assert "https://workbench.example/run_history?run=R000001" in body
    assert mailbox.logins == [("icon", "right")]


def test_mail_does_not_fall_back_to_a_line_without_encryption(home, mailbox, builds, capsys):
    settings = home(
        f'[[channels]]\nkind = "email"\nname = "ops"\nhost = "127.0.0.1"\nport = {mailbox.port}\n'
        'from = "icon@example.org"\nto = ["ops@example.org"]\n'
    )
    failing(settings, builds)
    assert mailbox.messages == []
    assert "alert not sent: channel ops" in capsys.readouterr().err


def test_slack_gets_text_at_a_secret_address(home, hook, builds, monkeypatch):
    monkeypatch.setenv("SLACK", f"http://127.0.0.1:{hook.port}/services/T0/secret")
    settings = home('[[channels]]\nkind = "slack"\nname = "chat"\nurl_env = "SLACK"\n')
    failing(settings, builds)
    assert [path for path, _, _ in hook.requests] == ["/services/T0/secret"]
    (document,) = hook.documents
    assert "<https://workbench.example/run_history?run=R000001|Open>" in document["text"]


@pytest.mark.parametrize("trouble", ["status", "redirect", "nobody", "no secret", "wrong file"])
def test_an_alert_that_cannot_be_sent_fails_no_run_and_is_told(
    home, hook, builds, capsys, monkeypatch, trouble
):
    settings = home(webhook(hook))
    if trouble == "status":
        hook.status = 500
    elif trouble == "redirect":
        hook.status, hook.location = 302, f"http://127.0.0.1:{hook.port}/elsewhere"
    elif trouble == "nobody":
        settings = home(webhook(replace(hook, port=1)))
    elif trouble == "no secret":
        monkeypatch.delenv("HOOK_SECRET")
    else:
        settings.alerts_file.write_text("page = 3")
    builds.append(outcome(held=("L00001",)))
    assert runner.run_here(settings, RunRequest()).status == "held"
    assert "alert not sent: " in capsys.readouterr().err
    assert [path for path, _, _ in hook.requests if path == "/elsewhere"] == []
    if trouble == "wrong file":
        return
    (alert,) = service.listed(settings)
    (delivery,) = alert.deliveries
    assert (delivery.attempts, delivery.sent_at) == (1, None) and delivery.error
    # the next look tries again, and the channel hears of it once
    monkeypatch.setenv("HOOK_SECRET", "key")
    hook.status, hook.location = 200, ""
    before = len(hook.requests)
    settings = home(webhook(hook))
    for _ in range(2):
        assert service.check(settings).failures == ()
    assert told(hook)[before:] == ["held"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "channels"),
        ('[[channels]]\nkind = "pager"\nname = "p"\n', "pager"),
        ('[[channels]]\nkind = "slack"\nname = "p"\nurl_env = "A"\nurl = "x"\n', "url"),
        (
            '[[channels]]\nkind = "webhook"\nname = "p"\nurl = "http://far.example/"\nsecret_env = "A"\n',
            "https only",
        ),
        (
            '[[channels]]\nkind = "email"\nname = "p"\nhost = "far.example"\nsecurity = "none"\n'
            'user = "u"\npassword_env = "A"\nfrom = "a@b.c"\nto = ["a@b.c"]\n',
            "starttls or tls",
        ),
        (
            '[[channels]]\nkind = "email"\nname = "p"\nhost = "h"\nfrom = "a@b.c\\nBcc: x"\nto = ["a"]\n',
            "from",
        ),
        ('[quiet]\nfrom = 22:00:00\nuntil = 06:00:00\ntimezone = "Mars/Base"\n', "timezone"),
        ("[limits]\nlate_hours = 0\n", "late_hours"),
        ("nonsense", "TOML"),
    ],
)
def test_a_file_that_says_something_else_is_refused_with_its_place(home, text, place):
    with pytest.raises(InputRefused, match=place):
        read_alert_rules(home(text).alerts_file)


def test_without_a_file_nobody_is_told_and_nothing_is_read(tmp_path, builds):
    settings = load_settings(home=tmp_path / "home", wait_seconds=0)
    failing(settings, builds)
    assert service.listed(settings) == []
    with pytest.raises(InputRefused, match="alerts_file"):
        service.check(settings)


def test_a_try_reaches_every_channel_and_says_which_fail(home, hook):
    broken = webhook(replace(hook, port=1)).replace('"hook"', '"broken"')
    outcome = service.try_channels(home(webhook(hook) + broken))
    assert outcome["hook"] is None and "broken" in str(outcome["broken"])
    assert "nothing is wrong" in hook.documents[0]["alerts"][0]["text"]
