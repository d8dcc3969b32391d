"""audit: verify the audit trail, read it, and go on after a break."""

import re
from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, verb
from pipeline.cli.quarantine import author_options
from pipeline.config import Settings
from pipeline.errors import InputRefused

BROKEN = 1


@click.group("audit", cls=Verbs)
def audit() -> None:
    """Who did what: verify the audit trail, read it, go on after a break."""


def _head(text: str) -> tuple[int, str]:
    """`12:ab34...` as number and hash; raises InputRefused for anything else."""
    number, _, value = text.partition(":")
    if not number.isascii() or not number.isdigit() or not re.fullmatch("[0-9a-f]{64}", value):
        raise InputRefused(f"{text!r} is no head", "--head", "write it as NUMBER:HASH")
    return int(number), value


@verb("verify", audit)
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="NUMBER:HASH",
    help="A head that was kept elsewhere, as in a syslog; the trail must hold it.",
)
def verify(settings: Settings, heads: tuple[str, ...]) -> Answer:
    """Read the whole trail and compare it with what builds, and you, have noted of it.

    Exit code 1 when a record was changed, removed or reordered, or a decision is not as recorded.
    """
    from pipeline.services.access import audit as service

    state = service.verify(settings, [_head(each) for each in heads])
    wrong = [*state.problems, *(f"{name} {why}" for name, why in state.decisions.items())]
    ended = f"{text.counted(state.records, 'record')}, head {state.head}"
    return Answer(
        asdict(state) | {"is_good": state.is_good},
        (*wrong, f"{'good' if state.is_good else 'BROKEN'}: {ended}"),
        exit_code=0 if state.is_good else BROKEN,
    )


@verb("list", audit)
@click.option("--limit", type=int, default=50, metavar="N", help="How many (default 50).")
def newest(settings: Settings, limit: int) -> Answer:
    """The newest records first."""
    from pipeline.services.access import audit as service

    records = service.newest(settings, limit)
    rows = [
        (each.n, text.moment(each.at), each.subject, each.action, each.target) for each in records
    ]
    return Answer(
        {"records": [{**asdict(each), "detail": each.facts} for each in records]},
        (text.table(rows, ("record", "when", "login", "did", "what")),),
    )


@verb("accept", audit)
@author_options
def accept(settings: Settings, reason: str, by: str | None) -> Answer:
    """Go on after a break: new records count again, and the break stays on record."""
    from pipeline.services.access import audit as service

    state = service.accept(settings, reason, by)
    again = f"; decide again: {', '.join(state.decisions)}" if state.decisions else ""
    return Answer(asdict(state), (f"accepted; new records count again{again}",))
