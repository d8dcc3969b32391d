"""The pipeline as Airflow runs it: the same command line, the same lock, one publication a run.

`icon_health_pipeline` waits for a delivery, loads it, builds and publishes everything at once,
shows what each layer came to, asks the gate, and tells the asset `icon_health_features` that
features are new. `icon_health_sync` does the same with what is new at the connectors.
`icon_health_push` hands features to the managed feature store whenever that asset is told so.

Read from the environment of the workers: ICON_HEALTH_COMMAND (how the command line is called,
`icon-health` by default), ICON_HEALTH_INBOX (the folder that deliveries come to),
ICON_HEALTH_SYNC_SCHEDULE (when `icon_health_sync` runs, as a cron expression; by default when
somebody triggers it) and every setting of the product, ICON_HEALTH_HOME first of all.
"""

import json
import os
import shlex
import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Asset, Param, PokeReturnValue, get_current_context, task

try:
    from airflow.sdk.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowSkipException,
    )
except ImportError:  # before Airflow 3.2 they stand elsewhere
    from airflow.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowSkipException,
    )

COMMAND = shlex.split(os.environ.get("ICON_HEALTH_COMMAND", "icon-health"))
INBOX = os.environ.get("ICON_HEALTH_INBOX", "inbox")
FEATURES = Asset("icon_health_features")
#: Exit codes of the command line (docs/interfaces.md).
DONE, FAILED, REFUSED, HELD, NOTHING_NEW, BUSY = 0, 1, 2, 3, 4, 75
#: A verb waits that long for a run of somebody else before it says that it is busy.
WAIT_SECONDS = "600"
#: States of a file of a sync from which no load came.
UNUSABLE = ("failed", "refused")
LAYERS = ("landing_zone", "standard_model", "enterprise_datasets", "feature_store")


