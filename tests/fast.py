"""The tests nearest to a change, as many as fit in a minute: `make test-fast`.

A test file is near a changed module when it imports it, further when what it imports does, and near
a model of dbt when it names it. Nearest first, until the time of their last run fills the budget;
what did not fit is listed. The rest of the minute goes to unit and architecture tests. `make test`
runs everything.
"""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import PurePosixPath

from pipeline.config.project import PROJECT_DIR

ROOTS = ("pipeline", "pages")
#: Wall seconds that chosen tests may take, start of the workers not counted.
BUDGET_SECONDS = 40.0
#: What a test file is taken for that was never timed on this machine.
UNKNOWN_SECONDS = 3.0
#: Where the last run of each test file left its seconds, in pytest's cache.
SECONDS_KEY = "seconds/by_file"
#: Checks that look at the whole tree, whatever changed.
ALWAYS = ("tests/architecture/test_imports.py",)
#: What the rest of the minute goes to: quick tests, whatever changed.
FILLING = ("tests/unit/", "tests/architecture/")
LAST, FAR = 98, 99


@dataclass(frozen=True)
class Choice:
    """Test files to run, nearest first, and those that are near and did not fit."""

    files: tuple[str, ...]
    left_out: tuple[str, ...]


def choose(
    distances: Mapping[str, int], seconds: Mapping[str, float], budget: float = BUDGET_SECONDS
) -> Choice:
    """The nearest test files whose seconds fit the budget; `distances` is `FAR` for one that has
    nothing to do with the change. A changed test (distance 0) is run whatever it takes.
    """
    cost = {name: seconds.get(name, UNKNOWN_SECONDS) for name in distances}
    near = sorted(
        (name for name, steps in distances.items() if steps < FAR),
        key=lambda name: (distances[name], cost[name], name),
    )
    chosen, left_out, spent = [*ALWAYS], [], 0.0
    for name in near:
        if name in ALWAYS:
            continue
        if distances[name] == 0 or spent + cost[name] <= budget:
            chosen.append(name)
            spent += cost[name]
        elif distances[name] < LAST:
            left_out.append(name)
    return Choice(tuple(chosen), tuple(left_out))


def distance(test: str, text: str, changed: Iterable[str]) -> int:
    """Steps from a test file (its path and text) to the nearest changed file: 0 for itself, 1 for
    what it imports or names, more for what lies behind.

    `LAST` for a test of the kinds that fill what is left of the minute, `FAR` for any other to
    which nothing leads.
    """
    nearest = min((_distance_to(test, text, path) for path in changed), default=FAR)
    return min(nearest, LAST if test.startswith(FILLING) else FAR)


def _distance_to(test: str, text: str, changed: str) -> int:
    path = PurePosixPath(changed)
    if changed == test:
        return 0
    if path.parts[0] == "tests":
        # a conftest or a helper: the tests that stand below it, or import it
        if path.name == "conftest.py":
            return 1 if PurePosixPath(test).is_relative_to(path.parent) else FAR
        return 1 if _module(changed) in _imported(text) else FAR
    if path.parts[0] in ROOTS and path.suffix == ".py":
        return _chain(_module(changed), _imported(text))
    if path.parts[0] == "icon_dbt":
        if re.search(rf"\b{re.escape(path.stem)}\b", text):
            return 1
        return 2 if test.startswith("tests/dbt/") else FAR
    return 1 if path.name in text else FAR


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def _imported(text: str) -> frozenset[str]:
    """Modules that a file imports, `from a import b` both as `a` and as `a.b`."""
    modules = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(modules)


def _chain(module: str, imported: frozenset[str]) -> int:
    """1 when the module is among those imported, one more for each import between."""
    graph = _graph()
    if module not in graph.modules:
        return FAR
    steps, reached, level = 1, {module}, {module}
    while level:
        if level & imported:
            return steps
        level = {
            importer for one in level for importer in graph.find_modules_that_directly_import(one)
        } - reached
        reached |= level
        steps += 1
    return FAR


@lru_cache(maxsize=1)
def _graph():
    import grimp

    return grimp.build_graph(*ROOTS)


def changed_files(base: str = "main") -> list[str]:
    """Files that differ from where this branch left `base`, untracked ones included."""

    def git(*arguments: str) -> list[str]:
        done = subprocess.run(
            ["git", *arguments], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
        )
        return done.stdout.split("\n")[:-1]

    (start,) = git("merge-base", base, "HEAD")
    return sorted(
        {*git("diff", "--name-only", start), *git("ls-files", "--others", "--exclude-standard")}
    )


def main() -> int:
    """Choose, say what was chosen, and run it; the exit status of pytest."""
    changed = changed_files()
    tests = {
        path.relative_to(PROJECT_DIR).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((PROJECT_DIR / "tests").rglob("test_*.py"))
        if "e2e" not in path.parts and "feast" not in path.parts
    }
    distances = {name: distance(name, text, changed) for name, text in tests.items()}
    timed = PROJECT_DIR / ".pytest_cache" / "v" / SECONDS_KEY
    seconds = json.loads(timed.read_text(encoding="utf-8")) if timed.exists() else {}
    workers = min(os.cpu_count() or 1, 4)
    choice = choose(distances, seconds, BUDGET_SECONDS * workers)
    print(f"{len(changed)} changed files: {len(choice.files)} test files", end="")
    print(f", {len(choice.left_out)} more do not fit in a minute" if choice.left_out else "")
    for name in choice.left_out[:10]:
        print(f"  left to `make test`: {name}")
    sys.stdout.flush()
    arguments = ["-m", "pytest", "-m", "not e2e", "-n", str(workers), "--dist", "worksteal"]
    return subprocess.run(
        [sys.executable, *arguments, *choice.files], cwd=PROJECT_DIR, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
