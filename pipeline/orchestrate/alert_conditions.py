"""What of a home is worth an alert now.

A sentence is made of ids, names that the project itself gave, and numbers (`word`), so no value of
a delivery and no name of a file can be in it, whatever an error says.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from pipeline.config import Settings
from pipeline.declared.alert_rules import AlertRules, Limits
from pipeline.declared.sources import load_contracts
from pipeline.orchestrate.queue import close_dead_runs
from pipeline.quality import causes
from pipeline.store.control import cause_notes, connectors, run_nodes, runs
from pipeline.store.control.alerts import Condition
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.clock import FORMAT, now
from pipeline.store.sqlite.database import Database, open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import loads

#: Events that every look at a home judges; drift is measured only when somebody asks for a check.
WATCHED = ("failed", "held", "late", "gate", "freshness", "dead_letters", "overdue", "sync")
_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,120}")


def word(text: str) -> str:
    """An id or a name of ours; anything else is not repeated."""
    return text if _WORD.fullmatch(text) else "(unnamed)"


def conditions(settings: Settings, rules: AlertRules) -> list[Condition]:
    """What lasts now, of all events but drift."""
    close_dead_runs(settings)
    with open_control(settings) as control:
        found = [*_of_runs(control, rules.limits), *_of_connectors(control)]
        overdue = cause_notes.overdue(control, now().strftime(FORMAT)[:10])
    if warehouse_exists(settings):
        with open_warehouse(settings) as warehouse:
            if has_relation(warehouse, "ops_loads"):
                found += _of_loads(warehouse, rules.limits)
                found += _of_causes(warehouse, overdue) if overdue else []
    return found


def _of_runs(control: Database, limits: Limits) -> Iterator[Condition]:
    recent = runs.recent(control, 50)
    ended = next((run for run in recent if run.finished_at and run.status != "cancelled"), None)
    if ended is not None and ended.status == "failed":
        step = _failed_step(control, ended)
        where = f" at step {word(step)}" if step else ""
        yield Condition(
            "failed",
            f"failed {ended.verb} {word(step)}",
            f"Run {word(ended.run_id)} ({word(ended.verb)}) failed{where}; "
            "the published tables are as they were before it.",
            f"run_history?run={word(ended.run_id)}",
        )
    if ended is not None and ended.status == "held":
        held = ", ".join(word(load) for load in ended.result.get("held_loads", ()))
        yield Condition(
            "held",
            f"held {held}",
            f"Run {word(ended.run_id)} published without {held}, which wait at the gate.",
            f"run_history?run={word(ended.run_id)}",
        )
    active = runs.active(control)
    if active is not None and limits.run_minutes is not None:
        begun = active.started_at or active.requested_at
        if _is_older(begun, timedelta(minutes=limits.run_minutes)):
            yield Condition(
                "late",
                f"late {word(active.run_id)}",
                f"Run {word(active.run_id)} ({word(active.verb)}) is {active.status} since {begun}.",
                "run_pipeline",
            )
    published = runs.last_published(control)
    if published is not None and limits.late_hours is not None:
        at = published.finished_at
        if at and _is_older(at, timedelta(hours=limits.late_hours)):
            yield Condition(
                "late",
                "late",
                f"Nothing was published since {at}; a run is due every {limits.late_hours:g} hours.",
                "run_history",
            )


def _of_connectors(control: Database) -> Iterator[Condition]:
    for name, newest in connectors.newest_syncs(control).items():
        if newest["status"] in ("failed", "died"):
            yield Condition(
                "sync",
                f"sync {word(name)}",
                f"The newest sync of connector {word(name)} {newest['status']}; "
                "what it had loaded before is as it was.",
                "upload",
            )


def _failed_step(control: Database, run: Run) -> str:
    """The step at which a run failed, empty when it failed elsewhere."""
    return next(
        (
            node["name"]
            for node in run_nodes.of_run(control, run.run_id)
            if node["status"] == "error"
        ),
        "",
    )


def _of_causes(warehouse: Database, overdue: Mapping[str, str]) -> Iterator[Condition]:
    """Causes whose day has passed while rows still wait for them; who was to mend them is not
    told.
    """
    for cause in causes.causes(warehouse, load_contracts()).causes:
        if cause.cause_id in overdue:
            yield Condition(
                "overdue",
                f"overdue {cause.cause_id}",
                f"Rows of {word(cause.entity)} that fail {word(cause.rule.rule_id)} still wait; "
                f"they were due on {overdue[cause.cause_id]}.",
                "quarantine",
            )


def _of_loads(warehouse: Database, limits: Limits) -> Iterator[Condition]:
    newest: dict[str, str] = {}
    for load in loads.history(warehouse):
        if load["status"] != "loaded":
            continue
        load_id, source, came = word(load["load_id"]), word(load["entity"]), load["loaded_at"]
        newest[source] = max(newest.get(source, ""), came)
        if (
            limits.gate_hours is not None
            and load["gate"] == "held"
            and _is_older(came, timedelta(hours=limits.gate_hours))
        ):
            yield Condition(
                "gate",
                f"gate {load_id}",
                f"Load {load_id} of {source} waits at the gate since {came}.",
                "quarantine",
            )
        if limits.dead_letters is not None and (load["rejected"] or 0) >= limits.dead_letters:
            yield Condition(
                "dead_letters",
                f"dead_letters {load_id}",
                f"{load['rejected']:,} lines of load {load_id} of {source} are no rows.",
                "upload",
                is_state=False,
            )
    for source, hours in limits.fresh_hours.items():
        came = newest.get(source, "")
        if not came or _is_older(came, timedelta(hours=hours)):
            yield Condition(
                "freshness",
                f"freshness {word(source)}",
                f"The newest load of {word(source)} came {f'at {came}' if came else 'never'}; "
                f"one is due every {hours:g} hours.",
                "overview",
            )


def _is_older(moment: str, age: timedelta) -> bool:
    return moment < (now() - age).strftime(FORMAT)
