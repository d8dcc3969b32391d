"""Two doors write tables that may leave, and one place hands files to the browser."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

#: Methods and functions that turn rows into bytes of a file, whatever the library.
WRITERS = frozenset(
    {
        "to_csv",
        "to_parquet",
        "to_excel",
        "to_json",
        "to_feather",
        "to_hdf",
        "to_html",
        "to_latex",
        "to_markdown",
        "to_orc",
        "to_pickle",
        "to_sql",
        "to_stata",
        "to_xml",
        "to_clipboard",
        "write_table",
        "write_dataset",
        "write_feather",
        "write_csv",
        "write_batch",
        "ParquetWriter",
        "CSVWriter",
        "DictWriter",
        "RecordBatchFileWriter",
        "savetxt",
        "tofile",
        "memmap",
    }
)
#: Constructors that are told by their module: csv.writer, openpyxl.Workbook.
MODULE_WRITERS = {("csv", "writer"), ("openpyxl", "Workbook")}
#: Calls that write text or bytes of any kind; who may, and what it writes there.
FILES = frozenset({"write_text", "write_bytes"})
TABLE_WRITER = "pipeline/services/tables/export_files.py"
DOOR = "pipeline/services/tables/outgoing.py"
#: The second door: what a screen shows, as bytes for the browser.
SCREEN_DOOR = "pipeline/services/tables/screen_downloads.py"
NO_ROWS_LEAVE = {
    "pipeline/config/home_settings.py": "limits that were set, in the home",
    "pipeline/connect/pieces.py": "bytes of a source, into the home",
    "pipeline/connect/tables.py": "rows of a database that delivers, into the home",
    "pipeline/synthetic/writing.py": "made-up deliveries",
    "pipeline/synthetic/zip_centroids.py": "a seed, from a public list",
    "pipeline/synthetic/truth.py": "what is true of made-up deliveries",
    "pipeline/synthetic/variants.py": "made-up deliveries",
    "pipeline/synthetic/manifest.py": "what made-up deliveries hold",
    "pipeline/ingest/grids.py": "sheets as text for the reader, in memory",
    "pipeline/ingest/tray.py": "what was decided about a dropped file, in the home",
    "pipeline/orchestrate/lineage_events.py": "events on relations and columns, without rows",
    "pipeline/services/access/one_time_token.py": "the token of the server, for its owner",
    "pipeline/services/upload/full_preflight.py": "the empty warehouse that judges dropped files",
    "pipeline/services/upload/loads.py": "the header of an empty template",
    "pipeline/services/features/feast_push.py": "the definitions of a Feast repository, without rows",
    "pipeline/store/backup.py": "a copy of the home, with everything in it, for its owner",
    "pipeline/transform/plan_run.py": "compiled statements, for dbt's artifacts",
    "pipeline/transform/build_plan.py": "recorded statements of dbt",
    "pipeline/transform/dbt_project.py": "nothing: the output of dbt's parser goes to /dev/null",
    "pages/networks/us_states.py": "outlines of states, from a public list",
}
BROWSER_DOOR = "pages/widgets/downloads.py"


def sources() -> Iterator[tuple[str, ast.Module]]:
    for top in ("pages", "pipeline", "icon_health"):
        for path in sorted((PROJECT_DIR / top).rglob("*.py")):
            yield str(path.relative_to(PROJECT_DIR)), ast.parse(path.read_text(encoding="utf-8"))
    script = PROJECT_DIR / "streamlit_app.py"
    yield script.name, ast.parse(script.read_text(encoding="utf-8"))


def writes(tree: ast.AST) -> list[str]:
    """What in a module writes rows or files: attributes and names, called or only mentioned."""
    found = []
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        if name in WRITERS | FILES:
            found.append(name)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found += [f"{a}.{b}" for a, b in MODULE_WRITERS if (node.value.id, node.attr) == (a, b)]
        if isinstance(node, ast.ImportFrom):
            found += [
                each.name
                for each in node.names
                if each.name in WRITERS or (node.module, each.name) in MODULE_WRITERS
            ]
        if isinstance(node, ast.Call) and _opens_to_write(node):
            found.append("open")
        if isinstance(node, ast.Constant) and str(node.value) in WRITERS:
            found.append(f"'{node.value}'")
    return found


def _opens_to_write(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in ("open", "fdopen"):
        return False
    words = [
        each.value
        for each in [
            *call.args[isinstance(call.func, ast.Name) :],
            *(keyword.value for keyword in call.keywords),
        ]
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return any(set(word) <= set("rwaxbt+") and set(word) & set("wax+") for word in words)


def test_only_one_module_writes_tables_and_only_those_named_write_files():
    writing = {path: found for path, tree in sources() if (found := writes(tree))}
    assert sorted(writing.keys() - {TABLE_WRITER, DOOR}) == sorted(NO_ROWS_LEAVE)
    assert set(writing[DOOR]) == {"write_text", "write_bytes"}


def test_only_the_doors_call_what_writes_tables():
    module = TABLE_WRITER.removesuffix(".py").replace("/", ".")
    importing = {
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (
            node.module == module
            or f"{node.module}.{module.rpartition('.')[2]}" == module
            and any(each.name == "export_files" for each in node.names)
        )
        or isinstance(node, ast.Import)
        and any(each.name == module for each in node.names)
    }
    assert importing == {DOOR, SCREEN_DOOR}


def test_only_one_module_hands_files_to_the_browser():
    assert {
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if getattr(node, "attr", getattr(node, "id", "")) == "download_button"
    } == {BROWSER_DOOR}


@pytest.mark.parametrize(
    "code",
    [
        "frame.to_csv('x')",
        "save = frame.to_parquet",
        "getattr(frame, 'to_excel')('x')",
        "import csv\ncsv.writer(file)",
        "from csv import writer",
        "openpyxl.Workbook()",
        "from openpyxl import Workbook",
        "from pyarrow.parquet import write_table",
        "open('x', 'w')",
        "path.open(mode='ab')",
        "path.write_text('x')",
        "os.fdopen(handle, 'r+')",
    ],
)
def test_the_search_finds_each_way_to_write(code):
    assert writes(ast.parse(code))


def test_reading_is_not_writing():
    assert not writes(ast.parse("open('x'); path.open('rb'); path.read_text(); csv.reader(file)"))
    assert all((PROJECT_DIR / path).exists() for path in map(Path, NO_ROWS_LEAVE))
