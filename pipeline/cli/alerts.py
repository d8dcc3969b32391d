"""alerts: look now, see what was told, try the channels."""

from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, verb
from pipeline.config import Settings

NOT_SENT = 1


@click.group("alerts", cls=Verbs)
def alerts() -> None:
    """Who is told of what: look now, see what was told, try the channels."""


@verb("check", alerts)
@click.option("--task", metavar="NAME", help="A task of a scheduler that failed, to be told too.")
def check(settings: Settings, task: str | None) -> Answer:
    """Raise alerts as the home is now and send what is new; exit code 1 when a channel fails."""
    from pipeline.services.run import alerts as service

    outcome = service.check(settings, task)
    rows = [(alert.event, alert.sentence) for alert in outcome.raised]
    return Answer(
        {
            "raised": [asdict(alert) for alert in outcome.raised],
            "messages": outcome.messages,
            "failures": list(outcome.failures),
        },
        (
            text.table(rows, ("event", "what"), "New alerts") if rows else "nothing new",
            f"{text.counted(outcome.messages, 'message')} sent",
            *outcome.failures,
        ),
        NOT_SENT if outcome.failures else 0,
    )


@verb("list", alerts)
@click.option("--limit", type=int, default=50, metavar="N", help="How many (default 50).")
def listed(settings: Settings, limit: int) -> Answer:
    """The newest alerts first, with what became of them on each channel."""
    from pipeline.services.run import alerts as service

    newest = service.listed(settings, limit)
    rows = [
        (
            told.alert.alert_id,
            text.moment(told.alert.raised_at),
            "open" if told.alert.closed_at is None else "closed",
            told.alert.sentence,
            ", ".join(
                f"{each.channel}: {'sent' if each.sent_at else each.error or 'waits'}"
                for each in told.deliveries
            ),
        )
        for told in newest
    ]
    return Answer(
        {
            "alerts": [
                {**asdict(told.alert), "deliveries": [asdict(each) for each in told.deliveries]}
                for told in newest
            ]
        },
        (text.table(rows, ("alert", "raised", "state", "what", "told")),),
    )


@verb("try", alerts)
def try_channels(settings: Settings) -> Answer:
    """Send a message that says it is a try to every channel; exit code 1 when one fails."""
    from pipeline.services.run import alerts as service

    outcome = service.try_channels(settings)
    rows = [(name, why or "sent") for name, why in outcome.items()]
    return Answer(
        {"channels": [{"channel": name, "error": why} for name, why in outcome.items()]},
        (text.table(rows, ("channel", "outcome")),),
        NOT_SENT if any(outcome.values()) else 0,
    )
