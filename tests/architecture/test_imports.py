"""Who may import whom: the contracts of pyproject.toml hold."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.making import screen_contracts
from pages.widgets import menu
from pipeline.config.project import PROJECT_DIR


def test_every_room_imports_only_what_it_may():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    process = subprocess.run(
        command,
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
    )
    assert process.returncode == 0, process.stdout + process.stderr


#: What holds the project's modules.
TOP = ("pages", "pipeline")


def floors() -> dict[str, int]:
    """Room -> its floor in the picture at the top of docs/architecture.md."""
    page = (PROJECT_DIR / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = page.split("```")[1]
    return {
        room.replace("/", ".").removesuffix(".py"): int(line.split()[0])
        for line in picture.splitlines()
        if line[:2].strip().isdigit()
        for room in line.split()[1:]
        if room != "|"
    }


def room_of(module: str, rooms: dict[str, int]) -> str:
    """The room of the picture that holds a module; a module of no room stays what it is."""
    parts = module.split(".")
    if parts[0] == "pages" and parts[1:2] and f"pages.{parts[1]}" not in rooms:
        return "pages.<screen>"
    return next((room for room in (".".join(parts[:2]), parts[0]) if room in rooms), module)


def imports_of(path: Path) -> set[str]:
    """The modules of the project that a file imports, names of modules included."""
    return {
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in TOP
        for name in node.names
    }


def test_every_import_leads_down_in_the_picture_of_the_rooms():
    rooms = floors()
    modules = {
        path: ".".join(path.relative_to(PROJECT_DIR).with_suffix("").parts)
        for top in TOP
        for path in sorted((PROJECT_DIR / top).rglob("*.py"))
        if path.name != "__main__.py"
    } | {PROJECT_DIR / "streamlit_app.py": "streamlit_app"}
    edges = {
        (room_of(module, rooms), room_of(imported, rooms))
        for path, module in modules.items()
        for imported in imports_of(path)
    }
    between = {(start, end) for start, end in edges if start != end}
    assert len(between) > 20 and {room for edge in between for room in edge} == rooms.keys()
    assert sorted(edge for edge in between if rooms[edge[0]] <= rooms[edge[1]]) == []


def test_no_module_and_no_file_of_tests_has_over_300_lines():
    """Split by meaning: what a file tells stands in the sentence at its top."""
    lengths = {
        path.relative_to(PROJECT_DIR).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for top in (*TOP, "docs", "icon_health", "benchmarks", "dags", "tests")
        for path in (PROJECT_DIR / top).rglob("*.py")
    }
    assert len(lengths) > 900 and {path: n for path, n in lengths.items() if n > 300} == {}


def test_only_the_chart_modules_import_plotly():
    users = [
        path
        for path in (PROJECT_DIR / "pages").rglob("*.py")
        if "import plotly" in path.read_text(encoding="utf-8")
    ]
    assert users and [path for path in users if not path.stem.endswith("charts")] == []


@pytest.mark.parametrize("screen", [entry.key for entry in menu.ENTRIES])
def test_a_screen_imports_the_service_of_its_own_word(screen):
    texts = [
        path.read_text(encoding="utf-8") for path in (PROJECT_DIR / "pages" / screen).rglob("*.py")
    ]
    words = {
        word
        for text in texts
        for word in re.findall(r"^\s*from pipeline\.services\.(\w+)", text, re.MULTILINE)
    }
    borrowed = set(menu.BY_KEY[screen].borrows)
    assert words - {screen} == borrowed, f"name them under `borrows` in pages/{screen}/page.yml"


def test_every_screen_stands_in_the_contracts_on_screens():
    assert screen_contracts.stale() == {}, "run: python -m docs.make"


def test_every_screen_is_a_folder_with_a_page_and_every_folder_is_in_the_menu():
    folders = {path.parent.name for path in (PROJECT_DIR / "pages").glob("*/page.py")}
    assert folders == menu.BY_KEY.keys()
    rooms = {
        path.name for path in (PROJECT_DIR / "pages").iterdir() if (path / "__init__.py").exists()
    }
    assert rooms - folders == {"shell", "widgets"}


def test_the_store_alone_opens_a_database():
    allowed = ("pipeline/store/",)
    openers = [
        path.relative_to(PROJECT_DIR).as_posix()
        for room in ("pipeline", "pages")
        for path in (PROJECT_DIR / room).rglob("*.py")
        if "sqlite3.connect(" in path.read_text(encoding="utf-8")
    ]
    assert [path for path in openers if not path.startswith(allowed)] == []


def test_answers_kept_by_the_warehouse_alone_come_from_modules_that_never_open_the_control_file():
    modules = {
        ".".join(path.relative_to(PROJECT_DIR).with_suffix("").parts): path.read_text(
            encoding="utf-8"
        )
        for path in (PROJECT_DIR / "pipeline" / "services").rglob("*.py")
    }
    waiting = [
        name for name, text in modules.items() if "ANSWERS_FROM_WAREHOUSE_ALONE = True" in text
    ]
    assert waiting
    reached = set()
    while waiting:
        name = waiting.pop()
        reached.add(name)
        for room, names in re.findall(
            r"^from (pipeline\.services[\w.]*) import (.+)$", modules[name], re.MULTILINE
        ):
            imported = {
                room,
                *(f"{room}.{part.split(' as ')[0].strip()}" for part in names.split(",")),
            }
            waiting += sorted((imported & modules.keys()) - reached)
    assert {name for name in reached if "open_control" in modules[name]} == set()
