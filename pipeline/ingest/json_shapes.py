"""Shapes of JSON beside an array of objects: columns instead of rows; and what looks like JSON and
is none, named truly.
"""

import re
from collections.abc import Iterator, Sequence

from pipeline.errors import InputRefused

#: Blanks between values; a text sequence (RFC 7464) begins each of them with a record separator.
SPACE = " \t\r\n\ufeff\x1e"
ONE_ARRAY = "deliver an array of objects or one object a line"
#: What can follow the bracket of a JSON array, as the name of a column in brackets cannot.
ARRAY = re.compile(r"\[\s*([\[{\]\"]|-?\d|true\b|false\b|null\b|$)")
#: What no JSON object begins with: a second brace or a percent sign, as templates have them.
OBJECT = re.compile(r"\{(?![{%$])")
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
    text = "".join(lines[:20]).lstrip(SPACE)
    for pattern, kind, hint in ALMOST:
        if pattern.match(text):
            raise InputRefused(f"is {kind}", name, hint)
    return OBJECT.match(text) is not None or ARRAY.match(text) is not None


def rows_of_columns(value: dict, file: str) -> Iterator[dict] | None:
    """The rows of an object that holds a table by column, as pandas writes it; None when it does
    not. Raises InputRefused when its columns have different lengths.
    """
    if not value:
        return None
    names, data = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(data, list) and set(value) <= SPLIT:
        if all(isinstance(row, list) and len(row) == len(names) for row in data):
            return (dict(zip(map(str, names), row, strict=True)) for row in data)
        return None
    columns = list(value.values())
    if all(isinstance(each, list) for each in columns):
        if any(isinstance(cell, list | dict) for each in columns for cell in each):
            return None
        if len({len(each) for each in columns}) > 1:
            raise InputRefused(
                "holds a table by column, and its columns have different lengths",
                file,
                "deliver a row for each object",
            )
        return (dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True))
    if all(isinstance(each, dict) for each in columns):
        keys = list(columns[0])
        if all(list(each) == keys for each in columns) and all(key.isdigit() for key in keys):
            return ({name: value[name][key] for name in value} for key in keys)
    return None


SPLIT = {"columns", "data", "index"}
