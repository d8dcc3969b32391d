"""docs/security.md promises nothing without a test: each test that it names is there."""

import ast
import re

from pipeline.config.project import PROJECT_DIR

PAGE = (PROJECT_DIR / "docs" / "security.md").read_text(encoding="utf-8")


def promises() -> list[tuple[str, list[tuple[str, str]]]]:
    """Each promise with the file and the name of every test behind it."""
    rows = re.findall(r"^\| (.+?) \| (`tests/.+?) \|$", PAGE, re.MULTILINE)
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
    missing = []
    for _, tests in promises():
        for file, name in tests:
            path = PROJECT_DIR / file
            defined = {
                node.name
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.FunctionDef)
            }
            if name not in defined:
                missing.append(f"{file}::{name}")
    assert missing == []


def test_the_controls_are_numbered_from_one_to_eighteen():
    table = PAGE.split("## The eighteen controls")[1].split("##")[0]
    numbers = re.findall(r"^\| (\d+) \| .+ \| `tests/", table, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 19)]
