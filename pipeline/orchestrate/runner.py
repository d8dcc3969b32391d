"""Carry out one run in this process: lock, ingest, build, record."""

import os
import time
from collections.abc import Sized
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.errors import (
    LONGEST_WHAT,
    InputRefused,
    LeaseLost,
    PipelineBusy,
    PipelineError,
    RunCancelled,
    RunFailed,
    as_pipeline_error,
    shortened,
    speaks_of_the_machine,
)
from pipeline.ingest.reading import Reading
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.alerting import after_run
from pipeline.orchestrate.build import BuildRequest, StepFailed, build
from pipeline.orchestrate.failure_cause import FailureCause
from pipeline.orchestrate.intake import ingest_files
from pipeline.orchestrate.listener import RunListener
from pipeline.orchestrate.lock import hold_lock
from pipeline.orchestrate.outcome import BuildOutcome
from pipeline.orchestrate.queue import RunRequest, active, answering, record_request
from pipeline.orchestrate.rehearsal import cause_of
from pipeline.orchestrate.results import RunResult, SelectionResult
from pipeline.orchestrate.run_end import record_failure, record_success
from pipeline.orchestrate.run_progress import noting_loads, noting_steps
from pipeline.orchestrate.steps import BUILDING_VERBS, layers_named
from pipeline.orchestrate.stopwatch import Stopwatch
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.transform.interrupts import noted_interrupts, uninterrupted
from pipeline.transform.records import NodeResult

#: How often a run looks whether the one before it has ended.
LOOK_SECONDS = 0.2


def run_here(
    settings: Settings,
    request: RunRequest,
    listener: RunListener | None = None,
    reading: Reading | None = None,
) -> RunResult:
    """Run in this process, record it as it goes and tell `listener`; `reading` decides how its
    files are read. A request that a run has answered gets that run's end once more.

    Raises PipelineBusy when another run stays active or the lock taken for `settings.wait_seconds`,
    and the InputRefused, RunFailed or RunCancelled that ended the run; each is recorded and leaves
    the published tables as they were.
    """
    deadline = time.monotonic() + settings.wait_seconds
    while True:
        present = answering(settings, request) or active(settings)
        if present is None:
            patience = max(0.0, deadline - time.monotonic())
            with after_run(settings) as ended, hold_lock(settings, request.verb, patience):
                run, is_new = record_request(settings, request, os.getpid())
                if is_new:
                    ended.append(run.run_id)
                    return _recorded(settings, run, listener or RunListener(), reading)
            present = run
        if not present.is_active:
            return end_of(present)
        if time.monotonic() >= deadline:
            raise PipelineBusy(
                f"run {present.run_id} is {present.status}",
                "pipeline",
                "wait for its end, or cancel it",
            )
        time.sleep(LOOK_SECONDS)


def end_of(run: Run) -> RunResult:
    """What a run that has ended came to; raises the error that ended it."""
    if run.status in ("succeeded", "held"):
        return RunResult.of(run)
    error = RunCancelled if run.status == "cancelled" else RunFailed
    raise error(run.error or run.status, hint=f"the end of {run.run_id}")


def run_queued(settings: Settings, run: Run) -> RunResult | None:
    """Carry out a run that waits in the queue; None when it was cancelled meanwhile. Raises as
    `run_here` does.
    """
    try:
        with (
            after_run(settings) as ended,
            hold_lock(settings, f"{run.verb} {run.run_id}", settings.wait_seconds) as lease,
        ):
            with open_control(settings) as control:
                if not runs.start(control, run.run_id, os.getpid(), lease.number):
                    return None
            ended.append(run.run_id)
            return _recorded(settings, run, RunListener())
    except PipelineBusy as busy:
        record_failure(settings, run.run_id, busy)
        with open_control(settings) as control:
            runs.leave_unanswered(control, run.run_id)
        raise


def _recorded(
    settings: Settings, run: Run, audience: RunListener, reading: Reading | None = None
) -> RunResult:
    """Carry out the run and write its end before the lock is let go: a running run always has a
    holder.
    """
    with noted_interrupts() as interrupts:
        return _with_its_end(settings, run, audience, reading, interrupts)


