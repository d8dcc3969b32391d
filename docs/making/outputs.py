"""Real output of real commands: each is run on a home of its own and printed as a person would see
it.
"""

import contextlib
import io
import re
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path

from pipeline.cli.main import main
from pipeline.config import load_settings
from pipeline.services.quarantine import decisions

PROGRAM = "icon-health"
HOME = "data/warehouse"
#: Lines of output that are shown of a command; what is longer ends in dots.
LONGEST = {"run": 60, "build": 17, "trace": 6}
RUN, REVIEW, TRACE = (
    "run data/sample",
    "quarantine suggestions",
    "trace provider_scorecard 2487874143",
)
#: What differs from one run to the next and from one machine to the next.
CHANGING = (
    (re.compile(r"\d+ min \d+ s|\d+\.\d s"), "TIME"),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC"), "MOMENT"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "DAY"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "BUILD"),
)


def without_times(text: str) -> str:
    """The text without what changes from run to run: times, moments, days, build ids and the blanks
    that align them.
    """
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def transcript(command: str, home: Path) -> str:
    """A command and its output as a code block; the folder of the home is called by its default
    name.
    """
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        code = main(["--home", str(home), *shlex.split(command)])
    if code:
        raise RuntimeError(f"{PROGRAM} {command} ended with {code}")
    lines = printed.getvalue().replace(str(home.resolve()), HOME).rstrip().splitlines()
    longest = LONGEST.get(command.split()[0], 60)
    if len(lines) > longest:
        lines = [*lines[:longest], "  ..."]
    return "\n".join(["```console", f"$ {PROGRAM} {command}", *lines, "```"])


def repairs(home: Path) -> list[str]:
    """The command lines that accept every suggestion of this home, one a value."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for suggestion in decisions.suggestions(load_settings(home=home)):
        rows.setdefault((suggestion.entity, suggestion.column, suggestion.new), []).append(
            suggestion.row_id
        )
    return [
        f"quarantine correct --entity {entity} {' '.join(f'--row {row}' for row in ids)} --set {column}={new} --reason 'as suggested'"
        for (entity, column, new), ids in rows.items()
    ]


def makers(home: Path) -> dict[str, Callable[[], str]]:
    """Blocks of the README in the order in which they stand; each leaves the home as the next needs
    it.
    """
    return {
        "run": lambda: transcript(RUN, home),
        "suggestions": lambda: transcript(REVIEW, home),
        "repair": lambda: "\n\n".join(transcript(repair, home) for repair in repairs(home)),
        "build": lambda: transcript("build", home),
        "trace": lambda: transcript(TRACE, home),
    }


@contextlib.contextmanager
def fresh_home():
    """An empty home that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "home"
