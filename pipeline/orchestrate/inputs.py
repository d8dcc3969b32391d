"""What a build is made of: its inputs, the stamp that the tables carry for them, and whether the
tables that stand were made of the same.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.config import Settings
from pipeline.config.project import project_version
from pipeline.errors import InputRefused
from pipeline.orchestrate.clock_check import refuse_loads_from_the_future
from pipeline.orchestrate.gate import apply_releases
from pipeline.store.control import approvals, decisions, runs, seals
from pipeline.store.control.audit import Head
from pipeline.store.control.control_file import open_control, verified
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import builds, judged_loads
from pipeline.transform.build_plan import project_digest
from pipeline.transform.dbt_project import DBT_PROJECT_DIR


@dataclass(frozen=True)
class BuildInputs:
    """What a landing zone is judged by: the day (ISO), when the newest input came (UTC), the
    decisions in force on that day and the loads that were let through the gate.

    Only what the audit trail tells counts, and where the setting `four_eyes` is on only what a
    second person has approved; `unverified` says of each decision or release that does not count
    why. `head` is how far the trail had come.
    """

    as_of: str
    watermark: str
    in_force: tuple[dict[str, Any], ...]
    released: frozenset[str]
    unverified: dict[str, str]
    head: Head

    def digest(self, connection: Connection, settings: Settings) -> str:
        """Hex digest of everything that decides what a build of all layers publishes: these, all
        that is known of the loads, the project's files, and the settings that gates and engine
        read.
        """
        parts = [
            builds.state_of_loads(connection),
            self.in_force,
            sorted(self.released),
            self.as_of,
            self.watermark,
            project_digest(DBT_PROJECT_DIR),
            project_version(),
            settings.gate_threshold,
            settings.target,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Stamp:
    """What the tables of a build carry: its id, its day, and when its newest input came. `inputs`
    are those of its landing zone, None when that is not judged again; `head` is how far the audit
    trail had come.
    """

    build_id: str
    as_of: str
    watermark: str
    inputs: BuildInputs | None
    head: Head


def read_inputs(
    connection: Connection, settings: Settings, as_of: str | None
) -> BuildInputs | None:
    """The inputs as they are now; the day is `as_of`, by default that of the newest load in force.
    None when nothing was ever loaded.
    """
    newest_load, last_load_change = judged_loads.last_load_change(connection)
    if newest_load is None or last_load_change is None:
        return None
    day = as_of or newest_load[:10]
    with open_control(settings) as control:
        watermark = max(last_load_change, decisions.last_change(control))
        verdict = verified(settings, control)
        decided = decisions.in_force(control, day)
        wrong = seals.unverified(control, decided, verdict)
        released = seals.released_loads(control, decisions.releases(control), verdict)
        if settings.four_eyes:
            ids = [each["decision_id"] for each in decided]
            alone = approvals.unapproved(control, [*ids, *sorted(released)], verdict)
            wrong, released = alone | wrong, released - alone.keys()
    counting = tuple(each for each in decided if each["decision_id"] not in wrong)
    return BuildInputs(day, watermark, counting, released, wrong, verdict.head)


def stamp(
    connection: Connection, settings: Settings, as_of: str | None, judges: bool, is_chosen: bool
) -> Stamp:
    """Stamp the build with its inputs, and put the decisions in force where the models read them.

    What is not judged again (`judges` is False) keeps the inputs of its landing zone. Raises
    InputRefused when nothing is loaded, for a load from the future, and for another day when only
    models are chosen.
    """
    inputs = read_inputs(connection, settings, as_of)
    if inputs is None:
        raise InputRefused(
            "nothing is loaded", str(settings.home), "load a delivery: icon-health run PATH"
        )
    refuse_loads_from_the_future(connection)
    before = builds.newest_stamp(connection)
    if judges or before is None:
        loads, day, watermark = (
            judged_loads.active_loads(connection),
            inputs.as_of,
            inputs.watermark,
        )
        if judges:
            builds.replace_decisions(connection, inputs.in_force)
            apply_releases(connection, inputs.released)
    else:
        if is_chosen and as_of not in (None, before["as_of"]):
            raise InputRefused(
                f"the tables that stand are judged by {before['as_of']}",
                "as-of",
                "build everything by another day",
            )
        loads, day = judged_loads.judged_loads(connection), as_of or before["as_of"]
        watermark = before["source_high_watermark"]
    build_id = build_identity(loads, builds.decision_ids(connection), day)
    builds.stamp(connection, build_id, day, watermark)
    return Stamp(build_id, day, watermark, inputs if judges else None, inputs.head)


def build_identity(loads: Sequence[dict[str, Any]], decision_ids: Sequence[str], as_of: str) -> str:
    """Twelve hex digits that are the same whenever the same loads, their dates read in the same
    order and their words as the same values, decisions, day and version are built.
    """
    parts = [
        [
            (load["load_id"], load["sha256"], *filter(None, [load["date_order"], load["words"]]))
            for load in loads
        ],
        decision_ids,
        as_of,
        project_version(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def standing_build(settings: Settings, as_of: str | None) -> Run | None:
    """The run that built the tables that stand, when building everything again would change
    nothing; None when it might, and when nobody can tell.
    """
    if not warehouse_exists(settings):
        return None
    with open_warehouse(settings) as connection:
        known = builds.known_inputs(connection)
        inputs = read_inputs(connection, settings, as_of) if known else None
        if known is None or inputs is None or inputs.digest(connection, settings) != known.digest:
            return None
    with open_control(settings) as control:
        run = runs.get(control, known.run_id)
    return run if run is not None and run.result else None