def call(*words: str, expected: tuple[int, ...] = (DONE,)) -> dict:
    """The document of one verb, with its exit code as `exit_code`.

    A busy pipeline and a killed process raise what Airflow tries again; any other end that is not
    expected raises what it does not: it would end the same way.
    """
    process = subprocess.run(
        [*COMMAND, *words, "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    document = json.loads(process.stdout) if process.stdout.strip() else {}
    if process.returncode in expected:
        return document | {"exit_code": process.returncode}
    what = document.get("error") or f"ended with {process.returncode}"
    reason = what.get("message") if isinstance(what, dict) else what
    # a shell tells a signal as 128 + its number, Python as its negative
    is_killed = process.returncode < 0 or process.returncode in (137, 143)
    error = AirflowException if is_killed or process.returncode == BUSY else AirflowFailException
    raise error(f"{words[0]}: {reason}")


def request_id() -> str:
    """One name for all tries of a task; another once somebody clears it, who wants another run."""
    context = get_current_context()
    return f"airflow {context['dag_run'].run_id} {context['ti'].max_tries}"


def tell(context: dict) -> None:
    """A task failed for good: alerts go out as the setting `alerts_file` declares them."""
    task = context["ti"]
    name = f"{task.dag_id}.{task.task_id}"
    document = call("alerts", "check", "--task", name, expected=(DONE, FAILED, REFUSED))
    print(f"{name} failed: {json.dumps(document)}")


DEFAULTS = {"retries": 2, "retry_delay": timedelta(seconds=30), "on_failure_callback": tell}

HOW_TO_BUILD = {
    "as_of": Param(None, type=["null", "string"], format="date", description="Day to judge by."),
    "full_refresh": Param(False, type="boolean", description="Judge every row again."),
}


@task
def build(params: dict) -> dict:
    """Build every layer and publish them in one commit, once however often it is tried."""
    words = ["build", "--wait", WAIT_SECONDS, "--request-id", request_id()]
    if params["as_of"]:
        words += ["--as-of", params["as_of"]]
    if params["full_refresh"]:
        words.append("--full-refresh")
    document = call(*words, expected=(DONE, HELD))
    keys = ("run_id", "status", "as_of", "build_id", "layers", "quarantine", "held_loads")
    failing = {
        rule["rule_name"]: rule["failing_rows"]
        for rule in document["rules"]
        if rule["failing_rows"]
    }
    return {key: document[key] for key in keys} | {"failing": failing}


@task(map_index_template="{{ layer_name }}")
def layer(name: str, run: dict) -> dict:
    """What one layer of the published run came to; it publishes nothing by itself."""
    get_current_context()["layer_name"] = name
    (built,) = [each for each in run["layers"] if each["name"] == name]
    print(f"{run['run_id']}: {name} {built['status']}, {built['models']} models")
    if name == LAYERS[0]:
        for rule, rows in sorted(run["failing"].items()):
            print(f"{rule}: {rows} rows")
    return built


@task
def gate(run: dict) -> None:
    """Skip what follows, with the reason, while loads wait for somebody to release them."""
    document = call("gate", expected=(DONE, HELD))
    if document["exit_code"] == HELD:
        loads = ", ".join(load["load_id"] for load in document["held_loads"])
        raise AirflowSkipException(
            f"{loads} wait at the gate: release or undo them, then build again"
        )
    print(f"nothing waits at the gate after {run['run_id']}")


@task(outlets=[FEATURES])
def features(run: dict) -> str:
    """Tell who waits for features that they are those of this build."""
    return run["build_id"]


def publish():
    """Build, show the layers, ask the gate, tell the asset; the first of these tasks."""
    published = build()
    layers = layer.partial(run=published).expand(name=LAYERS)
    layers >> gate(published) >> features(published)
    return published


with DAG(
    "icon_health_pipeline",
    description="Load what is new in the inbox, build and publish all layers, ask the gate.",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "inbox": Param(INBOX, type="string", description="Folder or file to load."),
        **HOW_TO_BUILD,
    },
    tags=["icon-health"],
) as pipeline:

    @task.sensor(mode="reschedule", poke_interval=60, timeout=24 * 3600, soft_fail=True)
    def delivery(params: dict) -> PokeReturnValue:
        """Whether a file lies there that is not loaded yet and no longer written to."""
        document = call("inbox", params["inbox"], "--settled", "5", expected=(DONE, NOTHING_NEW))
        new = [file["file"] for file in document["files"] if file["state"] == "new"]
        return PokeReturnValue(is_done=bool(new), xcom_value=new)

    @task
    def ingest(params: dict) -> list[dict]:
        """Load what is new; bytes that were loaded before are known and load nothing."""
        document = call("ingest", params["inbox"], "--wait", WAIT_SECONDS)
        keys = ("file", "load_id", "status", "received", "rejected")
        return [{key: load[key] for key in keys} for load in document["loads"]]

    delivery() >> ingest() >> publish()


with DAG(
    "icon_health_sync",
    description="Fetch what is new at the connectors; build and publish when something came.",
    schedule=os.environ.get("ICON_HEALTH_SYNC_SCHEDULE") or None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "connector": Param(
            None, type=["null", "string"], description="Name of a connector; all without one."
        ),
        **HOW_TO_BUILD,
    },
    tags=["icon-health"],
) as sync_sources:

    @task
    def sync(params: dict) -> dict:
        """Fetch and load what is new; each delivery comes once, however often it is tried."""
        words = ["sync", *([params["connector"]] if params["connector"] else [])]
        document = call(*words, "--wait", WAIT_SECONDS, expected=(DONE, FAILED, REFUSED))
        files = [file for done in document.get("syncs", []) for file in done["files"]]
        problems = [
            *([document["error"]["message"]] if "error" in document else []),
            *(f"{each['connector']}: {each['message']}" for each in document.get("errors", [])),
            *(f"{each['file']}: {each['reason']}" for each in files if each["state"] in UNUSABLE),
        ]
        return {"loaded": document.get("loaded", 0), "problems": problems}

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def new_loads() -> bool:
        """Skip the build where no load waits for one; a sync that was killed after it had loaded
        brings nothing when it is tried again.
        """
        return call("status")["loads_waiting"] > 0

    @task
    def sources(synced: dict) -> None:
        """Fail where a source or a file cannot be read; what came from the others is built."""
        if synced["problems"]:
            raise AirflowFailException("; ".join(synced["problems"]))

    synced = sync()
    synced >> new_loads() >> publish()
    sources(synced)


with DAG(
    "icon_health_push",
    description="Hand new features to the managed feature store.",
    schedule=[FEATURES],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["icon-health"],
) as push_features:

    @task
    def push() -> list[dict]:
        """Push under the default profile: nothing that is keyed by a patient."""
        document = call("features", "push")
        return [{key: table[key] for key in ("table", "rows")} for table in document["tables"]]

    push()
