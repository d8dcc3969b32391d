"""What a run notes in the control file while it loads and builds; there it hears of a cancel."""

from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.errors import RunCancelled
from pipeline.orchestrate.build import BuildListener
from pipeline.orchestrate.listener import RunListener
from pipeline.orchestrate.lock import refuse_lost_lease
from pipeline.orchestrate.outcome import BuildOutcome
from pipeline.store.control import run_nodes, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.transform.records import NodeResult, PlannedNode


@contextmanager
def noting_loads(
    settings: Settings, run: Run, audience: RunListener
) -> Iterator[Callable[[str, int, int], None]]:
    """Notes how far each path of a run is loaded, in whole percent; raises RunCancelled when
    somebody cancelled.
    """
    announced: dict[str, int] = {}
    with open_control(settings, durable=False) as control:

        def note(path: str, done_rows: int, total: int) -> None:
            percent = 100 * done_rows // max(total, 1)
            if announced.get(path) == percent:
                return
            announced[path] = percent
            audience.loading(path, percent)
            refuse_lost_lease()
            runs.note_loading(control, run.run_id, path, percent)
            if runs.is_to_be_cancelled(control, run.run_id):
                raise RunCancelled(
                    "the run was cancelled",
                    run.run_id,
                    "the file that was being loaded is not loaded",
                )

        yield note


@contextmanager
def noting_steps(
    settings: Settings,
    run: Run,
    audience: RunListener,
    tell: Callable[[BuildOutcome], dict[str, Any]],
    on_part: Callable[[str], None],
    interrupts: Sized,
) -> Iterator[BuildListener]:
    run_id = run.run_id
    with open_control(settings, durable=False) as control:

        def plan(nodes: list[PlannedNode]) -> None:
            if run.selection:
                touched = {node.layer for node in nodes}
                runs.note_layers(
                    control, run_id, [layer.label for layer in Layer if layer.label in touched]
                )
            run_nodes.plan(
                control, run_id, [(node.node, node.name, node.layer, node.kind) for node in nodes]
            )
            audience.plan(nodes)

        def note(node: NodeResult) -> None:
            run_nodes.upsert(control, run_id, **asdict(node))
            audience.note(node)

        def check() -> None:
            refuse_lost_lease()
            if interrupts or runs.is_to_be_cancelled(control, run_id):
                raise RunCancelled(
                    "the run was cancelled",
                    run_id,
                    "the published tables are as they were before it",
                )

        yield BuildListener(plan, note, check, tell, on_part)
