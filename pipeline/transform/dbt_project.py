"""Run the dbt project: parse once, then build layer after layer; the only module that imports dbt's
runner.

Importing dbt takes seconds, so it happens inside the functions that need it. Nothing dbt prints
reaches stdout, and no log file is written: dbt's log would quote the SQL of failing rows.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from pipeline.config import PROJECT_DIR, Settings
from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused, RunCancelled, RunFailed
from pipeline.transform import parse_cache
from pipeline.transform.interrupts import noted_interrupts
from pipeline.transform.lean_dbt import call_arguments, lean_dbt
from pipeline.transform.records import STATUSES, NodeResult, PlannedNode, StepResult

DBT_PROJECT_DIR = PROJECT_DIR / "icon_dbt"
BUILT_KINDS = ("seed", "model", "snapshot", "test", "unit_test")

NodeListener = Callable[[NodeResult], None]


def warm_up() -> None:
    """Import dbt ahead of the first run (about 4 s)."""
    import dbt.adapters.sqlite.connections
    import dbt.cli.main  # noqa: F401


class DbtProject:
    """One parsed project, for one run on one home.

    `as_of` is the ISO day that the dbt var of the same name gets; `on_node` hears of every start
    and end of a node.
    """

    def __init__(
        self,
        settings: Settings,
        as_of: str | None = None,
        on_node: NodeListener | None = None,
        project_dir: Path = DBT_PROJECT_DIR,
    ) -> None:
        self._settings = settings
        self._variables = {"as_of": as_of}
        self._on_node = on_node
        self._project_dir = project_dir
        self._manifest = None
        self._layer = ""
        self._finished: list[NodeResult] = []
        self._errors: list[str] = []

    def parse(self) -> None:
        """Read the project; raises RunFailed when it does not parse.

        Cheap when this process parsed the same files before, and cheaper when the home holds a
        parse; the day is not part of it. Raises InputRefused for a target that the project's
        profile does not know.
        """
        self._check_target()
        target_dir = self._settings.dbt_dir / "target"
        files = parse_cache.state_of_files(self._project_dir)
        self._manifest = parse_cache.recall(*self._key, files, target_dir)
        if self._manifest is None:
            result = self._invoke(["parse"], variables={})
            if not result.success:
                raise RunFailed(
                    self._why(result), "dbt project", "the published tables are unchanged"
                )
            self._manifest = result.result
            parse_cache.remember(*self._key, files, self._manifest, target_dir)

    @property
    def _key(self) -> tuple[Path, str]:
        return self._project_dir, self._settings.target

    def _check_target(self) -> None:
        profiles = yaml.safe_load((self._project_dir / "profiles.yml").read_text(encoding="utf-8"))
        targets = {name for profile in profiles.values() for name in profile["outputs"]}
        if self._settings.target not in targets:
            raise InputRefused(
                "unknown target", self._settings.target, f"targets: {', '.join(sorted(targets))}"
            )

    def plan(
        self,
        layers: Iterable[Layer],
        unit_tests: bool = False,
        models: Mapping[str, Sequence[str]] | None = None,
    ) -> list[PlannedNode]:
        """The nodes that building `layers` will run, as far as the declaration tells. Call `parse`
        first.

        `models` names by layer the models that are built where a layer is not built as a whole.
        """
        order = [layer.label for layer in Layer]
        layer_of: dict[str, str] = {}
        for unique_id, node in self._manifest.nodes.items():
            labels = [tag for tag in node.tags if tag in order]
            if labels and node.resource_type != "test":
                layer_of[unique_id] = labels[0]
        for unique_id, node in self._manifest.nodes.items():
            above = [layer_of[parent] for parent in node.depends_on_nodes if parent in layer_of]
            if node.resource_type == "test" and above:
                layer_of[unique_id] = max(above, key=order.index)
        nodes = dict(self._manifest.nodes)
        if unit_tests:
            nodes |= self._manifest.unit_tests
            layer_of |= {
                unique_id: layer_of.get(unit.depends_on.nodes[0], "")
                for unique_id, unit in self._manifest.unit_tests.items()
            }
        wanted_labels = {layer.label for layer in layers}
        return [
            PlannedNode(unique_id, node.name, layer_of[unique_id], str(node.resource_type.value))
            for unique_id, node in nodes.items()
            if layer_of.get(unique_id) in wanted_labels
            and node.resource_type.value in BUILT_KINDS
            and self._is_chosen(unique_id, node, (models or {}).get(layer_of[unique_id]))
        ]

    def read_from(self, planned: Iterable[PlannedNode]) -> dict[str, str]:
        """What the planned models read that is not planned itself: model or seed -> the layer that
        builds it.
        """
        built = {node_id.node for node_id in planned if node_id.kind != "test"}
        read = {
            parent for node in built for parent in self._manifest.nodes[node].depends_on_nodes
        } - built
        labels = {layer.label for layer in Layer}
        layer_tags = {
            self._manifest.nodes[node_id].name: [
                tag for tag in self._manifest.nodes[node_id].tags if tag in labels
            ]
            for node_id in read
            if node_id in self._manifest.nodes
        }
        return {name: tags[0] for name, tags in layer_tags.items() if tags}

    def _is_chosen(self, unique_id: str, node, models: Sequence[str] | None) -> bool:
        """As dbt's indirect selection `buildable` chooses: a test runs when all that it reads is
        chosen or made before it.
        """
        if models is None:
            return True
        if node.resource_type.value != "test":
            return node.name in models
        named = {
            key
            for key, node in self._manifest.nodes.items()
            if node.resource_type == "model" and node.name in models
        }
        read = [parent for parent in node.depends_on_nodes if parent in self._manifest.nodes]
        return any(parent in named for parent in read) and named.union(
            *map(self._ancestors, named)
        ).issuperset(read)

    def _ancestors(self, unique_id: str) -> set[str]:
        ancestors, front = set(), {unique_id}
        while front:
            front = {
                parent
                for node_id in front
                for parent in self._manifest.nodes[node_id].depends_on_nodes
                if parent in self._manifest.nodes
            } - ancestors
            ancestors |= front
        return ancestors

    def build(
        self,
        layer: Layer,
        full_refresh: bool = False,
        unit_tests: bool = False,
        models: Sequence[str] | None = None,
    ) -> StepResult:
        """Build the models, seeds and tests of one layer, or only `models` of it. A failing node is
        a result, not an exception.

        Raises RunCancelled on SIGINT, and SystemExit where a signal's handler does.
        """
        arguments = [
            "build",
            "-s",
            *(models or [layer.selector]),
            "--indirect-selection",
            "buildable",
        ]
        arguments += ["--full-refresh"] if full_refresh else []
        arguments += [] if unit_tests else ["--exclude-resource-type", "unit_test"]
        # parse has written the manifest; writing it again with every layer is a fifth of a small
        # build
        arguments += ["--no-write-json"]
        self._layer, self._finished, self._errors = layer.label, [], []
        started = time.monotonic()
        result = self._invoke(arguments, self._variables)
        seconds = time.monotonic() - started
        if result.success and not self._finished:
            return StepResult(
                layer.label, "error", seconds, (), f"nothing carries the tag {layer.label}"
            )
        status = "success" if result.success else "error"
        if not result.success:
            parse_cache.forget(*self._key)
        return StepResult(
            layer.label,
            status,
            seconds,
            tuple(self._finished),
            None if result.success else self._why(result),
        )

    def _invoke(self, arguments: list[str], variables: Mapping[str, object]):
        from dbt.cli.main import dbtRunner

        runner = dbtRunner(manifest=self._manifest, callbacks=[self._hear])
        with (
            open(os.devnull, "w") as nowhere,
            contextlib.redirect_stdout(nowhere),
            noted_interrupts() as interrupts,
            lean_dbt(),
        ):
            result = runner.invoke(
                call_arguments(self._settings, self._project_dir, arguments, variables)
            )
        caught = (result.exception, getattr(result.exception, "__cause__", None))
        if interrupts or any(isinstance(error, KeyboardInterrupt) for error in caught):
            parse_cache.forget(*self._key)
            raise RunCancelled("the run was cancelled", hint="the published tables are unchanged")
        for error in caught:
            if isinstance(
                error, SystemExit
            ):  # the process was told to end; dbt makes a failure of it
                raise error
        return result

    def _why(self, result) -> str:
        if self._errors:
            return self._errors[0]
        for node in self._finished:
            if node.status == "error":
                return f"{node.name}: {' '.join((node.message or 'failed').split())}"
        return " ".join(str(result.exception or "dbt failed").split())

    def _hear(self, event) -> None:
        name = event.info.name
        if name == "NodeStart":
            self._tell(_node_of(event.data.node_info, self._layer, "running"))
        elif name == "NodeFinished":
            outcome = event.data.run_result
            kind = event.data.node_info.resource_type
            self._finished.append(
                _node_of(
                    event.data.node_info,
                    self._layer,
                    STATUSES.get(outcome.status, outcome.status),
                    seconds=outcome.execution_time,
                    message=outcome.message or None,
                    failures=outcome.num_failures if kind in ("test", "unit_test") else None,
                )
            )
            self._tell(self._finished[-1])
        elif name == "MainEncounteredError":
            self._errors.append(" ".join(event.data.exc.split()))

    def _tell(self, node: NodeResult) -> None:
        if self._on_node:
            self._on_node(node)


def _node_of(info, layer: str, status: str, **outcome) -> NodeResult:
    started_at = f"{info.node_started_at[:19]}Z" if info.node_started_at else None
    return NodeResult(
        info.unique_id, info.node_name, layer, info.resource_type, status, started_at, **outcome
    )
