"""Copy a home to another engine, build there, and compare: three steps, each a process of its own.

`python -m pipeline.orchestrate.engine_copy STEP FILE` is one of them; it reads the settings from
the environment and writes one line of JSON, without any value of a row.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.config import PROJECT_DIR, Settings, load_settings
from pipeline.errors import InputRefused, PipelineError, RunFailed
from pipeline.store.engines.parity import RelationParity
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse.builds import loads_waiting

#: Where dbt's profile reads the path of the file.
FILE_VARIABLE = "ICON_HEALTH_DUCKDB"


@dataclass(frozen=True)
class EngineCopy:
    """A finished copy: its file, rows copied by table, and each relation compared."""

    file: Path
    copied: dict[str, int]
    relations: tuple[RelationParity, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every relation is the same on both engines."""
        return all(relation.is_equal for relation in self.relations)


def copy_to_duckdb(settings: Settings, file: Path) -> EngineCopy:
    """Make `file`, which must not exist. It appears when it is whole and every relation is equal:
    what differs is no copy, and is not kept.

    Raises InputRefused without DuckDB, where `file` is in the way, before the first build and while
    something waits for the next one; RunFailed when a step fails.
    """
    if find_spec("duckdb") is None or find_spec("dbt.adapters.duckdb") is None:
        raise InputRefused(
            "DuckDB is not installed", "duckdb", "pip install 'icon-health-workbench[duckdb]'"
        )
    if file.exists():
        raise InputRefused("a file of this name stands there", str(file), "name another one")
    _require_built(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    # the name of the file is the name by which its views call each other
    folder = Path(tempfile.mkdtemp(prefix=f".{file.name}.", dir=file.parent))
    partial = folder / file.name
    try:
        copied = _step(settings, "copy", partial)
        _step(settings, "build", partial)
        relations = tuple(
            RelationParity(**relation | {"columns": tuple(relation["columns"])})
            for relation in _step(settings, "compare", partial)
        )
        made = EngineCopy(file, copied, relations)
        if made.is_equal:
            partial.rename(file)
    finally:
        shutil.rmtree(folder)
    return made


def _require_built(settings: Settings) -> None:
    connection = open_warehouse(settings)
    try:
        is_built = has_relation(connection, "ops_build") and bool(
            connection.execute("select count(build_id) from ops_build").fetchone()[0]
        )
        if not is_built or loads_waiting(connection):
            raise InputRefused(
                "the warehouse is not built from all its loads",
                str(settings.home),
                "build first: icon-health build",
            )
    finally:
        connection.close()


def _step(settings: Settings, step: str, file: Path) -> Any:
    environment = {
        **os.environ,
        **{
            f"ICON_HEALTH_{name.upper()}": str(getattr(settings, name))
            for name, _ in settings.origins
        },
        "ICON_HEALTH_HOME": str(settings.home),
        FILE_VARIABLE: str(file),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.orchestrate.engine_copy", step, str(file)],
        cwd=PROJECT_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise RunFailed(
            f"the step {step!r} ended with exit code {done.returncode}",
            "DuckDB",
            "nothing was made",
        ) from None
    if "error" in answer:
        raise RunFailed(answer["error"], answer["where"], "nothing was made")
    return answer["result"]


def _copied(settings: Settings, file: Path) -> dict[str, int]:
    from pipeline.store.engines.duckdb_copy import copy_to_duckdb

    return copy_to_duckdb(settings, file)


def _built(settings: Settings, file: Path) -> int:
    """Build every layer in the file; returns the number of nodes. What dbt says is not passed on:
    it may quote a value.
    """
    from pipeline.declared.layers import Layer
    from pipeline.transform.dbt_project import DbtProject

    project = DbtProject(replace(settings, target="duckdb", home=file.parent), as_of="stamped")
    project.parse()
    nodes = 0
    for layer in Layer:
        step = project.build(layer)
        if step.status != "success":
            name = step.failed.name if step.failed else layer.label
            raise RunFailed("dbt failed on DuckDB", name, "nothing was made")
        nodes += len(step.nodes)
    return nodes


def _compared(settings: Settings, file: Path) -> list[dict[str, Any]]:
    from pipeline.store.engines.parity import compare_with_duckdb

    return [asdict(relation) for relation in compare_with_duckdb(settings, file)]


STEPS: dict[str, Callable[[Settings, Path], Any]] = {
    "copy": _copied,
    "build": _built,
    "compare": _compared,
}


def main(step: str, file: str) -> int:
    """One step in this process; returns its exit code."""
    answer: dict[str, Any]
    try:
        answer = {"result": STEPS[step](load_settings(), Path(file))}
    except PipelineError as error:
        answer = {"error": error.what, "where": error.where}
    except Exception as error:  # of a library, whose words may quote a value
        answer = {"error": f"the step {step!r} failed: {type(error).__name__}", "where": "DuckDB"}
    print(json.dumps(answer))
    return "error" in answer


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
