"""What the pages on security and privacy promise is held by tests: each that they name is there."""

import ast
import re

from pipeline.config.project import PROJECT_DIR

PAGE = (PROJECT_DIR / "docs" / "security.md").read_text(encoding="utf-8")
PRIVACY = (PROJECT_DIR / "docs" / "privacy.md").read_text(encoding="utf-8")


def promises(page: str = PAGE) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each promise with the file and the name of every test behind it."""
    rows = re.findall(r"^\| (.+?) \| (`tests/.+?) \|$", page, re.MULTILINE)
    found = []
    for promise, cell in rows:
        tests, file = [], ""
        for named in re.findall(r"`([^`]+)`", cell):
            path, _, name = named.partition("::")
            file = path or file
            tests.append((file, name))
        found.append((promise, tests))
    return found


def test_every_promise_names_tests_that_exist():
    tables = PAGE.split("## The eighteen controls")[1].split("## What is not covered")[0]
    lines = [line for line in tables.splitlines() if line.startswith("| ")]
    heads = ("| # |", "| promise |")
    assert len(promises()) == len([line for line in lines if not line.startswith(heads)]) > 30
    assert missing(PAGE) == []


def test_what_privacy_promises_is_held_by_tests_that_exist():
    table = PRIVACY.split("## Which test holds what")[1].split("## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(promises(PRIVACY)) == len(lines) > 15
    assert missing(PRIVACY) == []


def missing(page: str) -> list[str]:
    """The tests that a page names and nobody has written."""
    absent = []
    for _, tests in promises(page):
        for file, name in tests:
            path = PROJECT_DIR / file
            defined = {
                node.name
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.FunctionDef)
            }
            if name not in defined:
                absent.append(f"{file}::{name}")
    return absent


def test_the_controls_are_numbered_from_one_to_eighteen():
    table = PAGE.split("## The eighteen controls")[1].split("##")[0]
    numbers = re.findall(r"^\| (\d+) \| .+ \| `tests/", table, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 19)]
