"""Shapes of JSON beside an array of objects: columns instead of rows; and what looks like JSON and
is none, named truly.
"""

import json
import re
from collections.abc import Iterator, Sequence

from pipeline.errors import InputRefused

#: Blanks between values; a text sequence (RFC 7464) begins each of them with a record separator.
SPACE = " \t\r\n\ufeff\x1e"
#: So many lines tell whether a text is JSON.
LOOKED_AT = 20
ONE_ARRAY = "deliver an array of objects or one object a line"
#: What can follow the bracket of a JSON array, as the name of a column in brackets cannot.
ARRAY = re.compile(r"\[\s*([\[{\]\"]|-?\d|true\b|false\b|null\b|$)")
#: What no JSON object begins with: a second brace or a percent sign, as templates have them.
OBJECT = re.compile(r"\{(?![{%$])")
#: What parts cells and stands behind no JSON.
CELL_SIGNS = tuple(",;|\t^~")
ALMOST = (
    (re.compile(r"(//|/\*|#)[^\n]*\n\s*[\[{]"), "JSON with comments", "leave the comments out"),
    (
        re.compile(r"[\[{]\s*[\[{]?\s*'[^'\n]*'\s*:"),
        "no valid JSON: its names stand in single quotes, as a Python program prints them",
        "write it with a JSON library",
    ),
    (
        re.compile(
            r"(\)\]\}'[,;]?|((var|let|const)\s+)?[\w.$]+\s*[=(]|(for|while)\s*\([;1]+\);?)\s*[\[{]"
            r"\s*([\[{\]\"}]|$)"
        ),
        "JSON inside of a script",
        "leave out what stands before and behind the JSON",
    ),
)


def is_json(lines: Sequence[str], name: str) -> bool:
    """Whether the first lines of a file are those of JSON; raises InputRefused when they are nearly
    so.
    """
    text = "".join(lines[:LOOKED_AT]).lstrip(SPACE)
    for pattern, kind, hint in ALMOST:
        if pattern.match(text):
            raise InputRefused(f"is {kind}", name, hint)
    if (OBJECT.match(text) is None and ARRAY.match(text) is None) or _is_bracketed_cell(text):
        return _are_mostly_objects(lines)
    return not _is_note_in_json(lines)


def _is_bracketed_cell(text: str) -> bool:
    """Whether a text begins with a value in brackets behind which a sign parts it from others, as
    the name of a column (`[2024];[npi]`) may.
    """
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end : end + 1] in CELL_SIGNS


def _are_mostly_objects(lines: Sequence[str]) -> bool:
    """Whether most lines are whole JSON objects, beneath a first one that is none."""
    texts = [line.strip(SPACE) for line in lines[:LOOKED_AT] if line.strip(SPACE)]
    return len(texts) > 1 and 2 * sum(map(_is_object, texts)) > len(texts)


def _is_note_in_json(lines: Sequence[str]) -> bool:
    """Whether the first line is a whole JSON object, and those beneath it have cells and are no
    JSON.
    """
    first, *texts = [line.strip(SPACE) for line in lines[:LOOKED_AT] if line.strip(SPACE)]
    return (
        len(texts) > 1
        and any(sign in texts[0] for sign in ",;|\t")
        and _is_object(first)
        and not any(text[0] in "{[}]," or _parses(text) for text in texts)
    )


def _is_object(text: str) -> bool:
    return text.startswith("{") and text.endswith("}") and _parses(text)


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def rows_of_object(value: dict, file: str) -> Iterator[dict] | None:
    """The rows of an object that holds a table by column, or rows under their numbers, as pandas
    writes them; None when it does not. Raises InputRefused when its columns have different lengths.
    """
    if not value:
        return None
    if _numbers_rows(value):
        return iter(value.values())
    names, data = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(data, list) and set(value) <= SPLIT:
        if all(isinstance(row, list) and len(row) == len(names) for row in data):
            return (dict(zip(map(str, names), row, strict=True)) for row in data)
        return None
    columns = list(value.values())
    _refuse_beside_columns(columns, file)
    if all(isinstance(each, list) for each in columns):
        are_even = len({len(each) for each in columns}) == 1
        are_lists = [any(isinstance(cell, dict) for cell in each) for each in columns]
        if all(are_lists) or (any(are_lists) and not are_even):
            return None
        if not are_even:
            raise InputRefused(
                "holds a table by column, and its columns have different lengths",
                file,
                "deliver a row for each object",
            )
        return (dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True))
    if all(isinstance(each, dict) for each in columns):
        keys = dict.fromkeys(key for each in columns for key in each)
        if all(key.isdigit() for key in keys):
            return ({name: value[name].get(key) for name in value} for key in keys)
    return None


def _numbers_rows(value: dict) -> bool:
    """Whether keys count from 0 or 1 on, and objects with names stand under them."""
    rows = list(value.values())
    counted = [list(map(str, range(start, start + len(rows)))) for start in (0, 1)]
    return (
        all(isinstance(row, dict) for row in rows)
        and not all(key.isdigit() for row in rows for key in row)
        and any(value.keys() == set(numbers) for numbers in counted)
    )


def _refuse_beside_columns(columns: Sequence[object], file: str) -> None:
    """Raise InputRefused for an object of columns and other values: as one row it would be a row of
    lists.
    """
    lists = [each for each in columns if isinstance(each, list)]
    numbered = [
        each
        for each in columns
        if isinstance(each, dict) and each and all(key.isdigit() for key in each)
    ]
    alike = numbered or (lists if len({len(each) for each in lists}) == 1 else [])
    if 1 < len(alike) < len(columns) < 2 * len(alike):
        raise InputRefused(
            "holds a table by column, and other values beside its columns",
            file,
            "deliver the columns alone, or a row for each object",
        )


SPLIT = {"columns", "data", "index"}
