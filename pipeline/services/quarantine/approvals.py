"""Waivers and releases that wait for a second person, and the approval (setting `four_eyes`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.access.roles import DECIDE, needs
from pipeline.services.quarantine import audit_text
from pipeline.store.control import actor, approvals, decisions
from pipeline.store.control.control_file import open_control, verified


@dataclass(frozen=True)
class Waiting:
    """What waits: `target` is the id of a decision or of a load, `what` the waiver or release in
    words; `is_own`: the one who acts made it, and cannot approve it.
    """

    target: str
    what: str
    author: str
    made_at: str
    reason: str
    is_own: bool


def waiting(settings: Settings) -> tuple[Waiting, ...]:
    """What waits for a second person, oldest first; nothing where the setting does not ask for
    one.
    """
    if not settings.four_eyes:
        return ()
    with open_control(settings) as control:
        made = approvals.waiting(control)
        waivers = {each["decision_id"]: each for each in decisions.trail(control)}
        releases = {each["load_id"]: each for each in decisions.releases(control)}
    found = []
    for target, record in made.items():
        waiver, release = waivers.get(target), releases.get(target)
        of = waiver or release
        if of is None or (waiver and waiver["reverted_at"]):
            continue
        what = (
            f"waiver of {waiver['rule_id'] or 'all rules'} for "
            + (waiver["row_id"] or f"all of {waiver['entity']}")
            if waiver
            else f"release of {target}"
        )
        is_own = record.subject == actor.current().subject
        found.append(Waiting(target, what, of["author"], record.at, of["reason"], is_own))
    return tuple(found)


@needs(DECIDE)
def approve(settings: Settings, targets: Sequence[str], by: str | None = None) -> list[str]:
    """Approve waivers and releases that somebody else made, all or none; returns their ids.

    Raises InputRefused for what does not wait, and for what the same login made.
    """
    author = audit_text.author(by)
    names = list(dict.fromkeys(targets))
    with open_control(settings) as control:
        made = approvals.waiting(control, verified(settings, control))
        for name in names:
            if name not in made:
                raise InputRefused(
                    "does not wait for a second person", name, "see: icon-health quarantine audit"
                )
            if made[name].subject == actor.current().subject:
                raise InputRefused(
                    "was made under the same login", name, "somebody else has to approve it"
                )
        for name in names:
            approvals.approve(control, made[name], author)
    return names
