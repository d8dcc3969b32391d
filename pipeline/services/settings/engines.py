"""Copy a home to another engine, and prove that it says the same there."""

from pathlib import Path

from pipeline.config import Settings
from pipeline.orchestrate import engine_copy
from pipeline.orchestrate.engine_copy import EngineCopy
from pipeline.services.access.roles import ADMINISTER, needs
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.statements import transaction

#: What the audit trail calls it.
ACTION = "engine copy"
__all__ = ["ENGINES", "EngineCopy", "copy_to"]

#: Engines beside SQLite -> how they are copied to.
ENGINES = {"duckdb": engine_copy.copy_to_duckdb}


@needs(ADMINISTER)
def copy_to(settings: Settings, engine: str, file: str | Path) -> EngineCopy:
    """Copy raw rows, decisions and feature histories into a new `file` of the engine, build all
    layers there and compare every relation; the file is kept when all are equal.

    The audit trail says that it was made. Raises InputRefused and RunFailed.
    """
    made = ENGINES[engine](settings, Path(file).expanduser().resolve())
    if made.is_equal:
        facts = {"rows": sum(made.copied.values()), "relations": len(made.relations)}
        with open_control(settings) as control, transaction(control):
            audit.append(control, ACTION, engine, facts)
    return made
