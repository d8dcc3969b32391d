"""Run the dbt project: parse once, then build layer after layer; the only module that imports dbt's
runner.

Importing dbt takes seconds, so it happens inside the functions that need it. Nothing dbt prints
reaches stdout, and no log file is written: dbt's log would quote the SQL of failing rows.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.layers import Layer
from pipeline.errors import RunCancelled, RunFailed
from pipeline.transform import parse_cache
from pipeline.transform.conversation import ConversationRecorder
from pipeline.transform.interrupts import noted_interrupts
from pipeline.transform.lean_dbt import call_arguments, lean_dbt
from pipeline.transform.one_transaction import SharedTransaction, dbt_uses
from pipeline.transform.project_index import ProjectIndex
from pipeline.transform.records import STATUSES, NodeResult, StepResult

DBT_PROJECT_DIR = PROJECT_DIR / "icon_dbt"
NodeListener = Callable[[NodeResult], None]


def import_dbt() -> None:
    """Import dbt ahead of its first call (about 4 s)."""
    import dbt.adapters.sqlite.connections
    import dbt.cli.main  # noqa: F401


class DbtProject:
    """One parsed project, for one run on one home.

    dbt works in `transaction`; without one it can only parse. `as_of` is the value that the dbt var
    of the same name gets; `on_node` hears of every start and end of a node, `on_lost` of an
    exception that dbt keeps to itself.
    """

    def __init__(
        self,
        settings: Settings,
        transaction: SharedTransaction | None = None,
        as_of: str | None = None,
        on_node: NodeListener | None = None,
        project_dir: Path = DBT_PROJECT_DIR,
        on_lost: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        self._settings, self._transaction, self._on_lost = settings, transaction, on_lost
        self._variables = {"as_of": as_of}
        self._on_node = on_node
        self._project_dir = project_dir
        self._manifest: Any = None  # dbt's own class
        self._index: ProjectIndex | None = None
        self._recorder: ConversationRecorder | None = None
        self._layer = ""
        self._finished: list[NodeResult] = []
        self._errors: list[str] = []

    def parse(self) -> None:
        """Read the project; raises RunFailed when it does not parse.

        Cheap when this process parsed the same files before, and cheaper when the home holds a
        parse; the day is not part of it.
        """
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
        self._index = ProjectIndex.of_manifest(self._manifest)

    @property
    def _key(self) -> tuple[Path, str]:
        return self._project_dir, self._settings.target

    @property
    def index(self) -> ProjectIndex:
        """The nodes of the project; call `parse` first."""
        if self._index is None:
            raise RuntimeError("the project is not parsed yet")
        return self._index

    def compiled(self, nodes: Iterable[str]) -> dict[str, str]:
        """The compiled statements of built nodes: path below dbt's target folder -> SQL."""
        target_dir = (self._settings.dbt_dir / "target").resolve()
        statements = {}
        for unique_id in nodes:
            path = getattr(self._manifest.nodes.get(unique_id), "compiled_path", None)
            if path and (target_dir / path).exists():
                name = (target_dir / path).resolve().relative_to(target_dir)
                statements[name.as_posix()] = (target_dir / path).read_text(encoding="utf-8")
        return statements

    def build(
        self,
        layer: Layer,
        full_refresh: bool = False,
        unit_tests: bool = False,
        models: Sequence[str] | None = None,
        recorder: ConversationRecorder | None = None,
    ) -> StepResult:
        """Build the models, seeds and tests of one layer, or only `models` of it. A failing node is
        a result, not an exception. A `recorder` hears what dbt and the database say to each other.

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
        self._recorder = recorder
        started = time.monotonic()
        result = self._invoke(arguments, self._variables)
        seconds = time.monotonic() - started
        if result.success and not self._finished:
            return StepResult(
                layer.label, "error", seconds, (), f"nothing carries the tag {layer.label}"
            )
        status = "success" if result.success else "error"
        if result.exception is not None:
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
            lean_dbt(self._on_lost),
            self._shared(),
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

    @contextlib.contextmanager
    def _shared(self) -> Iterator[None]:
        """dbt uses the transaction of the run, and the recorder hears what it sends."""
        if self._transaction is None:
            yield
            return
        with dbt_uses(self._transaction):
            self._transaction.recorder = self._recorder
            try:
                yield
            finally:
                self._transaction.recorder = None

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
            if self._recorder:
                self._recorder.start(event.data.node_info.unique_id)
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
            if self._recorder:
                ended = self._finished[-1]
                self._recorder.end(
                    ended.node,
                    kind=kind,
                    status=ended.status,
                    failures=ended.failures,
                    message=ended.message,
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
