"""Runs in the environment of Airflow, not in that of the project: prints one JSON line.

`bag` tells what the DAG file holds, `run DAG CONF` carries a DAG out and tells how each task ended,
`end CODE...` which exception follows from each exit code of a verb, `tell TASK` calls the callback
of a task that failed.
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

DAGS = Path(__file__).resolve().parents[3] / "dags"
sys.path.insert(0, str(DAGS))


def bag() -> dict:
    from airflow.dag_processing.dagbag import DagBag

    found = DagBag(str(DAGS))
    return {
        "errors": found.import_errors,
        "dags": {
            dag_id: {
                "tasks": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
                "params": sorted(dag.params),
                "max_active_runs": dag.max_active_runs,
                "retries": sorted({task.retries for task in dag.tasks}),
                "tell": sorted({each.__name__ for task in dag.tasks for each in _callbacks(task)}),
                "silent": [task.task_id for task in dag.tasks if not _callbacks(task)],
                "assets": sorted(asset.name for asset in _scheduled_by(dag)),
                "outlets": sorted(outlet.name for task in dag.tasks for outlet in task.outlets),
            }
            for dag_id, dag in found.dags.items()
        },
    }


def _scheduled_by(dag) -> list:
    condition = getattr(dag.timetable, "asset_condition", None)
    return list(condition.objects) if condition else []


def _callbacks(task) -> list:
    given = task.on_failure_callback
    return list(given) if isinstance(given, (list, tuple)) else [given] if given else []


def tell(task_id: str) -> dict:
    import icon_health

    task = SimpleNamespace(dag_id="icon_health_push", task_id=task_id)
    icon_health.tell({"ti": task})
    return {}


def run(dag: str, conf: str) -> dict:
    import icon_health

    ended = getattr(icon_health, dag).test(run_conf=json.loads(conf))
    return {
        "state": str(ended.state),
        "tasks": [
            [task.task_id, task.map_index, str(task.state), task.xcom_pull(task_ids=task.task_id)]
            for task in ended.get_task_instances()
        ],
    }


def end(*codes: str) -> dict:
    import icon_health

    raised = {}
    for code in codes:
        script = f"import os, sys; n = {code}; os.kill(os.getpid(), -n) if n < 0 else sys.exit(n)"
        icon_health.COMMAND = [sys.executable, "-c", script]
        try:
            icon_health.call("build")
            raised[code] = "none"
        except Exception as error:
            raised[code] = type(error).__name__
    return raised


if __name__ == "__main__":
    os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    answer = {"bag": bag, "run": run, "end": end, "tell": tell}[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(answer, default=str))