def _with_its_end(
    settings: Settings,
    run: Run,
    audience: RunListener,
    reading: Reading | None,
    interrupts: Sized,
) -> RunResult:
    started = time.monotonic()
    loaded: tuple[LoadResult, ...] = ()
    build_started, stopwatch = started, Stopwatch()

    def tell(outcome: BuildOutcome | None) -> dict[str, Any]:
        return _result(run, loaded, outcome, stopwatch).as_dict()

    try:
        with noting_loads(settings, run, audience) as progress:
            loaded = ingest_files(
                settings, [Path(path) for path in run.paths], progress, run.requested_by, reading
            )
        _refuse_unless_something_came_in(loaded)
        stopwatch.end("load")
        outcome = None
        if run.verb in BUILDING_VERBS:
            build_started = time.monotonic()
            with noting_steps(settings, run, audience, tell, stopwatch.end, interrupts) as listener:
                outcome = build(settings, _request(run), listener)
    except BaseException as caught:
        failure, cause = _as_failure(caught, interrupts), None
        if (
            isinstance(failure, StepFailed)
            and failure.node
            and not speaks_of_the_machine(failure.what)
        ):
            spent = time.monotonic() - build_started
            cause = _cause(settings, run, audience, failure.node, spent)
            failure = _explained(failure, cause)
        with uninterrupted():
            seconds = time.monotonic() - started
            record_failure(settings, run.run_id, failure, loaded, seconds, cause)
            if isinstance(failure, LeaseLost):
                with open_control(settings) as control:
                    runs.leave_unanswered(control, run.run_id)
        raise failure from (None if failure is caught else caught)
    with uninterrupted():
        result = _result(run, loaded, outcome, stopwatch)
        quarantined = outcome.quarantined_row_ids if outcome else {}
        record_success(settings, result.as_dict(), quarantined)
    return result


def _request(run: Run) -> BuildRequest:
    layers = () if run.selection else layers_named(run.layers)
    return BuildRequest(run.run_id, layers, run.as_of, run.full_refresh, run.selection)


def _cause(
    settings: Settings, run: Run, audience: RunListener, node: NodeResult, seconds: float
) -> FailureCause:
    """What made a step fail; whatever goes wrong in the search never hides the failure itself."""
    try:
        with open_control(settings, durable=False) as control:

            def check(trials: int) -> None:
                audience.searching(node, trials)
                runs.note_search(control, run.run_id, node.name, trials)
                if runs.is_to_be_cancelled(control, run.run_id):
                    raise RunCancelled("it was cancelled", run.run_id)

            return cause_of(settings, _request(run), node, seconds, check)
    except BaseException as caught:
        why = as_pipeline_error(caught)
        return FailureCause(node.name, note=f"the search stopped: {why.what}")


def _explained(failure: StepFailed, cause: FailureCause) -> RunFailed:
    """The failure with what made it fail, and the way out."""
    hints = [cause.next_step, failure.hint]
    return RunFailed(
        f"{shortened(failure.what, LONGEST_WHAT // 2)}; {cause.sentence}",
        failure.where,
        "; ".join(hint for hint in hints if hint),
    )


def _as_failure(caught: BaseException, interrupts: Sized) -> PipelineError:
    """What ended a run. Whatever a library made of an interrupt, a run that was interrupted and did
    not reach its commit was cancelled.
    """
    if isinstance(caught, LeaseLost | RunCancelled):
        return caught
    if interrupts or isinstance(caught, KeyboardInterrupt):
        return RunCancelled(
            "the run was cancelled", hint="the published tables are as they were before it"
        )
    if isinstance(caught, PipelineError):
        return caught
    failure = as_pipeline_error(caught)
    return RunFailed(
        failure.what,
        failure.where,
        f"{failure.hint}; the published tables are as they were before the run",
    )


def _refuse_unless_something_came_in(loaded: tuple[LoadResult, ...]) -> None:
    refused = [file for file in loaded if file.status == "refused"]
    if refused and not any(file.status == "loaded" for file in loaded):
        raise InputRefused(
            refused[0].reason or "was refused", hint="nothing was loaded and nothing was built"
        )


def _result(
    run: Run, loaded: tuple[LoadResult, ...], outcome: BuildOutcome | None, stopwatch: Stopwatch
) -> RunResult:
    parts = stopwatch.seconds()
    seconds = round(sum(parts.values()), 3)
    if outcome is None:
        return RunResult(run.run_id, "succeeded", seconds, loads=loaded, seconds_by_part=parts)
    return RunResult(
        run.run_id,
        "held" if outcome.held_loads else "succeeded",
        seconds,
        outcome.as_of,
        outcome.build_id,
        loaded,
        outcome.layers,
        outcome.ledger,
        outcome.quarantine,
        outcome.rules,
        outcome.row_counts,
        outcome.held_loads,
        selection=SelectionResult.of(outcome.scope) if outcome.scope else None,
        suggested_repairs=outcome.suggested_repairs,
        missing_parents=outcome.missing_parents,
        unchanged_since=outcome.unchanged_since,
        unverified_decisions=outcome.unverified_decisions,
        seconds_by_part=parts,
    )
