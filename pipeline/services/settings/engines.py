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
__all__ = ["COPIES", "UPDATES", "EngineCopy", "copy_to", "update"]

#: Engines beside SQLite -> how they are copied to, and how a copy is brought up to date.
COPIES = {"duckdb": engine_copy.copy_to_duckdb}
UPDATES = {"duckdb": engine_copy.update_in_duckdb}


@needs(ADMINISTER)
def copy_to(settings: Settings, engine: str, file: str | Path) -> EngineCopy:
    """Copy raw rows, decisions and feature histories into a new `file` of the engine, build all
    layers there and compare every relation; the file is kept when all are equal.

    The audit trail says that it was made. Raises InputRefused, RunFailed and PipelineBusy.
    """
    made = COPIES[engine](settings, _place(file))
    _note(settings, engine, made)
    return made


@needs(ADMINISTER)
def update(
    settings: Settings, engine: str, file: str | Path, full_refresh: bool = False
) -> EngineCopy:
    """Bring a copy up to date with the home: what came is copied, what changed is built, every
    relation is compared. The file stays as it was unless all are equal.

    The audit trail says that it was made. Raises InputRefused, RunFailed and PipelineBusy.
    """
    made = UPDATES[engine](settings, _place(file), full_refresh)
    _note(settings, engine, made)
    return made


def _place(file: str | Path) -> Path:
    return Path(file).expanduser().resolve()


def _note(settings: Settings, engine: str, made: EngineCopy) -> None:
    if made.is_equal:
        facts = {"rows": sum(made.copied.values()), "relations": len(made.relations)}
        with open_control(settings) as control, transaction(control):
            audit.append(control, ACTION, engine, facts)
