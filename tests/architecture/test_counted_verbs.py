"""Whatever is counted in a sentence agrees with its verb: a number is worded with its noun and its
verb (`counted(rows, "row waits", "rows wait")`), so that one row does not "wait".
"""

import ast
import re
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

SOURCES = sorted(
    path
    for folder in ("pages", "pipeline/services", "pipeline/cli")
    for path in (PROJECT_DIR / folder).rglob("*.py")
)
#: A verb of many, right behind a number and its noun, or one clause later.
OF_MANY = re.compile(
    r"^(?: (?:more|of (?:it|them|which)|that|who|with [a-z ]{1,30}?))*"
    r" (?:are|were|have|do|go|wait|follow|fail|stay|leave|give|hold|move|perform|change|need)\b"
)


def disagreements(source: str) -> list[str]:
    """Text behind a counted number in an f-string whose verb is right for many alone."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, text in zip(node.values, node.values[1:], strict=False):
            if (
                is_count(value)
                and isinstance(text, ast.Constant)
                and OF_MANY.match(str(text.value))
            ):
                found.append(f"line {value.lineno}: {text.value}")
    return found


def is_count(value: ast.expr) -> bool:
    """Whether a part of an f-string is a call of `counted`, or a number with thousands marked."""
    if not isinstance(value, ast.FormattedValue):
        return False
    call = value.value.func if isinstance(value.value, ast.Call) else None
    spec = value.format_spec
    is_number = isinstance(spec, ast.JoinedStr) and ast.unparse(spec).strip("f'\"") == ","
    return is_number or getattr(call, "attr", getattr(call, "id", "")) == "counted"


@pytest.mark.parametrize(
    ("sentence", "is_wrong"),
    [
        ("f\"{counted(n, 'row')} that wait leave with it\"", True),
        ("f\"{formats.counted(n, 'row')} are promoted\"", True),
        ('f"{n:,} more follow when these are decided"', True),
        ('f"{n:,} of them wait for something else"', True),
        ("f\"{counted(n, 'row waits', 'rows wait')} for it\"", False),
        ("f\"{counted(n, 'row')} would wait\"", False),
        ('f"{name} are promoted"', False),
    ],
)
def test_the_check_tells_a_verb_of_many_from_one_that_fits_both(sentence, is_wrong):
    assert bool(disagreements(sentence)) == is_wrong


def test_no_sentence_gives_one_thing_the_verb_of_many():
    found = {
        path.relative_to(PROJECT_DIR).as_posix(): lines
        for path in SOURCES
        if (lines := disagreements(Path(path).read_text(encoding="utf-8")))
    }
    assert found == {}
