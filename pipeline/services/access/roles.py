"""Who may do what, checked where it is done: a page that hides a button is a courtesy, no check."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from pipeline.errors import InputRefused
from pipeline.store.control import actor

SEE, WORK, EXPORT, REVEAL, DECIDE = "see", "work", "export", "reveal", "decide"
OPERATE, ADMINISTER = "operate", "administer"
#: What one may do -> the roles that may.
ALLOWED: dict[str, frozenset[str]] = {
    SEE: frozenset(actor.ROLES),
    WORK: frozenset({"reviewer", "operator", "admin"}),
    EXPORT: frozenset({"reviewer", "operator", "admin"}),
    REVEAL: frozenset({"reviewer", "admin"}),
    DECIDE: frozenset({"reviewer", "admin"}),
    OPERATE: frozenset({"operator", "admin"}),
    ADMINISTER: frozenset({"admin"}),
}
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class NotAllowed(InputRefused):
    """The one who acts has no role that may do this; nothing was done."""


def may(action: str) -> bool:
    """Whether the one who acts has a role for an action."""
    return bool(ALLOWED[action] & set(actor.current().roles))


def takes(action: str) -> str:
    """Which roles an action takes, in words."""
    *others, last = (role for role in actor.ROLES if role in ALLOWED[action])
    return f"{', '.join(others)} or {last}" if others else last


def check(function: Callable[..., object]) -> None:
    """Raise NotAllowed unless the one who acts may call a function that `needs` declares."""
    action = getattr(function, "needs", None)
    if action is not None and (error := refusal(action, function.__name__)):
        raise error


def refusal(action: str, place: str) -> NotAllowed | None:
    """Why the one who acts may not do what is done at `place`; None when they may."""
    if may(action):
        return None
    hint = f"it takes the role {takes(action)}; ask an administrator"
    return NotAllowed(f"your login may not {action}", place, hint)


def needs(action: str) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Declare what a function of the services is: only who has a role for `action` gets an
    answer, any other call raises NotAllowed before anything is done.
    """
    assert action in ALLOWED, action

    def declare(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @wraps(function)
        def checked(*arguments: Given.args, **named: Given.kwargs) -> Answer:
            check(checked)
            return function(*arguments, **named)

        checked.needs = action  # type: ignore[attr-defined]
        return checked

    return declare
