"""The models as a graph by layer, left to right, with the state that one run gives them; the SQL
that a node runs.
"""

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.dictionary import (
    DBT_DIR,
    lineage,
    load_dictionary,
    test_paths,
    tests_by_node,
)
from pipeline.declared.layers import Layer
from pipeline.features.registry import LATEST
from pipeline.orchestrate.selection import WHOLE, layer_by_model, manifest_path

#: Models in one column; a layer with more gets several.
COLUMN_MODELS = 10
#: What the page calls the states of dbt; a model that the run does not build, or a run without any
#: step yet, has none of them.
STATES = {
    "queued": "waiting",
    "running": "running",
    "success": "done",
    "warn": "done",
    "error": "failed",
    "skipped": "skipped",
}
NOT_IN_RUN, NOT_STARTED = "not in this run", "not started"
#: From most to least telling, for a group of steps.
URGENCY = ("failed", "running", "waiting", "skipped", "done", NOT_IN_RUN, NOT_STARTED)
REFERENCE_LISTS, NEWEST_VERSIONS = "reference lists", "newest versions"


@dataclass(frozen=True)
class Place:
    """Where a model stands: its layer, the column and row there; `group` is the source whose
    landing-zone step it is, or what gathers the views of newest feature versions.
    """

    name: str
    layer: str
    column: int
    row: int
    group: str = ""


@dataclass(frozen=True)
class GraphNode:
    """One model with what one run made of it; `tests` counts those on it, `failed_tests` and
    `warned_tests` name some of them.
    """

    place: Place
    state: str
    seconds: float | None
    rows: int | None
    tests: int
    failed_tests: tuple[str, ...]
    warned_tests: int
    message: str | None


@dataclass(frozen=True)
class RunGraph:
    """Nodes in the order of the flow, edges (parent, child); `absent` is the state of a model of
    which the run tells nothing.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[str, str], ...]
    absent: str

    def node(self, name: str) -> GraphNode | None:
        """The model of this name."""
        return next((node for node in self.nodes if node.place.name == name), None)


def graph(settings: Settings, steps: pd.DataFrame) -> RunGraph:
    """The graph with the states of `steps` (as in `run_steps.progress`); without steps no model has
    started.
    """
    places, edges = _layout(manifest_path(settings), _written_at(settings))
    tested = tests_by_node(manifest_path(settings))
    own = {row.name: row for row in steps.itertuples() if row.kind in ("model", "seed", "snapshot")}
    tests: dict[str, list] = {}
    for row in steps.itertuples():
        if row.kind == "test" and tested.get(row.node):
            tests.setdefault(tested[row.node][0], []).append(row)
    absent = NOT_STARTED if steps.empty else NOT_IN_RUN
    return RunGraph(
        tuple(
            _node(place, own.get(place.name), tests.get(place.name, []), absent) for place in places
        ),
        edges,
        absent,
    )


def model_of(settings: Settings, node: str, name: str) -> str | None:
    """The model that a step of a run builds or tests; None when the project no longer has it."""
    model = (tests_by_node(manifest_path(settings)).get(node) or (name,))[0]
    return model if model in layer_by_model() else None


def statements(settings: Settings, model: str) -> dict[str, str]:
    """Name -> SQL of a model and of each test on it, as the last build compiled it; as written when
    it was never built.
    """
    compiled = settings.dbt_dir / "target" / "compiled"
    entry = load_dictionary()[model]
    by_name = {}
    for name, path in {model: entry.path, **test_paths(manifest_path(settings), model)}.items():
        if not path.endswith(".sql"):
            continue
        built, written = compiled / path, DBT_DIR.parent / path
        text = next(
            (
                sql_files.read_text(encoding="utf-8")
                for sql_files in (built, written)
                if sql_files.exists()
            ),
            "",
        )
        if text:
            by_name[name] = text.strip()
    return by_name


def is_compiled(settings: Settings, model: str) -> bool:
    """Whether a build on this home compiled the model."""
    return (settings.dbt_dir / "target" / "compiled" / load_dictionary()[model].path).exists()


def _node(place: Place, own, tests: list, absent: str) -> GraphNode:
    failed = tuple(row.name for row in tests if row.status == "error")
    state = STATES.get(own.status, absent) if own is not None else absent
    message = own.message if own is not None and own.status == "error" else None
    return GraphNode(
        place,
        "failed" if failed else state,
        _number(own, "seconds"),
        _number(own, "rows"),
        len(tests),
        failed,
        sum(row.status == "warn" for row in tests),
        message,
    )


def _number(row, column: str):
    value = getattr(row, column, None)
    return None if value is None or value != value else value


def _written_at(settings: Settings) -> int:
    path = manifest_path(settings)
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(maxsize=4)
def _layout(manifest, written_at: int) -> tuple[tuple[Place, ...], tuple[tuple[str, str], ...]]:
    layer_of = layer_by_model()
    edges = tuple(
        (parent, child)
        for parent, child in lineage(manifest)
        if parent in layer_of and child in layer_of
    )
    places: list[Place] = []
    column = 0
    for layer in Layer:
        names = _in_order([name for name, label in layer_of.items() if label == layer.label], edges)
        if layer.label == WHOLE:
            places += [
                Place(name, layer.label, column, row, _group(name))
                for row, name in enumerate(names)
            ]
            column += 1
            continue
        views = [
            name
            for name in names
            if name.endswith(LATEST) and not any(parent == name for parent, _ in edges)
        ]
        alone = [name for name in names if name not in views]
        columns = max(1, -(-len(alone) // COLUMN_MODELS))
        height = -(-len(alone) // columns)
        places += [
            Place(name, layer.label, column + row // height, row % height)
            for row, name in enumerate(alone)
        ]
        places += [
            Place(name, layer.label, column + columns - 1, height + row, NEWEST_VERSIONS)
            for row, name in enumerate(views)
        ]
        column += columns
    return tuple(places), edges


def _in_order(names: list[str], edges: tuple[tuple[str, str], ...]) -> list[str]:
    """Parents before children; among models of the same depth those that more is made from
    first.
    """
    parents = {
        name: {parent for parent, child in edges if child == name and parent in names}
        for name in names
    }
    depth: dict[str, int] = {}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((deep(parent) for parent in parents[name]), default=-1)
        return depth[name]

    used = {name: sum(parent == name for parent, _ in edges) for name in names}
    return sorted(names, key=lambda name: (deep(name), -used[name], name))


def _group(name: str) -> str:
    """The folder of a landing-zone step, that is its source; reference lists together."""
    path = (PROJECT_DIR / load_dictionary()[name].path).relative_to(DBT_DIR)
    return path.parts[2] if path.parts[0] == "models" else REFERENCE_LISTS
