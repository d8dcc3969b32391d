"""The data dictionary: every model and seed of icon_dbt as its YAML and SQL describe it. Plain
files, no dbt needed.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.classes import class_of
from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts, source_names
from pipeline.declared.yaml_files import read_yaml

DBT_DIR = PROJECT_DIR / "icon_dbt"
REFERENCE = re.compile(r"ref\(\s*['\"]([a-z0-9_]+)['\"]\s*\)")
#: Relations that macros build, so that their SQL names no parent.
LANDING_CHAIN = (
    ("stg_{}", "raw_{}"),
    ("int_{}_scope", "stg_{}"),
    ("int_{}_verdicts", "int_{}_scope"),
    ("row_verdicts_{}", "int_{}_verdicts"),
    ("dq_{}", "row_verdicts_{}"),
    ("quarantine_{}", "row_verdicts_{}"),
    ("promoted_{}", "row_verdicts_{}"),
    ("std_{}", "promoted_{}"),
)


@dataclass(frozen=True)
class ColumnEntry:
    """One column: what it means, its declared type, its privacy class and the rest of its meta."""

    name: str
    description: str
    data_type: str
    classification: str
    meta: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ModelEntry:
    """One table or view: layer (a dbt folder, or `seeds`), grain and purpose, columns, parents,
    compiled-from file, key.
    """

    name: str
    layer: str
    description: str
    columns: tuple[ColumnEntry, ...]
    parents: tuple[str, ...]
    path: str
    meta: tuple[tuple[str, str], ...] = ()
    key: tuple[str, ...] = ()

    def column(self, name: str) -> ColumnEntry | None:
        """The column of this name, None when the YAML does not describe it."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Exposure:
    """One page of the workbench: its title, menu key, what it is for, and the tables that it
    shows.
    """

    label: str
    menu_key: str
    description: str
    tables: tuple[str, ...]


@lru_cache
def load_exposures(folder: Path = DBT_DIR) -> tuple[Exposure, ...]:
    """The pages that dbt's exposures declare."""
    document = read_yaml(folder / "models" / "exposures.yml")
    return tuple(
        Exposure(
            node["label"],
            node["config"]["meta"]["page"],
            _flat(node["description"]),
            tuple(name for ref in node["depends_on"] for name in REFERENCE.findall(ref)),
        )
        for node in document["exposures"]
    )


@lru_cache
def load_dictionary(folder: Path = DBT_DIR) -> dict[str, ModelEntry]:
    """Model name -> its entry, in the order of the flow: raw tables, then the layers, then
    seeds.
    """
    entries = {entry.name: entry for entry in _raw_tables()}
    for kind, section in (("models", "models"), ("seeds", "seeds")):
        for path in sorted((folder / kind).rglob("*.yml")):
            document = read_yaml(path) or {}
            for node in document.get(section) or ():
                entries[node["name"]] = _entry(node, kind, path, folder)
    for path in sorted((folder / "models").rglob("*.sql")):
        if path.stem not in entries:
            entries[path.stem] = _entry({"name": path.stem}, "models", path, folder)
    return entries


def lineage(manifest: Path | None = None, folder: Path = DBT_DIR) -> tuple[tuple[str, str], ...]:
    """Edges (parent, child): from dbt's manifest when a build left one, otherwise from the `ref`
    calls in the SQL.
    """
    if manifest and manifest.exists():
        nodes = _nodes(manifest, manifest.stat().st_mtime_ns)
        names = {
            key: node["name"]
            for key, node in nodes.items()
            if node["resource_type"] in ("model", "seed", "snapshot")
        }
        edges = {
            (names[parent], names[key])
            for key, node in nodes.items()
            if key in names
            for parent in node.get("depends_on", {}).get("nodes", ())
            if parent in names
        }
        edges |= {
            (f"raw_{entity}", f"stg_{entity}")
            for entity in source_names()
            if f"stg_{entity}" in names.values()
        }
        return tuple(sorted(edges))
    entries = load_dictionary(folder)
    return tuple(
        sorted(
            (parent, entry.name)
            for entry in entries.values()
            for parent in entry.parents
            if parent in entries
        )
    )


