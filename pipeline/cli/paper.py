"""What a program gets of an answer: the document as JSON, a summary of it on one line, a file."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from pipeline.errors import InputRefused

#: Asks for the summary on one line; bare `--json` asks for the document.
JSON_LINE = "--json=line"
#: Characters of a summary; schedulers keep the last line of an output and little of it.
LONGEST_LINE, LONGEST_TEXT = 1000, 200


@dataclass
class Paper:
    """What is asked for: JSON on stdout, all of it or a line, and a file with all of it."""

    is_asked: bool
    is_line: bool
    file: Path | None = None

    def of(self, document: dict[str, Any]) -> str:
        """What stdout gets of a document, nothing when no JSON is asked for; raises InputRefused
        when the file cannot be written.
        """
        whole = json.dumps(document, indent=2, default=str)
        if self.file is not None:
            _write(self.file, whole)
        if not self.is_asked:
            return ""
        return json.dumps(summary(document), default=str) if self.is_line else whole


def summary(document: dict[str, Any]) -> dict[str, Any]:
    """A document of at most LONGEST_LINE characters as JSON: numbers, short texts and short lists
    of them stay, a list becomes its length, a mapping its parts; what still does not fit is named
    in `left_out`.
    """
    short = {key: _short(value) for key, value in document.items()}
    left_out: list[str] = []
    while len(json.dumps(_with(short, left_out), default=str)) > LONGEST_LINE and short:
        longest = max(short, key=lambda key: len(json.dumps(short[key], default=str)))
        left_out.append(longest)
        del short[longest]
    while len(json.dumps(_with(short, left_out), default=str)) > LONGEST_LINE:
        left_out.pop()
    return _with(short, left_out)


def _with(short: dict[str, Any], left_out: list[str]) -> dict[str, Any]:
    return {**short, "left_out": left_out} if left_out else short


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        plain = all(isinstance(part, (str, int, float)) for part in value)
        is_few = plain and len(json.dumps(value)) <= LONGEST_TEXT
        return list(value) if is_few else len(value)
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "…"
    return value


def _write(file: Path, text: str) -> None:
    """The file whole or as it was, for its owner only."""
    try:
        with NamedTemporaryFile(
            "w", dir=file.parent, prefix=f".{file.name}-", delete=False, encoding="utf-8"
        ) as partial:
            partial.write(text + "\n")
        os.replace(partial.name, file)
    except OSError as error:
        raise InputRefused(
            f"cannot be written: {error.strerror}", str(file), "choose another file"
        ) from error
