"""Which functions of the services can write: found by following calls through the pipeline, not by
a list.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

from pipeline.config.project import PROJECT_DIR

_SQL = re.compile(r"\s*(insert|update|delete|replace)\s+(or \w+ )?(into |from )?(?!temp\.)\w", re.I)
_WRITING_METHODS = {"write_text", "write_bytes", "unlink", "rmdir"}
_WRITING_CALLS = {"os.replace", "os.execve", "os.kill", "shutil.copyfile", "shutil.rmtree"}
#: Rooms in which nothing writes into the home: what opens and migrates its files, whoever asks, and
#: what computes on temporary tables.
HARMLESS = (
    "pipeline.store.sqlite.",
    "pipeline.store.control.control_file",
    "pipeline.store.bootstrap",
    "pipeline.store.browse.",
    "pipeline.store.marts.",
    "pipeline.quality.",
    "pipeline.privacy.",
)
Function = tuple[str, str]


def _modules() -> dict[str, ast.Module]:
    return {
        ".".join(path.relative_to(PROJECT_DIR).with_suffix("").parts): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in sorted((PROJECT_DIR / "pipeline").rglob("*.py"))
        if path.name != "__init__.py"
    }


def _names(tree: ast.AST, modules: dict[str, ast.Module]) -> dict[str, str]:
    """Name in a module -> the module or `module:function` that it stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                names[each.asname or each.name] = (
                    whole if whole in modules else f"{node.module}:{each.name}"
                )
    return names


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, node


def _writes(node: ast.AST) -> bool:
    for part in ast.walk(node):
        if not isinstance(part, ast.Call):
            continue
        called = ast.unparse(part.func)
        method = called.rpartition(".")[2]
        if called in _WRITING_CALLS or method in _WRITING_METHODS:
            return True
        if (
            any(
                word.arg == "write"
                and isinstance(word.value, ast.Constant)
                and word.value.value is True
                for word in part.keywords
            )
            and method == "open_warehouse"
        ):
            return True
        if method in ("execute", "executemany") and part.args:
            text = ast.unparse(part.args[0]).lstrip("f(").strip("\"'")
            if _SQL.match(text):
                return True
    return False


@cache
def writing_functions() -> frozenset[Function]:
    """(module, name) of every function and class of the pipeline from which a write is reached."""
    modules = _modules()
    calls: dict[Function, set[Function]] = {}
    writing: set[Function] = set()
    for module, tree in modules.items():
        names = _names(tree, modules)
        own = {name for name, _ in _functions(tree)}
        for name, node in _functions(tree):
            reached = calls.setdefault((module, name), set())
            if _writes(node):
                writing.add((module, name))
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and part.id in own:
                    reached.add((module, part.id))
                elif isinstance(part, ast.Name) and ":" in names.get(part.id, ""):
                    target, _, function = names[part.id].partition(":")
                    reached.add((target, function))
                elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                    reached.add((names.get(part.value.id, ""), part.attr))
    harmless = {function for function in calls if function[0].startswith(HARMLESS)}
    writing -= harmless
    while True:
        more = {
            caller
            for caller, reached in calls.items()
            if caller not in writing and caller not in harmless and reached & writing
        }
        if not more:
            return frozenset(writing)
        writing |= more


def service_functions() -> list[Function]:
    """(module, name) of every public function of the services that another module may call."""
    found = []
    for path in sorted((PROJECT_DIR / "pipeline" / "services").rglob("*.py")):
        module = ".".join(path.relative_to(PROJECT_DIR).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found.append((module, node.name))
    return found