def tests_by_node(manifest: Path) -> dict[str, tuple[str, ...]]:
    """Test (dbt's unique id) -> the models that it reads, that of its YAML first, else those of the
    last layer; empty before a build.
    """
    if not manifest.exists():
        return {}
    nodes = _nodes(manifest, manifest.stat().st_mtime_ns)
    tests = {}
    for key, node in nodes.items():
        if node["resource_type"] == "test":
            parents = [
                parent for parent in node.get("depends_on", {}).get("nodes", ()) if parent in nodes
            ]
            read = [
                node.get("attached_node"),
                *sorted(parents, key=lambda node: -_depth(nodes[node])),
            ]
            tests[key] = tuple(dict.fromkeys(nodes[key]["name"] for key in read if key in nodes))
    return tests


def _depth(node: dict[str, Any]) -> int:
    """Place of a node's layer in the flow."""
    order = [layer.label for layer in Layer]
    return max((order.index(tag) for tag in node.get("tags", ()) if tag in order), default=-1)


def test_paths(manifest: Path, model: str) -> dict[str, str]:
    """Test on a model -> its file below dbt's folder of compiled statements."""
    if not manifest.exists():
        return {}
    nodes = _nodes(manifest, manifest.stat().st_mtime_ns)
    on_it = [key for key, read in tests_by_node(manifest).items() if read[:1] == (model,)]
    paths = {}
    for key in on_it:
        written, name = nodes[key]["original_file_path"], nodes[key]["path"]
        paths[nodes[key]["name"]] = "/".join(
            (DBT_DIR.name, written if written.endswith(name) else f"{written}/{name}")
        )
    return paths


@lru_cache(maxsize=4)
def _nodes(manifest: Path, written_at: int) -> dict[str, Any]:
    """The nodes of dbt's manifest; `written_at` tells one version of the file from the next."""
    return json.loads(manifest.read_text(encoding="utf-8"))["nodes"]


def _raw_tables() -> list[ModelEntry]:
    """The delivered tables: loaded by Python, so no dbt YAML describes them; the contracts do."""
    tables = []
    for entity, contract in load_contracts().items():
        columns = tuple(
            ColumnEntry(column.delivered, column.description, "text", column.classification)
            for column in contract.columns
            if column.delivered
        )
        text = f"{contract.file_name} as delivered, every column text. One row per delivered row, append-only."
        tables.append(ModelEntry(f"raw_{entity}", "landing_zone", text, columns, (), ""))
    return tables


def _entry(node: dict[str, Any], kind: str, path: Path, folder: Path) -> ModelEntry:
    name = node["name"]
    sql = next(iter(sorted((folder / "models").rglob(f"{name}.sql"))), None)
    parents = set(REFERENCE.findall(sql.read_text(encoding="utf-8"))) if sql else set()
    parents |= {
        before.format(entity)
        for after, before in LANDING_CHAIN
        for entity in source_names()
        if name == after.format(entity)
    }
    layer = (sql or path).relative_to(folder).parts[1] if kind == "models" else "seeds"
    meta = node.get("config", {}).get("meta", {}) | node.get("meta", {})
    return ModelEntry(
        name=name,
        layer=layer,
        description=_flat(node.get("description")),
        columns=tuple(_column(column, name) for column in node.get("columns") or ()),
        parents=tuple(sorted(parents - {name})),
        meta=_pairs(meta),
        path=str((sql or path).relative_to(folder.parent)),
        key=_key(node),
    )


def _key(node: dict[str, Any]) -> tuple[str, ...]:
    """The columns that tell rows apart, by the test that proves it; empty where none is
    declared.
    """
    for test in node.get("data_tests") or ():
        if isinstance(test, dict) and "unique_keys" in test:
            return tuple(test["unique_keys"]["arguments"]["columns"])
    tested = [
        column["name"]
        for column in node.get("columns") or ()
        if "unique" in (column.get("data_tests") or ())
    ]
    return tuple(tested[:1])


def _column(node: dict[str, Any], table: str) -> ColumnEntry:
    meta = node.get("config", {}).get("meta", {}) | node.get("meta", {})
    return ColumnEntry(
        node["name"],
        _flat(node.get("description")),
        str(node.get("data_type", "")),
        class_of(table, node["name"]) or "",
        _pairs(meta),
    )


def _pairs(meta: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key, value if isinstance(value, str) else json.dumps(value)) for key, value in meta.items()
    )


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())
