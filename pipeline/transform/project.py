"""The project as a build sees it: its nodes, and a way to build a layer of it. A layer is built by
the recorded plan where one is known, and by dbt where none is; dbt's statements are recorded then.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused
from pipeline.transform.build_plan import (
    BuildPlan,
    PlannedCall,
    PlanStore,
    call_key,
    schema_digest,
)
from pipeline.transform.conversation import ConversationRecorder
from pipeline.transform.dbt_project import (
    DBT_PROJECT_DIR,
    DbtProject,
    NodeListener,
    import_dbt,
)
from pipeline.transform.one_transaction import SharedTransaction
from pipeline.transform.plan_run import PlanRun, write_compiled
from pipeline.transform.project_index import ProjectIndex
from pipeline.transform.records import NodeResult, PlannedNode, StepResult
from pipeline.transform.watch import ProgressWatch

#: The day that dbt's var `as_of` names: the one that the run has written to `ops_build`.
STAMPED_DAY = "stamped"


class Project:
    """One project for one run on one home.

    `as_of` is the value of the dbt var of the same name; `on_node` hears of every start and end of
    a node. From the layer `dbt_from` on dbt builds everything, and what it says is recorded; with
    the setting `builder` at "dbt" it does from the first layer on, and nothing is recorded.
    """

    def __init__(
        self,
        settings: Settings,
        transaction: SharedTransaction,
        as_of: str = STAMPED_DAY,
        on_node: NodeListener | None = None,
        dbt_from: Layer | None = None,
        project_dir: Path = DBT_PROJECT_DIR,
    ) -> None:
        self._settings, self._transaction = settings, transaction
        self._on_node, self._project_dir = on_node, project_dir
        self._watch = ProgressWatch(transaction, settings.stall_seconds)
        self._variables = {"as_of": as_of}
        self._dbt = DbtProject(
            settings, transaction, as_of, self._heard, project_dir, self._watch.end_for
        )
        layers = list(Layer)
        self._planned_layers = layers[: layers.index(dbt_from)] if dbt_from else layers
        self._store = (
            PlanStore(settings.plan_dir, project_dir, settings.target)
            if settings.builder == "plan"
            else None
        )
        self._plan: BuildPlan | None = None
        #: Where the plan of the files lies that were parsed; files that change make it another.
        self._plan_path: Path | None = None

    def parse(self) -> None:
        """Learn what the nodes are: from the plan, else from dbt.

        Raises InputRefused for a target that the project's profile does not know, RunFailed when
        the project does not parse.
        """
        _check_target(self._settings.target, self._project_dir)
        self._plan_path = self._store.path if self._store else None
        self._plan = self._store.load() if self._store and self._planned_layers else None
        if self._plan is None:
            self._dbt.parse()
        elif self._store:
            self._store.hand_out_parse(self._target_dir)

    @property
    def _index(self) -> ProjectIndex:
        return self._plan.index if self._plan else self._dbt.index

    @property
    def _target_dir(self) -> Path:
        return self._settings.dbt_dir / "target"

    def plan(
        self, layers: Iterable[Layer], models: Mapping[str, Sequence[str]] | None = None
    ) -> list[PlannedNode]:
        """The nodes that building `layers`, or only `models` of them, will run."""
        return self._index.plan(layers, models=models)

    def read_from(self, planned: Iterable[PlannedNode]) -> dict[str, str]:
        """What the planned models read that is not planned itself: name -> layer."""
        return self._index.read_from(planned)

    def build(
        self, layer: Layer, full_refresh: bool = False, models: Sequence[str] | None = None
    ) -> StepResult:
        """Build the models, seeds and tests of one layer, or only `models` of it.

        Raises PlanDeviates, which names the layer, when a plan was begun and does not lead to the
        end; what dbt cannot build is a result. Raises RunCancelled or KeyboardInterrupt on SIGINT,
        RunFailed when nothing moves for the setting `stall_seconds`, and what a listener raised.
        """
        with self._watch.kept():
            return self._built(layer, full_refresh, models)

    def _built(self, layer: Layer, full_refresh: bool, models: Sequence[str] | None) -> StepResult:
        if self._store is None:
            return self._dbt.build(layer, full_refresh, models=models)
        key = call_key(
            layer,
            models,
            full_refresh,
            self._variables,
            schema_digest(self._transaction.connection, self._index.relations),
        )
        has_plan = self._plan is not None and layer in self._planned_layers
        call = self._plan.calls.get(key) if self._plan and has_plan else None
        if call is not None:
            step = PlanRun(self._transaction, self._index, layer, self._heard).carry_out(call)
            write_compiled(call, self._target_dir)
            return step
        return self._record(self._store, key, layer, full_refresh, models)

    def _heard(self, node: NodeResult) -> None:
        """Hand on a start or end of a node; what a listener raises is lost to dbt, not to us."""
        self._watch.moved(node)
        if self._on_node is None:
            return
        try:
            self._on_node(node)
        except BaseException as error:
            self._watch.end_for(error)
            raise

    def _record(
        self,
        store: PlanStore,
        key: str,
        layer: Layer,
        full_refresh: bool,
        models: Sequence[str] | None,
    ) -> StepResult:
        recorder = ConversationRecorder()
        self._dbt.parse()
        step = self._dbt.build(layer, full_refresh, models=models, recorder=recorder)
        # files that changed meanwhile have another plan, and this is not what dbt would say of them
        if step.status == "success" and store.path == self._plan_path:
            call = PlannedCall(
                [one.node for one in recorder.conversations],
                {one.node: [one] for one in recorder.conversations},
                self._dbt.compiled(node.node for node in step.nodes),
            )
            # a folder that nobody may write to makes builds slow, not wrong
            with contextlib.suppress(OSError):
                store.learn(self._dbt.index, key, call, self._target_dir)
        return step


def warm_up(settings: Settings) -> None:
    """Import dbt ahead of the first run (about 4 s) when no plan is known yet."""
    if (
        settings.builder == "dbt"
        or PlanStore(settings.plan_dir, DBT_PROJECT_DIR, settings.target).load() is None
    ):
        import_dbt()


def _check_target(target: str, project_dir: Path) -> None:
    profiles = yaml.safe_load((project_dir / "profiles.yml").read_text(encoding="utf-8"))
    targets = {name for profile in profiles.values() for name in profile["outputs"]}
    if target not in targets:
        raise InputRefused("unknown target", target, f"targets: {', '.join(sorted(targets))}")
