"""demo: things to look at, with made-up rows."""

import sys
from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, verb
from pipeline.config import Settings


@click.group("demo", cls=Verbs)
def demo() -> None:
    """Things to look at, with made-up rows."""


@verb("stream", demo)
@click.option(
    "--port", type=int, default=8501, metavar="PORT", help="Port of the workbench (default 8501)."
)
@click.option(
    "--no-app", is_flag=True, help="Without the workbench; ends when everything was sent."
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 100),
    default=5,
    metavar="N",
    help="Parts that the sample is sent in (default 5).",
)
@click.option(
    "--pause",
    type=click.FloatRange(0),
    default=5.0,
    metavar="SECONDS",
    help="Pause between two parts (default 5).",
)
def stream(settings: Settings, port: int, no_app: bool, rounds: int, pause: float) -> Answer:
    """A stream on this machine: broker, sender, consumer, drains, builds and the workbench, in an
    empty --home.

    One message is poison; repair it on the page Quarantine.
    """
    from pipeline.services.stream import demo as service

    def heard(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    state = service.stream(settings, rounds, pause, heard, None if no_app else port)
    waiting = text.counted(state.dead_letters, "dead letter")
    words = f"{waiting} left; see: icon-health --home {settings.home} stream letters"
    return Answer(asdict(state), (words,))
