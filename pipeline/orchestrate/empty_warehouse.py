"""An empty warehouse, built beside a home in which nothing was built yet: its rules can judge files
before the first load.

python -m pipeline.orchestrate.empty_warehouse --home HOME
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts
from pipeline.errors import PipelineBusy, RunFailed
from pipeline.orchestrate.lock import hold_file, holder_of
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.home_files import FILE_MODE, prepare_home
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import builds
from pipeline.transform.fingerprint import layer_fingerprint

FOLDER, LOCK, REQUEST_FILE = "rules", "rules.lock", "rules.asked"
#: Who asked this long ago and has neither a process nor rules asks in vain.
START_SECONDS = 20.0


def empty_settings(settings: Settings) -> Settings:
    """The settings of the empty warehouse of a home."""
    return replace(settings, home=settings.home / FOLDER)


def is_ready(settings: Settings) -> bool:
    """Whether the empty warehouse stands, built with the statements of now."""
    blank = empty_settings(settings)
    if not warehouse_exists(blank) or holder_of(settings.home / LOCK) is not None:
        return False
    with open_warehouse(blank) as connection:
        return has_relation(connection, "ops_layer_fingerprints") and builds.layer_fingerprint(
            connection, Layer.LANDING_ZONE.label
        ) == layer_fingerprint(Layer.LANDING_ZONE)


def is_being_built(settings: Settings) -> bool:
    """Whether a process is at it, or about to be."""
    request_file = settings.home / REQUEST_FILE
    return (
        holder_of(settings.home / LOCK) is not None
        or request_file.exists()
        and time.time() - request_file.stat().st_mtime < START_SECONDS
    )


def start(settings: Settings) -> None:
    """Build it in a process of its own, unless one is at it."""
    if is_being_built(settings):
        return
    prepare_home(settings)
    (settings.home / REQUEST_FILE).touch(FILE_MODE)
    log = os.open(settings.home / "worker.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY, FILE_MODE)
    try:
        subprocess.Popen(
            [sys.executable, "-m", "pipeline.orchestrate.empty_warehouse"],
            cwd=PROJECT_DIR,
            env=settings.as_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)


def build(settings: Settings) -> None:
    """Build it in this process, from scratch; raises RunFailed when a model fails, PipelineBusy
    when another process is at it.

    The recorded plan is followed as far as it leads; where it does not, dbt builds it anew.
    """
    from pipeline.transform.plan_run import PlanDeviates

    with hold_file(settings.home / LOCK, "building the rules"):
        try:
            _build(settings)
        except PlanDeviates as deviation:
            _build(settings, dbt_from=deviation.layer)


def _build(settings: Settings, dbt_from: Layer | None = None) -> None:
    from pipeline.transform.one_transaction import one_transaction
    from pipeline.transform.project import Project

    blank = empty_settings(settings)
    for left in blank.home.glob(f"{blank.warehouse_path.name}*"):
        left.unlink()
    prepare_warehouse(
        blank,
        {contract.raw_table: contract.delivered for contract in load_contracts().values()},
    )
    with one_transaction(blank) as transaction:
        connection = transaction.connection
        today = datetime.now(UTC).date().isoformat()
        builds.stamp(connection, "empty", today, today)
        project = Project(blank, transaction, dbt_from=dbt_from)
        project.parse()
        step = project.build(Layer.LANDING_ZONE)
        if step.status != "success":
            raise RunFailed(step.error or "failed", "the rules", "worker.log says more")
        builds.note_layer_fingerprint(
            connection, Layer.LANDING_ZONE.label, layer_fingerprint(Layer.LANDING_ZONE)
        )


def remove(settings: Settings) -> None:
    """Take the empty warehouse away: the home has one of its own."""
    shutil.rmtree(settings.home / FOLDER, ignore_errors=True)


def main() -> None:
    """Entry of the process."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.orchestrate.empty_warehouse", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--home", help="folder of the warehouse (default: ICON_HEALTH_HOME)")
    try:
        build(load_settings(home=parser.parse_args().home))
    except PipelineBusy:
        return


if __name__ == "__main__":
    main()
