"""Who may import whom: the contracts of pyproject.toml hold."""

import os
import re
import subprocess
import sys
from pathlib import Path

from pipeline.config import PROJECT_DIR


def test_every_room_imports_only_what_it_may():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_chart_modules_import_plotly():
    users = [path.relative_to(PROJECT_DIR).as_posix() for path in (PROJECT_DIR / "pages").rglob("*.py")
             if "import plotly" in path.read_text(encoding="utf-8")]
    assert users and [path for path in users if not path.startswith("pages/components/charts")] == []


def test_the_store_alone_opens_a_database():
    allowed = ("pipeline/store/",)
    openers = [path.relative_to(PROJECT_DIR).as_posix() for room in ("pipeline", "pages") for path in (PROJECT_DIR / room).rglob("*.py")
               if "sqlite3.connect(" in path.read_text(encoding="utf-8")]
    assert [path for path in openers if not path.startswith(allowed)] == []


def test_services_kept_by_the_warehouse_alone_never_open_the_control_file():
    from pipeline.services.settings import OF_THE_WAREHOUSE

    folder = PROJECT_DIR / "pipeline" / "services"
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    reached, waiting = set(), list(OF_THE_WAREHOUSE)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        imported = re.findall(r"^from pipeline\.services\.(\w+) import|^from pipeline\.services import (.+)$", texts[name], re.MULTILINE)
        named = {part.split(" as ")[0].strip() for found in imported for part in (found[0] or found[1]).split(",")}
        waiting += sorted((named & texts.keys()) - reached)
    assert {name for name in reached if "open_control" in texts[name]} == set()
