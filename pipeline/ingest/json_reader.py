"""JSON -> rows of text: an array of objects (also under a key), one object a line, objects one
after another or under their numbers, lists of values under a first one of names, or a table by
column.

Numbers keep the digits they were written with, a list of plain values becomes one cell of commas in
brackets, null stays null. The number of a row is its line when there is one object a line, else its
place in the file, from 1.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeGuard

from pipeline.errors import InputRefused, printable
from pipeline.ingest import json_shapes as shapes
from pipeline.ingest.batches import Batch, Noticed, Reject
from pipeline.ingest.damage import AGAIN
from pipeline.ingest.json_lists import JsonList, lists_of_objects, lists_under
from pipeline.ingest.json_names import Cells, KeyNames
from pipeline.ingest.json_window import (
    DECODER,
    NOT_STORABLE,
    SPACE,
    TWICE,
    Element,
    Repeated,
    Unreadable,
    Window,
    elements,
    escaped,
)

BATCH_ROWS = 4096
EMPTY = "{}"
#: So many elements tell whether rows stand deeper.
ELEMENTS_LOOKED_AT = 100
ARRAY, ONE_A_LINE, OBJECTS = "array", "one a line", "objects"


def lists(lines: Iterator[str], name: str) -> list[JsonList]:
    """The lists of objects under the keys of a document; none where the file is an array, or
    objects one after another. Raises InputRefused when the JSON is broken.
    """
    shape, text = _shape(lines)
    return lists_of_objects(Window(text, name), name) if shape == OBJECTS else []


def names(lines: Iterator[str], name: str, is_lines: bool = False) -> KeyNames:
    """The keys of every object; `is_lines`: known to be one object a line. Raises InputRefused when
    the JSON is broken.
    """
    found = KeyNames()
    for _, value, _ in _values(lines, name, is_lines):
        if isinstance(value, dict):
            found.add(value)
    return found


def batches(
    lines: Iterator[str],
    header: Sequence[str],
    name: str,
    noticed: Noticed,
    path: str | None = None,
    is_lines: bool = False,
    stand_ins: Mapping[int, int] | None = None,
) -> Iterator[Batch]:
    """Rows in the order of `header`; a key that an object lacks is None. Values that are no object,
    and objects without any key, are rejects. `path` leads to the list to read in a document;
    `is_lines`: known to be one object a line; `stand_ins`: further names of columns (`json_names`).
    """
    values = _values(lines, name, is_lines) if path is None else _of_list(lines, name, path)
    cells = Cells(header, stand_ins)
    while stretch := list(islice(values, BATCH_ROWS)):
        rows, numbers, rejects = [], [], []
        for number, value, text in stretch:
            noticed.delivered += 1
            if isinstance(value, dict) and value:
                rows.append([as_text(cell, noticed) for cell in cells.of(value)])
                numbers.append(number)
            else:
                rejects.append(
                    Reject(number, _storable(text or EMPTY, noticed), _why_no_row(value))
                )
        noticed.lines.update(rows=len(rows), rejects=len(rejects))
        yield Batch(rows, numbers, rejects)


def refuse_deeper_rows(
    lines: Iterator[str], name: str, names_columns: Callable[[list[str]], bool], path: str | None
) -> None:
    """Raise InputRefused where not the elements but objects under a key of theirs name columns, as
    those of many interfaces do (`attributes`, `resource`, `_source`).
    """
    values = _values(lines, name) if path is None else _of_list(lines, name, path)
    for _, value, _ in islice(values, ELEMENTS_LOOKED_AT):
        for key, inner in value.items() if isinstance(value, dict) else ():
            if isinstance(inner, list):
                inner = next((each for each in inner if isinstance(each, dict)), None)
            if isinstance(inner, dict) and names_columns(list(inner)):
                raise InputRefused(
                    f"holds its rows one level deeper, under the key {printable(key)!r}",
                    name,
                    "deliver the objects under that key as its elements",
                )


def _why_no_row(value: object) -> str:
    if isinstance(value, Unreadable):
        return value.reason
    return "an object without any key" if value == {} else "no JSON object"


def as_text(value: object, noticed: Noticed) -> str | None:
    """A JSON value as the text of one cell; characters that cannot be stored stay escaped. A list
    keeps its brackets: without them `[1, 200]` would be an amount of 1,200.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _storable(value, noticed)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return f"[{','.join(as_text(item, noticed) or '' for item in value)}]"
    return _storable(json.dumps(value, ensure_ascii=False), noticed)


def _storable(value: str, noticed: Noticed) -> str:
    """The text with NUL and lone surrogates as JSON escapes them (`\\u0000`, `\\ud800`)."""
    if not NOT_STORABLE.search(value):
        return value
    noticed.escaped += 1
    return NOT_STORABLE.sub(escaped, value)


