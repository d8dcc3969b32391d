"""What a build needs to know of the dbt project without dbt: its nodes, their layers, and what each
reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.declared.layers import Layer
from pipeline.transform.records import PlannedNode

BUILT_KINDS = ("seed", "model", "snapshot", "test", "unit_test")


@dataclass(frozen=True)
class IndexedNode:
    """One node: `layer` is the label of the layer that builds it, or ""; `warn_if` and `severity`
    say what a test makes of its failures (dbt's own words).
    """

    node: str
    name: str
    kind: str
    layer: str
    parents: tuple[str, ...]
    severity: str = ""
    warn_if: str = ""


class ProjectIndex:
    """The nodes of a project by dbt's unique id, in dbt's order."""

    def __init__(self, nodes: Iterable[IndexedNode]) -> None:
        self.nodes = {node.node: node for node in nodes}

    @classmethod
    def of_manifest(cls, manifest: Any) -> "ProjectIndex":
        """From what dbt parsed (dbt's own class)."""
        order = [layer.label for layer in Layer]
        layer_of: dict[str, str] = {}
        for unique_id, node in manifest.nodes.items():
            labels = [tag for tag in node.tags if tag in order]
            if labels and node.resource_type != "test":
                layer_of[unique_id] = labels[0]
        for unique_id, node in manifest.nodes.items():
            above = [layer_of[parent] for parent in node.depends_on_nodes if parent in layer_of]
            if node.resource_type == "test" and above:
                layer_of[unique_id] = max(above, key=order.index)
        nodes = [
            IndexedNode(
                unique_id,
                node.name,
                str(node.resource_type.value),
                layer_of.get(unique_id, ""),
                tuple(node.depends_on_nodes),
                *(
                    (node.config.severity, node.config.warn_if)
                    if node.resource_type == "test"
                    else ()
                ),
            )
            for unique_id, node in manifest.nodes.items()
        ]
        nodes += [
            IndexedNode(
                unique_id,
                unit.name,
                str(unit.resource_type.value),
                layer_of.get(unit.depends_on.nodes[0], ""),
                tuple(unit.depends_on.nodes),
            )
            for unique_id, unit in manifest.unit_tests.items()
        ]
        return cls(nodes)

    @classmethod
    def from_dicts(cls, nodes: Iterable[Mapping[str, Any]]) -> "ProjectIndex":
        """From what `as_dicts` wrote."""
        return cls(IndexedNode(**{**node, "parents": tuple(node["parents"])}) for node in nodes)

    def as_dicts(self) -> list[dict[str, Any]]:
        """Plain values, ready for JSON."""
        return [asdict(node) for node in self.nodes.values()]

    @property
    def relations(self) -> set[str]:
        """Names of the tables and views that the project builds."""
        return {node.name for node in self.nodes.values() if node.kind in ("model", "seed")}

    def plan(
        self,
        layers: Iterable[Layer],
        unit_tests: bool = False,
        models: Mapping[str, Sequence[str]] | None = None,
    ) -> list[PlannedNode]:
        """The nodes that building `layers` will run, as far as the declaration tells.

        `models` names by layer the models that are built where a layer is not built as a whole.
        """
        labels = {layer.label for layer in layers}
        return [
            PlannedNode(node.node, node.name, node.layer, node.kind)
            for node in self.nodes.values()
            if node.layer in labels
            and node.kind in BUILT_KINDS
            and (unit_tests or node.kind != "unit_test")
            and self._is_chosen(node, (models or {}).get(node.layer))
        ]

    def read_from(self, planned: Iterable[PlannedNode]) -> dict[str, str]:
        """What the planned models read that is not planned itself: model or seed -> the layer that
        builds it.
        """
        built = {node.node for node in planned if node.kind not in ("test", "unit_test")}
        read = {parent for node in built for parent in self.nodes[node].parents} - built
        return {
            self.nodes[node].name: self.nodes[node].layer
            for node in read
            if node in self.nodes and self.nodes[node].layer
        }

    def _is_chosen(self, node: IndexedNode, models: Sequence[str] | None) -> bool:
        """As dbt's indirect selection `buildable` chooses: a test runs when all that it reads is
        chosen or made before it.
        """
        if models is None:
            return True
        if node.kind != "test":
            return node.name in models
        named = {
            key
            for key, other in self.nodes.items()
            if other.kind == "model" and other.name in models
        }
        read = [parent for parent in node.parents if parent in self.nodes]
        return any(parent in named for parent in read) and named.union(
            *map(self._ancestors, named)
        ).issuperset(read)

    def _ancestors(self, unique_id: str) -> set[str]:
        ancestors: set[str] = set()
        front = {unique_id}
        while front:
            front = {
                parent
                for node in front
                for parent in self.nodes[node].parents
                if parent in self.nodes
            } - ancestors
            ancestors |= front
        return ancestors
