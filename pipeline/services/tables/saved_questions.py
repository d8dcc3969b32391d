"""Questions in SQL that somebody gave a name, for everybody who may look at Tables."""

import re

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.access.roles import ADMINISTER, ALLOWED, SEE, NotAllowed, needs
from pipeline.services.quarantine import audit_text
from pipeline.store.browse import questions
from pipeline.store.control import actor, audit, saved_questions
from pipeline.store.control.control_file import open_control
from pipeline.store.control.saved_questions import SavedQuestion
from pipeline.store.sqlite.statements import transaction

__all__ = ["SavedQuestion", "all_questions", "may_change", "remove", "save"]

#: Letters of a name; it stands in links.
NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ,()/%&'+-]{1,59}")


@needs(SEE)
def all_questions(settings: Settings) -> list[SavedQuestion]:
    """All saved questions by name."""
    with open_control(settings) as control:
        return saved_questions.all_questions(control)


@needs(SEE)
def save(settings: Settings, name: str, statement: str, by: str | None = None) -> None:
    """Keep a question under a name, and record it; one's own of that name is replaced.

    Raises InputRefused for a name or a statement that may hold an identifier, for what is no
    question, and for the name of somebody else's question.
    """
    name = audit_text.words(name)
    if not NAME.fullmatch(name):
        raise InputRefused(
            "is no name for a question", "the name", "begin with a letter; at most 60 plain ones"
        )
    questions.check(statement)
    kept = audit_text.question(statement)
    with open_control(settings) as control, transaction(control):
        _check_own(saved_questions.question(control, name))
        saved_questions.save(control, name, kept, audit_text.author(by), actor.current().subject)
        audit.append(control, "save question", name, {"question": kept})


@needs(SEE)
def remove(settings: Settings, name: str) -> None:
    """Take a question of one's own away, or as an admin any; the record of it stays."""
    with open_control(settings) as control, transaction(control):
        standing = saved_questions.question(control, name)
        if standing is None:
            return
        _check_own(standing)
        saved_questions.remove(control, name)
        audit.append(control, "remove question", name, {})


def may_change(saved: SavedQuestion) -> bool:
    """Whether the one who acts saved this question, or is an admin."""
    now = actor.current()
    return now.subject == saved.subject or bool(ALLOWED[ADMINISTER] & set(now.roles))


def _check_own(standing: SavedQuestion | None) -> None:
    if standing is not None and not may_change(standing):
        raise NotAllowed("is somebody else's question", standing.name, "take another name")