def _values(lines: Iterator[str], name: str, is_lines: bool = False) -> Iterator[Element]:
    """Each element as an object; an Unreadable stands for one that cannot be read."""
    values = _elements(lines, name, is_lines)
    return values if is_lines else _objects_of_lists(values)


def _elements(lines: Iterator[str], name: str, is_lines: bool) -> Iterator[Element]:
    shape, text = (ONE_A_LINE, lines) if is_lines else _shape(lines)
    if shape == ONE_A_LINE:
        yield from _one_a_line(text, name)
        return
    window = Window(text, name)
    if shape == OBJECTS:
        yield from _rows_or_objects(window, name)
        return
    yield from elements(window)
    if window.peek():
        raise InputRefused(
            "has text after the end of its array", name, "deliver one array of objects"
        )


def _objects_of_lists(values: Iterator[Element]) -> Iterator[Element]:
    """Lists of values as objects, where the first list names columns and the second is as long; any
    other elements as they come.
    """
    first, second = next(values, None), next(values, None)
    rows = chain((each for each in (first, second) if each is not None), values)
    names = first[1] if first else None
    follows = second[1] if second else None
    if not (_are_names(names) and isinstance(follows, list) and len(follows) == len(names)):
        yield from rows
        return
    for number, row, text in islice(rows, 1, None):
        if row == names:
            yield number, Unreadable("repeats the names"), text
        elif isinstance(row, list) and len(row) == len(names):
            yield number, dict(zip(names, row, strict=True)), text
        elif isinstance(row, list):
            yield number, Unreadable(f"{len(row)} values, the first list has {len(names)}"), text
        else:
            yield number, row, text


def _are_names(value: object) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, str) and each.strip() for each in value)
        and len(set(value)) == len(value)
    )


def _of_list(lines: Iterator[str], name: str, path: str) -> Iterator[Element]:
    _, text = _shape(lines)
    for here, items in lists_under(Window(text, name)):
        if here == path:
            yield from items
            return


def _shape(lines: Iterator[str]) -> tuple[str, Iterator[str]]:
    """(whether the text is an array, one object a line, or an object and perhaps more, the text)"""
    first = next((line for line in lines if line.strip(SPACE)), "")
    if first.lstrip(SPACE)[:1] not in ("[", "{"):
        return ONE_A_LINE, chain([first], lines)
    if first.lstrip(SPACE).startswith("["):
        second = next((line for line in lines if line.strip(SPACE)), "")
        is_list_a_line = second.lstrip(SPACE).startswith("[") and _parses(first)
        return (ONE_A_LINE if is_list_a_line else ARRAY), chain([first, second], lines)
    while first and first[-1:] not in "\r\n" and (piece := next(lines, "")):
        first += piece
    blanks, following = [], ""
    for following in lines:
        if following.strip(SPACE):
            break
        blanks.append(following)
    more = following if following.strip(SPACE) else ""
    text = chain([first, *blanks, *filter(None, [more])], lines)
    return ONE_A_LINE if more and _parses(first) else OBJECTS, text


def _rows_or_objects(window: Window, name: str) -> Iterator[Element]:
    """The rows of one object that holds a table, else objects one after another."""
    values = elements(window, is_array=False)
    first = next(values, None)
    second = next(values, None)
    if first is None:
        return
    value = first[1]
    rows = None
    if second is None and isinstance(value, dict):
        rows = shapes.rows_of_object(value, name)
    if rows is not None:
        for number, row in enumerate(rows, start=1):
            yield number, row, ""
        return
    yield from (each for each in (first, second) if each is not None)
    yield from values


def _parses(text: str) -> bool:
    try:
        DECODER.decode(text.strip(SPACE))
    except ValueError:
        return False
    return True


def _one_a_line(lines: Iterable[str], name: str) -> Iterator[Element]:
    for number, line in enumerate(_whole_lines(lines), start=1):
        text = line.strip(SPACE)
        if not text:
            continue
        try:
            value = DECODER.decode(text)
            yield number, TWICE if isinstance(value, Repeated) else value, text
        except (ValueError, RecursionError) as error:
            if line[-1:] not in "\r\n":
                raise InputRefused(
                    "is cut off: its last line is no whole JSON object",
                    f"{name}, line {number}",
                    AGAIN,
                ) from error
            yield number, Unreadable("no valid JSON"), text


def _whole_lines(pieces: Iterable[str]) -> Iterator[str]:
    held = ""
    for piece in pieces:
        held += piece
        if piece[-1:] in "\r\n":
            yield held
            held = ""
    if held:
        yield held
