"""The steps of a copy of a home on another engine, each a process of its own.

`python -m pipeline.orchestrate.engine_steps STEP FILE` is one of them; it reads the settings from
the environment and writes one line of JSON, without any value of a row.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import PipelineError, RunFailed

#: Where dbt's profile reads the path of the file.
FILE_VARIABLE = "ICON_HEALTH_DUCKDB"


def carried_out(settings: Settings, step: str, file: Path, lock: int) -> Any:
    """What the step answers, from a process of its own, which inherits the open file `lock`; raises
    RunFailed.
    """
    environment = {**settings.as_environment(), FILE_VARIABLE: str(file)}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.orchestrate.engine_steps", step, str(file)],
        cwd=PROJECT_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        pass_fds=(lock,),
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


def _updated(settings: Settings, file: Path) -> dict[str, int] | None:
    """None where the home did not go on from what stands in the file."""
    from pipeline.store.engines.duckdb_copy import NoSuccessor, update_in_duckdb

    try:
        return update_in_duckdb(settings, file)
    except NoSuccessor:
        return None


def _built(settings: Settings, file: Path) -> int:
    """Build every layer in the file, as far as something changed; returns the number of nodes. What
    dbt says is not passed on: it may quote a value.
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
    "update": _updated,
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
