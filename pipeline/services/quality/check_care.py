"""Who owns a check, until when it is muted, and what people say about it.

A muted check is judged as ever, and what it holds back waits as ever; it only does not count among
those that ask for work. It is never muted without an end.
"""

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.access.roles import DECIDE, needs
from pipeline.services.quality import rules
from pipeline.services.quarantine import cause_notes
from pipeline.services.quarantine.cause_notes import Care, Given

__all__ = ["Care", "Given", "all_care", "muted", "note"]

#: Ids of checks among those of causes begin so.
PREFIX = "check:"


def all_care(settings: Settings) -> dict[str, Care]:
    """Rule name -> its care, for every check about which somebody noted something; `assignee` is
    its owner, and it is muted until `due_on`.
    """
    return {
        name.removeprefix(PREFIX): care
        for name, care in cause_notes.all_care(settings).items()
        if name.startswith(PREFIX)
    }


def muted(settings: Settings, today: str) -> dict[str, str]:
    """Rule name -> the ISO day until which it is muted, for those that are on the day `today`."""
    care = all_care(settings)
    return {name: each.due_on for name, each in care.items() if each.due_on >= today}


@needs(DECIDE)
def note(settings: Settings, rule_name: str, given: Given, by: str | None = None) -> Care:
    """Note what is given about a check, with a record in the audit trail; returns its care then.

    Raises InputRefused for a check that there is not, and otherwise as notes on causes do.
    """
    cards = rules.rules(settings)
    of_name = cards[cards["rule_name"] == rule_name]
    if of_name.empty:
        raise InputRefused("is no check", rule_name)
    card = of_name.iloc[0]
    about = (f"{PREFIX}{rule_name}", str(card["entity"]), str(card["rule_id"]))
    return cause_notes.keep(settings, about, given, by)
