"""quarantine release, approve, date-order, words: what people decide about whole loads."""

from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, one_of, verb
from pipeline.cli.quarantine import NEXT, author_options, quarantine
from pipeline.config import Settings

APPROVE = "icon-health quarantine approve"


@verb("release", quarantine)
@click.argument("load_id", metavar="LOAD_ID")
@author_options
def release(settings: Settings, load_id: str, reason: str, by: str | None) -> Answer:
    """Let a load that waits at the gate pass."""
    from pipeline.services.upload import loads

    load = loads.release(settings, load_id, reason, by)
    then = f"somebody else has to approve it: {APPROVE} {load_id}" if settings.four_eyes else NEXT
    return Answer(
        {"load_id": load["load_id"], "gate": load["gate"]},
        (f"{load['load_id']} is released; {then}",),
    )


@verb("approve", quarantine)
@click.argument("targets", nargs=-1, metavar="[DECISION_ID|LOAD_ID]")
@click.option("--by", metavar="NAME", help="Who approves (default: you).")
def approve(settings: Settings, targets: tuple[str, ...], by: str | None) -> Answer:
    """Approve waivers and releases of somebody else; without an id list what waits."""
    from pipeline.services.quarantine import approvals

    if targets:
        names = approvals.approve(settings, targets, by)
        return Answer({"approved": names}, (f"{', '.join(names)} approved; {NEXT}",))
    waiting = approvals.waiting(settings)
    rows = [(each.target, each.what, each.author, text.moment(each.made_at)) for each in waiting]
    return Answer(
        {"waiting": [asdict(each) for each in waiting]},
        (text.table(rows, ("id", "what", "by", "when")) if rows else "nothing waits",),
    )


@verb("date-order", quarantine)
@click.argument("load_id", metavar="LOAD_ID")
@click.argument("order", metavar="ORDER", shell_complete=one_of(lambda: ("mdy", "dmy", "none")))
@click.option("--once", is_flag=True, help="Not for the next files of this sender.")
@author_options
def state_date_order(
    settings: Settings, load_id: str, order: str, once: bool, reason: str, by: str | None
) -> Answer:
    """State whether a file writes the month first (mdy) or the day (dmy); none takes it back."""
    from pipeline.services.upload import date_order

    stated = None if order.lower() == "none" else order
    load = date_order.state(settings, load_id, stated, reason, by, for_sender=not once)
    return Answer(
        {"load_id": load["load_id"], "date_order": load["date_order"]},
        (f"{load['load_id']}: {order.lower()} is stated; {NEXT}",),
    )


@verb("words", quarantine)
@click.argument("load_id", metavar="LOAD_ID")
@click.argument("words", metavar="COLUMN:WORD=VALUE", nargs=-1)
@click.option("--once", is_flag=True, help="Not for the next files of this sender.")
@author_options
def state_words(
    settings: Settings,
    load_id: str,
    words: tuple[str, ...],
    once: bool,
    reason: str,
    by: str | None,
) -> Answer:
    """State what the words of a file mean (gender:herr=male); no word takes all back."""
    from pipeline.services.upload import value_words

    stated = value_words.state(settings, load_id, words, reason, by, for_sender=not once)
    return Answer(
        {"load_id": load_id, "words": [list(triple) for triple in stated]},
        (f"{load_id}: {value_words.in_short(stated) or 'no word'} is stated; {NEXT}",),
    )
