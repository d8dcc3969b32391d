"""connectors: where deliveries come from by themselves, and when."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, verb
from pipeline.config import Settings
from pipeline.errors import InputRefused

if TYPE_CHECKING:
    from pipeline.services.upload.connectors import Connector


@click.group("connectors", cls=Verbs)
def connectors() -> None:
    """Where deliveries come from by themselves: folders, S3, SFTP, HTTP, databases."""


@verb("add", connectors)
@click.argument("name", metavar="NAME")
@click.argument("address", metavar="ADDRESS")
@click.option("--match", metavar="PATTERN", help="Only files whose path matches, such as in/*.csv.")
@click.option(
    "--settle",
    metavar="SECONDS",
    help="A file written to within so long is waited for (default 5).",
)
@click.option("--table", metavar="TABLE", help="Table of a database, with its schema.")
@click.option("--query", metavar="SQL", help="One SELECT instead of a table.")
@click.option(
    "--cursor",
    metavar="COLUMN",
    help="Column that only grows: rows from its last value on are read.",
)
@click.option(
    "--option",
    "others",
    multiple=True,
    metavar="KEY=VALUE",
    help="Option of such an address, such as endpoint_url=URL.",
)
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="FIELD=VARIABLE",
    help="Environment variable that holds a secret.",
)
def add(
    settings: Settings,
    name: str,
    address: str,
    match: str | None,
    settle: str | None,
    table: str | None,
    query: str | None,
    cursor: str | None,
    others: tuple[str, ...],
    secrets: tuple[str, ...],
) -> Answer:
    """Define a connector.

    ADDRESS is a folder, s3://, gs://, az://, sftp://, http(s)://, sqlite:/// or postgresql://.
    """
    from pipeline.services.upload import connectors as service

    named = {
        "match": match,
        "settle_seconds": settle,
        "table": table,
        "query": query,
        "cursor": cursor,
    }
    options = _pairs(others, "--option") | {
        key: value for key, value in named.items() if value is not None
    }
    added = service.add(settings, name, address, options, _pairs(secrets, "--secret"))
    return Answer(
        asdict(added),
        (f"{added.name} reads {added.address}: icon-health connectors test {added.name}",),
    )


def _pairs(words: Iterable[str], option: str) -> dict[str, str]:
    pairs = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key or not value:
            # the word is not repeated: it may be the secret itself
            raise InputRefused("takes NAME=VALUE", option, "write both, with = between them")
        pairs[key] = value
    return pairs


@verb("list", connectors)
def listed(settings: Settings) -> Answer:
    """Every connector with its last sync and its next one."""
    from pipeline.services.upload import connectors as service

    found = service.listed(settings)
    rows = [
        (
            each.name,
            each.address,
            text.moment(each.last_sync_at),
            each.last_status or "never synced",
            _next(each),
            each.last_error or "",
        )
        for each in found
    ]
    return Answer(
        {"connectors": [asdict(each) for each in found]},
        (
            text.table(
                rows, ("name", "address", "last sync", "came to", "next sync", "why"), "Connectors"
            ),
        ),
    )


@verb("test", connectors)
@click.argument("name", metavar="NAME")
def test(settings: Settings, name: str) -> Answer:
    """Look at the source and fetch nothing."""
    from pipeline.services.upload import connectors as service

    trial = service.test(settings, name)
    said = (
        f"{trial.address}: {text.counted(trial.files, 'file')}"
        if trial.files
        else f"{trial.address}: can be read"
    )
    return Answer(asdict(trial), (said, *trial.names))


@verb("schedule", connectors)
@click.argument("name", metavar="NAME")
@click.argument("cron", metavar="CRON", required=False)
@click.option("--timezone", metavar="ZONE", default="UTC", help="Time zone of CRON (default UTC).")
@click.option("--off", is_flag=True, help="Take the schedule away.")
def schedule(settings: Settings, name: str, cron: str | None, timezone: str, off: bool) -> Answer:
    """Have the worker sync and build by a cron expression: minute hour day month weekday."""
    from pipeline.services.upload import connectors as service

    if off == (cron is not None):
        raise InputRefused("takes CRON or --off", "connectors schedule", "such as '15 */2 * * *'")
    if cron is None:
        return _planned(service.unschedule(settings, name))
    return _planned(service.schedule(settings, name, cron, timezone))


@verb("pause", connectors)
@click.argument("name", metavar="NAME")
def pause(settings: Settings, name: str) -> Answer:
    """Let no sync come by itself until resume."""
    from pipeline.services.upload import connectors as service

    return _planned(service.pause(settings, name))


@verb("resume", connectors)
@click.argument("name", metavar="NAME")
def resume(settings: Settings, name: str) -> Answer:
    """Go on with the schedule."""
    from pipeline.services.upload import connectors as service

    return _planned(service.resume(settings, name))


def _planned(connector: "Connector") -> Answer:
    return Answer(asdict(connector), (f"{connector.name}: {_next(connector)}",))


def _next(connector: "Connector") -> str:
    if connector.is_paused:
        return "paused"
    if connector.next_at is None:
        return "without a schedule"
    return f"{text.moment(connector.next_at)} ({connector.cron}, {connector.timezone})"


@verb("remove", connectors)
@click.argument("name", metavar="NAME")
def remove(settings: Settings, name: str) -> Answer:
    """Forget a connector and how far it was read; what it loaded stays."""
    from pipeline.services.upload import connectors as service

    service.remove(settings, name)
    return Answer({"name": name}, (f"{name} is removed; what it loaded stays",))
