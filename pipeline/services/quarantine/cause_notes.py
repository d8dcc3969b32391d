"""Who takes care of a cause, until when, and what people say about it."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.access.roles import DECIDE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.quarantine import causes as cause_service
from pipeline.services.quarantine.checks import check_day
from pipeline.store.control import cause_notes
from pipeline.store.control.cause_notes import ASSIGNED, COMMENT, DUE, Note
from pipeline.store.control.control_file import open_control

__all__ = ["Care", "Given", "Note", "all_care", "keep", "note"]


@dataclass(frozen=True)
class Care:
    """How a cause is taken care of: by whom and until which ISO day ('' where nobody has said),
    the comments, and all notes that led there; both oldest first.
    """

    assignee: str = ""
    due_on: str = ""
    comments: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()

    def is_overdue(self, today: str) -> bool:
        """Whether its day has passed on an ISO day."""
        return bool(self.due_on) and self.due_on < today


@dataclass(frozen=True)
class Given:
    """What is said anew: who takes care, until which ISO day, a comment; None for what is not, ''
    for a name or a day that is taken away.
    """

    assignee: str | None = None
    due_on: str | None = None
    comment: str | None = None


def all_care(settings: Settings) -> dict[str, Care]:
    """Cause id -> how it is taken care of, for every cause that somebody noted something about."""
    by_cause: dict[str, list[Note]] = {}
    with open_control(settings) as control:
        for each in cause_notes.notes(control):
            by_cause.setdefault(each.cause_id, []).append(each)
    return {cause_id: _care(notes) for cause_id, notes in by_cause.items()}


@needs(DECIDE)
def note(
    settings: Settings,
    cause_id: str,
    assignee: str | None = None,
    due_on: str | None = None,
    comment: str | None = None,
    by: str | None = None,
) -> Care:
    """Note what is given about a cause for which rows wait now; '' takes the assignee or the day
    away, and what stands already is not noted again. Returns how it is taken care of then.

    Raises InputRefused for an unknown cause, a day that is none, words that may hold an identifier
    of a patient, and where nothing is new.
    """
    causes = cause_service.causes(settings).causes.causes
    cause = next((each for each in causes if each.cause_id == cause_id), None)
    if cause is None:
        raise InputRefused("no row waits for such a cause", cause_id, "see: quarantine causes")
    given = Given(assignee, due_on, comment)
    return keep(settings, (cause_id, cause.entity, cause.rule.rule_id), given, by)


@needs(DECIDE)
def keep(
    settings: Settings, about: tuple[str, str, str], given: Given, by: str | None = None
) -> Care:
    """Note what is given about something (its id, source and rule), whether it is there or not;
    otherwise as `note`.
    """
    name, assignee, due_on, comment = about[0], given.assignee, given.due_on, given.comment
    if due_on:
        check_day(due_on)
    now = all_care(settings).get(name, Care())
    wanted = [
        (ASSIGNED, None if assignee is None else audit_text.colleague(assignee), now.assignee),
        (DUE, due_on, now.due_on),
        (COMMENT, None if comment is None else audit_text.comment(comment), ""),
    ]
    texts = [(kind, text) for kind, text, was in wanted if text is not None and text != was]
    if not texts:
        raise InputRefused("says nothing new", name, "give a name, a day or a comment")
    author = audit_text.author(by)
    with open_control(settings) as control:
        cause_notes.add(control, about, texts, author)
    return all_care(settings)[name]


def _care(notes: list[Note]) -> Care:
    newest = {each.kind: each.text for each in notes}
    return Care(
        newest.get(ASSIGNED, ""),
        newest.get(DUE, ""),
        tuple(each for each in notes if each.kind == COMMENT),
        tuple(notes),
    )
