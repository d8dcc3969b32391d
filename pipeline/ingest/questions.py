"""What a person has to decide about a file because two readings of it are as good as each other."""

import shlex
from dataclasses import dataclass

from pipeline.errors import InputRefused, printable

#: Field of a reading -> option of the command line that decides it.
OPTIONS = {
    "encoding": "--encoding",
    "delimiter": "--delimiter",
    "positions": "--positions",
    "header_line": "--header-line",
    "sheet": "--sheet",
}
NO_HEADER = "--no-header"


@dataclass(frozen=True)
class Choice:
    """One answer: the value of the field, and what speaks for it."""

    value: str | int
    evidence: str = ""


@dataclass(frozen=True)
class Question:
    """`field` of a reading that is open, what is unclear, and the answers, the likeliest first;
    `more` counts further answers, which are not listed.
    """

    field: str
    what: str
    choices: tuple[Choice, ...] = ()
    more: int = 0

    @property
    def hint(self) -> str:
        """How to answer."""
        answers = " or ".join(_option(self.field, each.value) for each in self.choices)
        more = f" or one of {self.more:,} more" if self.more else ""
        return f"choose with {answers or OPTIONS[self.field]}{more}, or on the upload page"


class ReadingUnclear(InputRefused):
    """A file can be read in more than one way; `question` says what decides."""

    def __init__(self, question: Question, where: str) -> None:
        self.question = question
        super().__init__(question.what, where, question.hint)


def _option(field: str, value: str | int) -> str:
    """What answers on the command line: `--delimiter tab`, `--no-header`."""
    if field == "header_line" and not value:
        return NO_HEADER
    if field == "sheet":
        return f"{OPTIONS[field]} {shlex.quote(printable(str(value)))}"
    return f"{OPTIONS[field]} {_shown(value)}"


def _shown(value: str | int) -> str:
    return {"\t": "tab", " ": "blank"}.get(value, value) if isinstance(value, str) else str(value)
