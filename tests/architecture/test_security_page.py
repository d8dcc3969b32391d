"""docs/security.md promises nothing without a test: each test that it names is there."""

import ast
import re

from pipeline.config import PROJECT_DIR

PAGE = (PROJECT_DIR / "docs" / "security.md").read_text(encoding="utf-8")


def promises() -> list[tuple[str, list[tuple[str, str]]]]:
    """Each promise with the file and the name of every test behind it."""
    rows = re.findall(r"^\| (.+?) \| (`(?:tests/|::).+?) \|$", PAGE, re.MULTILINE)
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
    table = PAGE.split("## What holds")[1].split("##")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(promises()) == len([line for line in lines if not line.startswith("|---")]) > 10
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
