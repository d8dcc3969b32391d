"""Lineage as a graph: delivered files, tables of each layer, pages that show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.dictionary import load_exposures
from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts, source_names
from pipeline.declared.stages import MODEL_NAMES, model_name
from pipeline.services.catalogue.catalogue import Catalogue, around, catalogue

FILES, SEEDS, PAGES = "files", "seeds", "pages"
KINDS = (
    FILES,
    Layer.LANDING_ZONE.label,
    Layer.STANDARD_MODEL.label,
    SEEDS,
    Layer.ENTERPRISE_DATASETS.label,
    Layer.FEATURE_STORE.label,
    PAGES,
)
#: Boxes in one column; a layer with more gets several.
TALLEST = 14


@dataclass(frozen=True)
class Box:
    """One file, table or page; `group` gathers the landing-zone steps of a source."""

    name: str
    kind: str
    column: int
    group: str


@dataclass(frozen=True)
class LineageGraph:
    """Boxes from left to right, and edges (from, to)."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[str, str], ...]


def graph(settings: Settings, focus: str | None = None, steps: int | None = None) -> LineageGraph:
    """All boxes, or those that `chosen` is made from and that are made from it (at most `steps`
    away), in the order of the flow.
    """
    contents = catalogue(settings)
    kinds, edges = kinds_of(contents), all_edges(contents)
    away = around(edges, focus, steps or len(edges)) if focus else {}
    visible_names = set(away) if focus else set(kinds)
    edges = tuple(edge for edge in edges if visible_names.issuperset(edge))
    boxes, column = [], 0
    spot: dict[str, int] = {}
    for kind in KINDS:
        ordered = _in_order(
            [name for name in kinds if kinds[name] == kind and name in visible_names], edges, spot
        )
        for names in _beside(ordered, away, focus) if steps and focus else [ordered]:
            groups = list(dict.fromkeys(_group(name) or name for name in names))
            height = max(1, -(-len(groups) // max(1, -(-len(groups) // TALLEST))))
            for name in names:
                place = groups.index(_group(name) or name)
                spot[name] = place
                boxes.append(Box(name, kind, column + place // height, _group(name)))
            column += -(-len(groups) // height) if groups else 0
    return LineageGraph(tuple(boxes), edges)


def kinds_of(contents: Catalogue) -> dict[str, str]:
    """Name -> files, a layer, seeds or pages."""
    files = {contract.file_name: FILES for contract in load_contracts().values()}
    tables = {name: entry.layer for name, entry in contents.entries.items() if entry.layer in KINDS}
    return files | tables | {page.label: PAGES for page in load_exposures()}


def all_edges(contents: Catalogue) -> tuple[tuple[str, str], ...]:
    """Edges between tables, from each file to its raw table, and from tables to the pages that show
    them.
    """
    files = [(contract.file_name, contract.raw_table) for contract in load_contracts().values()]
    pages = [(table, page.label) for page in load_exposures() for table in page.tables]
    return (*files, *contents.edges, *(edge for edge in pages if edge[0] in contents.entries))


def _beside(names: list[str], away: Mapping[str, int], table: str) -> list[list[str]]:
    """In the layer of `chosen`: what stands before it, itself, what stands behind it; steps of the
    landing zone stay together.
    """
    if table not in names or any(_group(name) for name in names):
        return [names]
    return [
        part
        for part in (
            [name for name in names if away[name] < 0],
            [table],
            [name for name in names if away[name] > 0],
        )
        if part
    ]


def _group(name: str) -> str:
    for source in source_names():
        if name == f"raw_{source}" or name in {model_name(stage, source) for stage in MODEL_NAMES}:
            return source
    return ""


def _in_order(
    names: list[str], edges: tuple[tuple[str, str], ...], spot: Mapping[str, int]
) -> list[str]:
    """Parents before children; beside each other those whose parents stand beside each other, so
    that few edges cross.
    """
    own = set(names)
    parents = {name: [parent for parent, child in edges if child == name] for name in names}
    depth: dict[str, int] = {}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = 0
            depth[name] = max(
                (deep(parent) + 1 for parent in parents[name] if parent in own), default=0
            )
        return depth[name]

    def middle(name: str) -> float:
        places = [spot[parent] for parent in parents[name] if parent in spot]
        return sum(places) / len(places) if places else 0.0

    return sorted(names, key=lambda name: (deep(name), middle(name), name))
