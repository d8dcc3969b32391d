"""How a run goes, told on stderr: bars on a terminal, else a line a layer."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline.cli import text
from pipeline.services.run.runs import RunListener

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from pipeline.transform.records import NodeResult, PlannedNode


class RunProgress(RunListener):
    """A listener that is opened before the run and closed when it has ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The run has ended, with an error when there is one."""


def of_a_run() -> RunProgress:
    """Bars when a person watches, lines when a log does."""
    return Bars() if text.is_terminal(sys.stderr) else Lines()


def failure(node: "NodeResult") -> str:
    """A step that failed, in one line."""
    return f"failed: {node.name}: {' '.join((node.message or '').split())}"


class Lines(RunProgress):
    """A line a layer as it ends, and each step that failed."""

    def __init__(self) -> None:
        self._layer, self._steps, self._started = "", 0, time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._end_layer()

    def note(self, node: "NodeResult") -> None:
        """One step as it starts or ends."""
        if node.layer != self._layer:
            self._end_layer()
            self._layer, self._steps, self._started = node.layer, 0, time.monotonic()
        if node.status == "running":
            return
        self._steps += 1
        if node.status == "error":
            print(f"  {failure(node)}", file=sys.stderr)

    def searching(self, node: "NodeResult", trials: int) -> None:
        """Say once that the cause is looked for."""
        if trials == 1:
            print(f"  looking for what makes {node.name} fail", file=sys.stderr)

    def _end_layer(self) -> None:
        if self._layer:
            spent = text.seconds(time.monotonic() - self._started)
            steps = text.counted(self._steps, "step")
            print(f"  {self._layer:<20} {steps:>10}  {spent}", file=sys.stderr)


class Bars(RunProgress):
    """A bar a file that is loaded and a layer that is built, with the steps done of those planned;
    each step that failed stands above them.
    """

    def __init__(self, console: "Console | None" = None) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[step]}", style="dim", markup=False),
            console=console or Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}
        self._planned: dict[str, set[str]] = {}
        self._ended: dict[str, set[str]] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def loading(self, path: str, percent: int) -> None:
        """How far a path is loaded."""
        name = Path(path).name
        task = self._task(path, name, 100)
        self._progress.update(task, completed=percent, step="percent")

    def plan(self, nodes: "Sequence[PlannedNode]") -> None:
        """The steps that come."""
        for node in nodes:
            self._planned.setdefault(node.layer, set()).add(node.node)

    def note(self, node: "NodeResult") -> None:
        """One step as it starts or ends."""
        planned = self._planned.setdefault(node.layer, set())
        planned.add(node.node)
        ended = self._ended.setdefault(node.layer, set())
        task = self._task(node.layer, node.layer, len(planned))
        if node.status != "running":
            ended.add(node.node)
        running = node.name if node.status == "running" else ""
        self._progress.update(task, completed=len(ended), total=len(planned), step=running)
        if node.status == "error":
            from rich.text import Text

            self._progress.console.print(Text(failure(node), style="red"))

    def searching(self, node: "NodeResult", trials: int) -> None:
        """What is looked for, and how long it has been."""
        task = self._task("search", f"cause of {node.name}", 0)
        self._progress.update(task, completed=trials, total=None, step="trials")

    def _task(self, key: str, description: str, total: int) -> "TaskID":
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(description, total=total, step="")
        return self._tasks[key]
