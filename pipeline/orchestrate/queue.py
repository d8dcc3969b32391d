"""Requests for runs: one is active at most; who asks while one is gets that one back."""

import hashlib
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.orchestrate.lock import lock_holder
from pipeline.orchestrate.steps import layers_named
from pipeline.store.control import audit, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.clock import seconds_between, utc_now
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation, transaction
from pipeline.store.warehouse import judged_loads


@dataclass(frozen=True)
class RunRequest:
    """What somebody asks for: `verb` run, build (both load `paths` first, then build `layers`) or
    ingest.

    No layers means all of them; `selection` builds only what these models need (`MODEL`, `MODEL+`);
    `as_of` is an ISO day, None means that of the newest load. `request_id` is the caller's name for
    it: asked again under the same one, the same run answers.
    """

    verb: str = "build"
    layers: tuple[str, ...] = ()
    full_refresh: bool = False
    as_of: str | None = None
    paths: tuple[str, ...] = ()
    requested_by: str = ""
    selection: tuple[str, ...] = ()
    request_id: str | None = None

    @property
    def digest(self) -> str:
        """Hex digest of what is asked for, whoever asks and under whatever name."""
        asked = (self.verb, self.layers, self.full_refresh, self.as_of, self.paths, self.selection)
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    @classmethod
    def checked(
        cls,
        verb: str,
        layers: Sequence[str] | None,
        full_refresh: bool,
        as_of: str | None,
        paths: Sequence[str | Path],
        requested_by: str,
        selection: Sequence[str] = (),
        request_id: str | None = None,
    ) -> "RunRequest":
        """A request whose layers, day, paths and models exist; raises InputRefused otherwise."""
        # what a selection may name is read from the models, which a look at the queue spares
        from pipeline.orchestrate.selection import checked_words

        absolute = [Path(path).expanduser().resolve() for path in paths]
        for path in absolute:
            if not path.exists():
                raise InputRefused("there is no such file or folder", str(path))
        if as_of is not None:
            _check_day(as_of)
        if selection and layers:
            raise InputRefused(
                "layers and models are asked for at once",
                "build",
                "name layers, or models with --select",
            )
        labels = () if selection else tuple(layer.label for layer in layers_named(layers))
        return cls(
            verb,
            labels,
            full_refresh,
            as_of,
            tuple(str(path) for path in absolute),
            requested_by,
            checked_words(selection),
            request_id,
        )


def _check_day(as_of: str) -> None:
    try:
        is_day = date.fromisoformat(as_of).isoformat() == as_of
    except ValueError:
        is_day = False
    if not is_day:
        raise InputRefused(f"{as_of!r} is no day", "as-of", "write it as YYYY-MM-DD")


def record_request(
    settings: Settings, request: RunRequest, pid: int | None = None
) -> tuple[Run, bool]:
    """Put a request on record; returns the run and whether it is new (an active one, or the one
    that answers the same request, is handed back instead).

    With `pid` it counts as running in that process, which must hold the lock: the run lives as long
    as that lease. Without, it waits for the worker. Raises InputRefused as `answering` does.
    """
    answering(settings, request)
    holder = lock_holder(settings) if pid else None
    with open_control(settings) as control:
        with transaction(control):
            audit.note_settings(control, settings.as_text())
        return runs.request(
            control,
            request.verb,
            request.layers,
            request.as_of,
            request.full_refresh,
            request.paths,
            request.requested_by,
            pid,
            request.selection,
            request.request_id,
            request.digest,
            holder.number if holder else None,
        )


def answering(settings: Settings, request: RunRequest) -> Run | None:
    """The run that was made for this request; raises InputRefused when that name was given to
    another one.
    """
    close_dead_runs(settings)
    with open_control(settings) as control:
        run = runs.answering(control, request.request_id)
    if run is not None and run.request_digest != request.digest:
        raise InputRefused(
            f"was asked for something else by {run.run_id}",
            f"request {request.request_id}",
            "give every request a name of its own",
        )
    return run


def active(settings: Settings) -> Run | None:
    """The run that waits or runs now."""
    close_dead_runs(settings)
    with open_control(settings) as control:
        return runs.active(control)


def close_dead_runs(settings: Settings) -> None:
    """Close the record of a run whose process died or stands still: a running run whose lease is
    not held any more, so that it cannot publish any more either.
    """
    with open_control(settings) as control:
        run = runs.active(control)
        if run is None or run.status != "running" or _lives(settings, run):
            return
        if runs.recorded(control, run.run_id).status != "running":
            return
    # what a run publishes is read with the rules and the models, which a look at the queue spares
    from pipeline.orchestrate.run_end import record_death

    record_death(settings, run)


def _lives(settings: Settings, run: Run) -> bool:
    holder = lock_holder(settings)
    return holder is not None and holder.number == run.lease


def anything_loaded(settings: Settings) -> bool:
    """Whether any load ever came into this home, undone ones included.

    Raises PipelineError when runs have published here and nothing of it is left: the home was lost
    in part, it is not empty.
    """
    if warehouse_exists(settings):
        with open_warehouse(settings) as warehouse:
            if (
                has_relation(warehouse, "ops_loads")
                and judged_loads.last_load_change(warehouse)[0] is not None
            ):
                return True
    with open_control(settings) as control:
        published = runs.last_published(control)
    if published is not None and published.layers:
        raise PipelineError(
            f"is missing or empty, though run {published.run_id} published into it",
            settings.warehouse_path.name,
            "put a backup of the home back, or choose a new home with --home",
        )
    return False


def cancel(settings: Settings, run_id: str) -> Run:
    """Cancel a run: at once when it waits, by an interrupt when it runs here, else before its next
    layer; not one that has ended.

    Raises InputRefused when there is no such run.
    """
    with open_control(settings) as control:
        run = runs.recorded(control, run_id)
        if runs.cancel_if_queued(control, run_id):
            return runs.recorded(control, run_id)
        runs.ask_to_cancel(control, run_id)
        holder = lock_holder(settings)
        if (
            run.status == "running"
            and holder is not None
            and holder.pid == run.pid
            and holder.is_here
        ):
            os.kill(run.pid, signal.SIGINT)
        return runs.recorded(control, run_id)


def waited_seconds(run: Run) -> float:
    """Seconds since a run was asked for."""
    return seconds_between(run.requested_at, utc_now()) or 0.0
