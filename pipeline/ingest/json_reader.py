"""JSON -> rows of text: an array of objects, one object a line, or objects one after another.

Numbers keep the digits they were written with, a list of plain values becomes one comma-separated
cell, null stays null. The number of a row is its line when there is one object a line, else its
place in the file, from 1.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from pipeline.errors import InputRefused
from pipeline.ingest.records import Batch, Noticed, Reject

BATCH_ROWS = 4096
WINDOW_CHARACTERS = 16 * 1024 * 1024
REFILL_CHARACTERS = 256 * 1024
SPACE = " \t\r\n\ufeff"
AGAIN = "deliver the whole file again"


def _whole_objects(pairs: list[tuple[str, object]]) -> dict:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _RepeatedName
    return record


class _RepeatedName(ValueError):
    """An object names a key twice."""


@dataclass(frozen=True)
class _Unreadable:
    """Stands for a line that is no JSON."""

    reason: str


DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_whole_objects
)


def names(lines: Iterator[str], name: str) -> list[str]:
    """Every key of every object, in order of appearance. Raises InputRefused when the JSON is
    broken.
    """
    found: dict[str, None] = {}
    for _, value, _ in _values(lines, name):
        if isinstance(value, dict):
            found.update(dict.fromkeys(value))
    return list(found)


def batches(
    lines: Iterator[str], header: Sequence[str], name: str, noticed: Noticed
) -> Iterator[Batch]:
    """Rows in the order of `header`; a key that an object lacks is None. Values that are no object
    are rejects.
    """
    values = _values(lines, name)
    while stretch := list(islice(values, BATCH_ROWS)):
        rows, numbers, rejects = [], [], []
        for number, value, text in stretch:
            if isinstance(value, dict):
                rows.append([as_text(value.get(key)) for key in header])
                numbers.append(number)
            else:
                reason = value.reason if isinstance(value, _Unreadable) else "no JSON object"
                rejects.append(Reject(number, text, reason))
        yield Batch(rows, numbers, rejects)


def as_text(value: object) -> str | None:
    """A JSON value as the text of one cell."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _storable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ",".join(as_text(item) or "" for item in value)
    return _storable(json.dumps(value, ensure_ascii=False))


def _storable(value: str) -> str:
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _values(lines: Iterator[str], name: str) -> Iterator[tuple[int, object, str]]:
    """(number, value, text) of each element; _Unreadable stands for a line that cannot be read."""
    first = next((line for line in lines if line.strip(SPACE)), "")
    if first.lstrip(SPACE).startswith("["):
        return _elements(chain([first], lines), name, is_array=True)
    while first and first[-1:] not in "\r\n" and (piece := next(lines, "")):
        first += piece
    if _parses(first):
        return _one_a_line(chain([first], lines), name)
    return _elements(chain([first], lines), name, is_array=False)


def _parses(text: str) -> bool:
    try:
        DECODER.decode(text.strip(SPACE))
    except ValueError:
        return False
    return True


def _one_a_line(lines: Iterable[str], name: str) -> Iterator[tuple[int, object, str]]:
    for number, line in enumerate(_whole_lines(lines), start=1):
        text = line.strip(SPACE)
        if not text:
            continue
        try:
            yield number, DECODER.decode(text), text
        except _RepeatedName:
            yield number, _Unreadable("an object names a key twice"), text
        except (ValueError, RecursionError) as error:
            if line[-1:] not in "\r\n":
                raise InputRefused(
                    "is cut off: its last line is no whole JSON object",
                    f"{name}, line {number}",
                    AGAIN,
                ) from error
            yield number, _Unreadable("no valid JSON"), text


def _whole_lines(pieces: Iterable[str]) -> Iterator[str]:
    held = ""
    for piece in pieces:
        held += piece
        if piece[-1:] in "\r\n":
            yield held
            held = ""
    if held:
        yield held


def _elements(lines: Iterable[str], name: str, is_array: bool) -> Iterator[tuple[int, object, str]]:
    window = _Window(lines, name)
    if is_array:
        window.take("[")
    number = 0
    while True:
        letter = window.peek()
        if not is_array and not letter:
            return
        if is_array and letter == "]":
            window.take("]")
            if window.peek():
                raise InputRefused(
                    "has text after the end of its array", name, "deliver one array of objects"
                )
            return
        if number and (is_array or letter == ","):
            window.take(",")
        number += 1
        yield (number, *window.value(number))


class _Window:
    """A moving window over JSON text; at most one element and a refill in memory."""

    def __init__(self, lines: Iterable[str], name: str) -> None:
        self._lines = iter(lines)
        self._name = name
        self._text = ""
        self._at = 0

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

    def value(self, number: int) -> tuple[object, str]:
        """The next element and its text."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
                # A number or word at the end of the window may go on in the next line.
                if end < len(self._text) or isinstance(value, dict) or not self._refill():
                    text = self._text[self._at : end]
                    self._at = end
                    return value, "" if isinstance(value, dict) else text
            except _RepeatedName as error:
                raise InputRefused(
                    "has an object that names a key twice",
                    f"{self._name}, element {number}",
                    "deliver each key once",
                ) from error
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
