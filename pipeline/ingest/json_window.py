"""A moving window over JSON text: one element after another, however long the text is."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.errors import InputRefused
from pipeline.ingest import json_shapes as shapes
from pipeline.ingest.damage import AGAIN

WINDOW_CHARACTERS = 16 * 1024 * 1024
REFILL_CHARACTERS = 256 * 1024
SPACE = shapes.SPACE


#: Its number from 1, its value, and its text where that is no plain object.
Element = tuple[int, object, str]


class Repeated(dict):
    """An object that names a key twice, or holds one that does."""


@dataclass(frozen=True)
class Unreadable:
    """Stands for an element that is no JSON, or that would lose something."""

    reason: str


#: Zero characters and half a surrogate pair cannot be stored; they stay escaped.
NOT_STORABLE = re.compile("[\0\ud800-\udfff]")
TWICE = Unreadable("an object names a key twice")


def _whole_objects(pairs: list[tuple[str, object]]) -> dict:
    record = dict(pairs)
    names = "".join(record)
    if "\0" in names or not names.isascii():
        record = {NOT_STORABLE.sub(escaped, name): value for name, value in pairs}
    is_repeated = len(record) != len(pairs) or any(map(_holds_repeated, record.values()))
    return Repeated(record) if is_repeated else record


def _holds_repeated(value: object) -> bool:
    """Whether a value is an object that names a key twice, or a list that holds one at any
    depth.
    """
    if isinstance(value, list):
        return any(map(_holds_repeated, value))
    return isinstance(value, Repeated)


def escaped(found: re.Match[str]) -> str:
    """A character as JSON escapes it."""
    return f"\\u{ord(found.group()):04x}"


DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_whole_objects
)


class Window:
    """At most one element and a refill in memory; `before` is the sign that was taken last, ''
    after an element.
    """

    def __init__(self, lines: Iterable[str], name: str) -> None:
        self._lines = iter(lines)
        self._name = name
        self._text = ""
        self._at = 0
        self.before = ""

    def peek(self) -> str:
        """The next character that is no blank, '' at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._refill():
                return ""

    def take(self, letter: str) -> None:
        """Step over a character that has to come now."""
        found = self.peek()
        if not found:
            raise InputRefused("is cut off: its JSON ends early", self._name, AGAIN)
        if found != letter:
            raise InputRefused(
                f"is no valid JSON: a {letter!r} is missing",
                self._name,
                "deliver an array of objects",
            )
        self._at += 1
        self.before = letter

    def value(self, number: int = 0) -> tuple[object, str]:
        """The next value and its text; `number` is that of an element, named where it is broken."""
        if self.peek() == "]" and self.before == ",":
            raise InputRefused(
                "is no valid JSON: a comma stands before its last bracket",
                f"{self._name}, element {number}",
                "take that comma out",
            )
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
                # A number or word at the end of the window may go on in the next line.
                if end < len(self._text) or isinstance(value, dict) or not self._refill():
                    text = "" if type(value) is dict else self._text[self._at : end]
                    self._at, self.before = end, ""
                    return value, text
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at > WINDOW_CHARACTERS:
                    raise self._broken(number, "is no valid JSON") from error
                at_end = getattr(error, "pos", 0) >= len(
                    self._text.rstrip(SPACE)
                ) or "Unterminated" in str(error)
                if not self._refill():
                    raise self._broken(
                        number, "is cut off: its JSON ends early" if at_end else "is no valid JSON"
                    ) from error

    def _broken(self, number: int, what: str) -> InputRefused:
        where = f"{self._name}, element {number}" if number else self._name
        return InputRefused(what, where, AGAIN)

    def _refill(self) -> bool:
        more, size = [], 0
        while size < REFILL_CHARACTERS and (piece := next(self._lines, "")):
            more.append(piece)
            size += len(piece)
        self._text = self._text[self._at :] + "".join(more)
        self._at = 0
        return bool(more)


def elements(window: Window, is_array: bool = True) -> Iterator[Element]:
    """The elements of the array that comes next, or objects one after another to the end."""
    if is_array:
        window.take("[")
    number = 0
    while True:
        letter = window.peek()
        if not is_array and not letter:
            return
        if is_array and letter == "]" and window.before != ",":
            window.take("]")
            return
        if number and (is_array or letter == ","):
            window.take(",")
        number += 1
        value, text = window.value(number)
        yield number, TWICE if isinstance(value, Repeated) else value, text
