"""A button for what not everybody may do closes itself, with the reason, to who may not."""

import ast
from types import ModuleType

import pytest

from pipeline.config.project import PROJECT_DIR

PAGES = sorted((PROJECT_DIR / "pages").rglob("*.py"))
BUTTONS = ("button", "form_submit_button")


def names_of(tree: ast.Module) -> ModuleType:
    """What the imports of a page bring, without running the page."""
    module = ModuleType("page")
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    exec(compile(ast.Module(imports, []), "imports", "exec"), module.__dict__)
    return module


def called(module: ModuleType, function: ast.expr) -> object:
    if isinstance(function, ast.Attribute):
        return getattr(called(module, function.value), function.attr, None)
    return getattr(module, function.id, None) if isinstance(function, ast.Name) else None


def restricted(tree: ast.Module, nodes: list[ast.stmt], module: ModuleType, depth: int = 0) -> list:
    """Calls of the services that take a role, in statements and in functions of the page that they
    call.
    """
    own = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    found = []
    for call in (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Call)):
        if getattr(called(module, call.func), "needs", "see") != "see":
            found.append(ast.unparse(call.func))
        elif isinstance(call.func, ast.Name) and call.func.id in own and depth < 2:
            found += restricted(tree, own[call.func.id].body, module, depth + 1)
    return found


def open_buttons(source: str) -> list[str]:
    """Plain buttons of Streamlit whose press calls what takes a role."""
    tree = ast.parse(source)
    module = names_of(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            plain = [each for each in ast.walk(node.test) if ast.unparse(each) in _plain()]
            found += restricted(tree, node.body, module) if plain else []
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _plain():
            pressed = [each.value for each in node.keywords if each.arg == "on_click"]
            found += restricted(
                tree, [ast.Expr(ast.Call(each, [], [])) for each in pressed], module
            )
    return found


def _plain() -> set[str]:
    return {f"st.{name}" for name in BUTTONS}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT_DIR)))
def test_a_button_for_what_takes_a_role_closes_itself(path):
    assert open_buttons(path.read_text(encoding="utf-8")) == []


def test_an_open_button_is_found():
    source = (
        "import streamlit as st\nfrom pipeline.services.upload import loads\n"
        "def _undo(): loads.undo(1)\n"
        "if st.button('a'): _undo()\nst.button('b', on_click=_undo)\n"
        "if st.button('c'): st.rerun()\n"
    )
    assert open_buttons(source) == ["loads.undo", "loads.undo"]
