"""What a build is made of, as one digest: when it is that of the tables that stand, there is
nothing to do.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.config import Settings, project_version
from pipeline.declared.layers import Layer
from pipeline.orchestrate.results import LayerResult
from pipeline.quality.ledger import LedgerRow
from pipeline.quality.rule_results import RuleResult
from pipeline.store.control import decisions, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import builds
from pipeline.transform.build_plan import project_digest
from pipeline.transform.dbt_project import DBT_PROJECT_DIR


@dataclass(frozen=True)
class StandingBuild:
    """What the run that built the tables that stand has told: `result` is that of its record."""

    run_id: str
    result: dict[str, Any]

    @property
    def layers(self) -> tuple[LayerResult, ...]:
        """No layer was touched."""
        return tuple(LayerResult(layer.label, "success", 0.0, 0, "nothing new") for layer in Layer)

    @property
    def ledger(self) -> tuple[LedgerRow, ...]:
        """The ledger as it stands."""
        return tuple(LedgerRow(**row) for row in self.result["ledger"])

    @property
    def rules(self) -> tuple[RuleResult, ...]:
        """The results of the rules as they stand."""
        return tuple(RuleResult(**rule) for rule in self.result["rules"])


def digest(
    connection: Connection,
    settings: Settings,
    as_of: str,
    watermark: str,
    in_force: Sequence[dict[str, Any]],
) -> str:
    """Hex digest of everything that decides what a build of all layers publishes: all that is known
    of the loads, the decisions in force, the day, the newest input's moment, the project's
    files, and the settings that gates and engine read.
    """
    parts = [
        builds.state_of_loads(connection),
        in_force,
        as_of,
        watermark,
        project_digest(DBT_PROJECT_DIR),
        project_version(),
        settings.gate_threshold,
        settings.target,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def standing_build(settings: Settings, as_of: str | None) -> StandingBuild | None:
    """The build that stands when building everything again would change nothing; None when it
    might, and when nobody can tell.
    """
    if not warehouse_exists(settings):
        return None
    with open_warehouse(settings) as connection:
        known = builds.known_inputs(connection)
        newest_load, last_change = builds.last_load_change(connection) if known else (None, None)
        if known is None or newest_load is None or last_change is None:
            return None
        day = as_of or newest_load[:10]
        with open_control(settings) as control:
            in_force = decisions.in_force(control, day)
            watermark = max(last_change, decisions.last_change(control))
            if digest(connection, settings, day, watermark, in_force) != known.digest:
                return None
            run = runs.get(control, known.run_id)
    if run is None or not run.result:
        return None
    return StandingBuild(run.run_id, run.result)
