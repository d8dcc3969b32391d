"""The DAG that Airflow runs: its last runs, and a new one.

No page waits for Airflow: `newest` tells what it answered last, and asks it again beside the page.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock, Thread

from pipeline.config import Settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.orchestrate import airflow_api
from pipeline.orchestrate.airflow_api import DAG, Airflow, DagRun
from pipeline.services.access import audit
from pipeline.services.access.roles import OPERATE, SEE, needs
from pipeline.services.run import runs
from pipeline.store.sqlite.clock import utc_now

SHOWN = 5
#: An answer that is older than this is asked for again.
FRESH_SECONDS = 10.0


@dataclass(frozen=True)
class Look:
    """What Airflow answered at `looked_at` (seconds of the monotonic clock), or why it did not."""

    looked_at: float
    dag_runs: tuple[DagRun, ...] = ()
    is_paused: bool = False
    error: PipelineError | None = None


_guard = Lock()
_looks: dict[str, Look] = {}
_asking: dict[str, Thread] = {}


@needs(SEE)
def newest(settings: Settings, within: float = 0.0) -> Look | None:
    """What Airflow answered last, None when nothing came so far. An answer that is no longer fresh
    is asked for again, and waited for so many seconds.
    """
    address = settings.airflow_url
    with _guard:
        look, thread = _looks.get(address), _asking.get(address)
        if look is not None and time.monotonic() - look.looked_at < FRESH_SECONDS:
            return look
        if thread is None:
            thread = Thread(target=_ask, args=(address,), daemon=True)
            _asking[address] = thread
            thread.start()
    thread.join(within)
    return _looks.get(address)


@needs(OPERATE)
def trigger(settings: Settings) -> str:
    """Have Airflow run the DAG once; the id of its run. Raises AirflowFailed, InputRefused."""
    if not settings.airflow_url:
        raise InputRefused("is not set", "setting airflow_url", "see docs/operate.md")
    dag_run_id = f"workbench__{utc_now()}__{secrets.token_hex(4)}"
    # recorded before Airflow is asked, for its answer may get lost
    audit.record(settings, "trigger", DAG, {"dag_run_id": dag_run_id})
    Airflow(settings.airflow_url).trigger(dag_run_id, {})
    with _guard:
        _looks.pop(settings.airflow_url, None)
    return dag_run_id


@needs(SEE)
def runs_here(settings: Settings, dag_runs: Sequence[DagRun]) -> dict[str, str]:
    """Id of a run of the DAG -> id of the run of the pipeline that it asked for last."""
    asked = [(run.request_id or "", run.run_id) for run in reversed(runs.listed(settings))]
    return {
        dag_run.dag_run_id: run_id
        for dag_run in dag_runs
        for request_id, run_id in asked
        if request_id.rpartition(" ")[0] == f"airflow {dag_run.dag_run_id}"
    }


def address_of(settings: Settings, dag_run: DagRun) -> str:
    """Where Airflow shows a run of the DAG."""
    return airflow_api.address_of(settings.airflow_url, dag_run.dag_run_id)


def _ask(address: str) -> None:
    try:
        airflow = Airflow(address)
        look = Look(time.monotonic(), airflow.newest(SHOWN), airflow.is_paused())
        _looks[address] = look
    except PipelineError as error:
        _looks[address] = Look(time.monotonic(), error=error)
    finally:
        with _guard:
            del _asking[address]
