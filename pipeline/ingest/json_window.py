"""A moving window over JSON text: one element after another, however long the text is."""

import json
from collections.abc import Iterable

from pipeline.errors import InputRefused
from pipeline.ingest import json_shapes as shapes
from pipeline.ingest.damage import AGAIN

WINDOW_CHARACTERS = 16 * 1024 * 1024
REFILL_CHARACTERS = 256 * 1024
SPACE = shapes.SPACE


class Repeated(dict):
    """An object that names a key twice, or holds one that does."""


def _whole_objects(pairs: list[tuple[str, object]]) -> dict:
    record = dict(pairs)
    is_repeated = len(record) != len(pairs) or any(
        isinstance(value, Repeated)
        or (isinstance(value, list) and any(isinstance(item, Repeated) for item in value))
        for value in record.values()
    )
    return Repeated(record) if is_repeated else record


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

    @property
    def rest(self) -> str:
        """What is at hand of the text that was not taken yet."""
        self.peek()
        return self._text[self._at :]

    def skip(self, characters: int) -> None:
        """Step over text at hand."""
        self._at += characters

    def refuse_more(self, is_wrapped: bool) -> None:
        """Raise InputRefused when text follows the end of the array that does not belong there."""
        if not self.peek():
            if is_wrapped:
                raise InputRefused("is cut off: its JSON ends early", self._name, AGAIN)
            return
        if is_wrapped:
            while self._refill():
                pass
            if shapes.ends_well(self.rest):
                return
            raise InputRefused(
                "holds more than one list", self._name, "deliver one array of objects"
            )
        raise InputRefused(
            "has text after the end of its array", self._name, "deliver one array of objects"
        )

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
            raise InputRefused("is cut off: its JSON array is never closed", self._name, AGAIN)
        if found != letter:
            raise InputRefused(
                f"is no valid JSON: a {letter!r} is missing",
                self._name,
                "deliver an array of objects",
            )
        self._at += 1
        self.before = letter

    def value(self, number: int) -> tuple[object, str]:
        """The next element and its text."""
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
        return InputRefused(what, f"{self._name}, element {number}", AGAIN)

    def _refill(self) -> bool:
        more, size = [], 0
        while size < REFILL_CHARACTERS and (piece := next(self._lines, "")):
            more.append(piece)
            size += len(piece)
        self._text = self._text[self._at :] + "".join(more)
        self._at = 0
        return bool(more)
