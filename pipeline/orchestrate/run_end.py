"""Write the end of a run into the control file.

What a run published stands in the warehouse as well, put there by the commit that published it. So
the record of a run whose process died between the two files is written from there, whole.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import PipelineError, RunCancelled
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate import empty_warehouse
from pipeline.orchestrate.failure_cause import FailureCause
from pipeline.orchestrate.results import RunResult
from pipeline.quality import ledger
from pipeline.store.control import run_nodes, run_results, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import builds


def record_success(
    settings: Settings,
    result: Mapping[str, Any],
    quarantined: Mapping[str, Iterable[str]],
    note: str | None = None,
) -> None:
    """Store what a run came to (`result` is a RunResult as plain values) and which rows wait in
    `quarantined` (source -> row ids).
    """
    run_id = result["run_id"]
    with open_control(settings) as control:
        if result["build_id"] is not None:
            empty_warehouse.remove(settings)
            runs.note_as_of(control, run_id, result["as_of"])
            run_nodes.note_rows(control, run_id, result["row_counts"])
            run_nodes.close_open(control, run_id)
            run_results.record(
                control, run_id, result["rules"], result["ledger"], result["row_counts"]
            )
            run_results.note_quarantined(control, quarantined)
        runs.finish(control, run_id, result["status"], note, dict(result))
        run_nodes.forget_old(control, settings.kept_run_steps)


def record_failure(
    settings: Settings,
    run_id: str,
    failure: PipelineError,
    loaded: tuple[LoadResult, ...] = (),
    seconds: float = 0.0,
    cause: FailureCause | None = None,
) -> None:
    """Store why a run ended without publishing."""
    status = "cancelled" if isinstance(failure, RunCancelled) else "failed"
    result = RunResult(
        run_id, status, round(seconds, 3), loads=loaded, error=str(failure), cause=cause
    )
    with open_control(settings) as control:
        run_nodes.close_open(control, run_id)
        runs.finish(control, run_id, status, str(failure), result.as_dict())
        run_nodes.forget_old(control, settings.kept_run_steps)


def record_death(settings: Settings, run: Run) -> None:
    """Store how a run ended whose process died: with all its results when it had published."""
    result = _published(settings, run)
    if result is None:
        failure = PipelineError("the process died; the published tables are as they were before it")
        record_failure(settings, run.run_id, failure)
        with open_control(settings) as control:
            runs.leave_unanswered(control, run.run_id)
        return
    with open_warehouse(settings) as warehouse:
        quarantined = {
            source: ledger.quarantined_row_ids(warehouse, source)
            for source in ledger.quarantined_rows(warehouse, tuple(load_contracts()))
        }
    record_success(settings, result, quarantined, note="the process died after it had published")


def _published(settings: Settings, run: Run) -> dict[str, Any] | None:
    """The result of a run that reached its commit."""
    if not warehouse_exists(settings):
        return None
    with open_warehouse(settings) as warehouse:
        return builds.published_result(warehouse, run.run_id, run.started_at)
