"""Copy a home to another engine, build there, and compare; and do so again after a delivery.

All work is done beside the file, in a folder that one process at a time may use; what is whole and
equal takes the place of the file by one rename. So whoever opens it finds the old one or the new
one, whenever this process dies.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.errors import InputRefused, PipelineBusy, RunFailed
from pipeline.orchestrate.engine_steps import carried_out
from pipeline.store.engines.parity import RelationParity
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import feature_clock
from pipeline.store.warehouse.judged_loads import loads_waiting


@dataclass(frozen=True)
class EngineCopy:
    """A finished copy: its file, rows written by table, each relation compared, and whether it was
    made anew or from what stood in the file.
    """

    file: Path
    copied: dict[str, int]
    relations: tuple[RelationParity, ...]
    is_anew: bool = True

    @property
    def is_equal(self) -> bool:
        """Whether every relation is the same on both engines."""
        return all(relation.is_equal for relation in self.relations)


@dataclass(frozen=True)
class _Place:
    """A path for what becomes the file, and the lock on its folder."""

    path: Path
    lock: int


def copy_to_duckdb(settings: Settings, file: Path) -> EngineCopy:
    """Make `file`, which must not exist. It appears when it is whole and every relation is equal:
    what differs is no copy, and is not kept.

    Raises InputRefused without DuckDB, where `file` is in the way, before the first build and while
    something waits for the next one; RunFailed when a step fails, PipelineBusy while another
    process makes the same file.
    """
    _require_duckdb()
    if file.exists():
        raise InputRefused("a file of this name stands there", str(file), "name another one")
    state = _state_of_build(settings)
    with _beside(file) as place:
        return _finished(settings, file, place, state, is_anew=True)


def update_in_duckdb(settings: Settings, file: Path, full_refresh: bool = False) -> EngineCopy:
    """Bring `file`, which copy_to_duckdb has made, up to date: what came is copied, what follows
    from it is built, and every relation is compared. It stays as it was unless all are equal.

    It is made anew when that is asked for, and where the home did not go on from what stands in it
    (a load was purged, the form of a table changed). Raises what copy_to_duckdb raises.
    """
    _require_duckdb()
    if not file.is_file():
        raise InputRefused(
            "there is no such file", str(file), "make it first: icon-health engine copy"
        )
    state = _state_of_build(settings)
    with _beside(file) as place:
        return _finished(settings, file, place, state, is_anew=full_refresh)


def _finished(
    settings: Settings, file: Path, place: _Place, state: tuple[str, str], is_anew: bool
) -> EngineCopy:
    """Carry out the steps, and put what is equal in the place of `file`. `state` is that of the
    home before.
    """

    def answer(step: str) -> Any:
        return carried_out(settings, step, place.path, place.lock)

    written = None
    if not is_anew:
        shutil.copyfile(file, place.path)
        place.path.chmod(0o600)
        written = answer("update")
        if written is None:
            place.path.unlink()
    is_anew = written is None
    if written is None:
        written = answer("copy")
    answer("build")
    compared = answer("compare")
    if _state_of_build(settings) != state:
        raise RunFailed("the home was built meanwhile", "DuckDB", "nothing was made: try again")
    if place.path.with_name(f"{file.name}.wal").exists():
        raise RunFailed("DuckDB did not finish its file", "DuckDB", "nothing was made")
    relations = tuple(
        RelationParity(**relation | {"columns": tuple(relation["columns"])})
        for relation in compared
    )
    made = EngineCopy(file, written, relations, is_anew)
    if made.is_equal:
        place.path.replace(file)
    return made


@contextmanager
def _beside(file: Path) -> Iterator[_Place]:
    """A place on the same disk. What a process that died left there is removed. The lock is handed
    on to the steps, so that it holds as long as one of them lives.
    """
    folder = file.parent / f".{file.name}.making"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if not _is_locked(lock, folder):
            raise PipelineBusy(
                "another process makes this file", str(file), "wait until it has ended"
            )
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            yield _Place(folder / file.name, lock)
        finally:
            shutil.rmtree(folder)
    finally:
        os.close(lock)


def _is_locked(lock: int, folder: Path) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # who had the lock before has removed the folder
    return folder.exists() and os.path.samestat(os.fstat(lock), folder.stat())


def _require_duckdb() -> None:
    if find_spec("duckdb") is None or find_spec("dbt.adapters.duckdb") is None:
        raise InputRefused(
            "DuckDB is not installed", "duckdb", "pip install 'icon-health-workbench[duckdb]'"
        )


def _state_of_build(settings: Settings) -> tuple[str, str]:
    """(build, moment of its features) of the home; raises InputRefused where it is not built from
    all its loads.
    """
    connection = open_warehouse(settings)
    try:
        build = None
        if has_relation(connection, "ops_build"):
            build = connection.execute("select max(build_id) from ops_build").fetchone()[0]
        if build is None or loads_waiting(connection):
            raise InputRefused(
                "the warehouse is not built from all its loads",
                str(settings.home),
                "build first: icon-health build",
            )
        return build, feature_clock.newest_moment(connection) or ""
    finally:
        connection.close()
