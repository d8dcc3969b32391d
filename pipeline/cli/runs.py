"""run, build, ingest, undo."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from pipeline.cli.command import PATH, Answer, one_of, table_names, verb
from pipeline.cli.result_text import loads_table, result_parts
from pipeline.cli.text import seconds
from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.errors import HeldByGate, InputRefused, PipelineError

LAYERS = tuple(layer.label for layer in Layer)

wait_option = click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(0),
    help="Seconds to wait for a run of somebody else (default: setting wait_seconds).",
)
strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Exit code 2 as soon as one file is refused, also when others came in.",
)


def building_options(function: Callable) -> Callable:
    """Options of every verb that builds."""
    for option in (
        click.option("--target", metavar="TARGET", help="dbt target, that is the engine."),
        click.option(
            "--as-of",
            metavar="DATE",
            help="Day on which ages and waivers are judged (default: of the newest load).",
        ),
        click.option("--full-refresh", is_flag=True, help="Judge and build every row again."),
        click.option("--enqueue", is_flag=True, help="Leave it to the worker, and answer at once."),
        click.option(
            "--request-id",
            metavar="ID",
            help="Your name for this request: asked again, the same run answers.",
        ),
    ):
        function = option(function)
    return wait_option(function)


def reading_options(function: Callable) -> Callable:
    """Options that decide how files are read, where that is not clear."""
    for option in (
        click.option(
            "--header-rows",
            metavar="COUNT",
            type=click.IntRange(1, 4),
            help="Rows of the header that stand above one another.",
        ),
        click.option("--no-header", is_flag=True, help="The first row holds data."),
        click.option(
            "--words",
            metavar="COLUMN:WORD=VALUE",
            multiple=True,
            help="What a word of theirs means, such as gender:herr=male; may be given again.",
        ),
    ):
        function = option(function)
    for name, metavar, meaning in (
        ("columns", "NAMES", "Names of the columns from left to right, where there is no header."),
        ("source", "NAME", "Source that the files belong to."),
        ("header-line", "LINE", "Physical line on which the header begins."),
        ("delimiter", "SIGN", "Sign between cells, or tab."),
        ("positions", "COLUMNS", "Columns of a text of fixed width, such as 1-12,13-20,21-."),
        ("sheet", "NAME", "Sheet of a workbook, or list of a JSON document."),
        ("encoding", "NAME", "Encoding of the files (utf-8, cp1252, ...)."),
        ("date-order", "ORDER", "Order of day and month in their dates: mdy or dmy."),
    ):
        function = click.option(f"--{name}", metavar=metavar, help=meaning)(function)
    return function


@verb("run")
@click.argument("paths", nargs=-1, metavar="PATH", type=PATH)
@strict_option
@reading_options
@building_options
def run(
    settings: Settings,
    paths: tuple[str, ...],
    strict: bool,
    full_refresh: bool,
    as_of: str | None,
    enqueue: bool,
    request_id: str | None,
    **decisions: Any,
) -> Answer:
    """Load what is new in files or folders, then build every layer."""
    from pipeline.services.run import runs
    from pipeline.services.upload import loads

    folders: Sequence[str | Path] = list(paths)
    if not folders and (folders := runs.sample_if_empty(settings)):
        print(f"nothing is loaded yet: loading the sample, {folders[0]}", file=sys.stderr)
    return _build(
        settings,
        enqueue,
        strict,
        verb="run",
        paths=folders,
        full_refresh=full_refresh,
        as_of=as_of,
        request_id=request_id,
        reading=loads.reading(**decisions),
    )


@verb("build")
@click.argument("layers", nargs=-1, metavar="LAYER", shell_complete=one_of(lambda: LAYERS))
@click.option(
    "--select",
    multiple=True,
    metavar="MODEL[+]",
    shell_complete=one_of(table_names),
    help="Only this model (with + all that is made from it), and what must be built so that "
    "tables agree.",
)
@click.option(
    "--failed",
    is_flag=True,
    help="What the last run failed to build, as far as it is not up to date.",
)
@building_options
def build(
    settings: Settings,
    layers: tuple[str, ...],
    select: tuple[str, ...],
    failed: bool,
    full_refresh: bool,
    as_of: str | None,
    enqueue: bool,
    request_id: str | None,
) -> Answer:
    """Build the layers or models named, all by default."""
    chosen: Sequence[str] | None = list(layers) or None
    if failed:
        if layers or select:
            raise InputRefused("--failed stands alone", "build", "leave layers and --select away")
        from pipeline.services.run import selection

        again = selection.failed_again(settings)
        chosen, select = again.layers or None, again.selection
    return _build(
        settings,
        enqueue,
        verb="build",
        layers=chosen,
        paths=(),
        selection=select,
        full_refresh=full_refresh,
        as_of=as_of,
        request_id=request_id,
    )


def _enqueue(settings: Settings, reading: Any = None, **asked: Any) -> Answer:
    """Leave a run to the worker process of this home."""
    from pipeline.cli.run_records import document_of
    from pipeline.services.run import runs

    if reading is not None:
        raise InputRefused(
            "the worker reads files as they are inferred", "--enqueue", "leave one of the two away"
        )
    run = runs.submit(settings, **asked)
    follow = f"icon-health runs wait {run.run_id}"
    return Answer(document_of(run), (f"{run.run_id} is {run.status}: {follow}",))


def _build(settings: Settings, enqueue: bool, strict: bool = False, **asked: Any) -> Answer:
    """Run what is asked for and tell how it goes; a run that failed leaves its document with the
    error.
    """
    from pipeline.cli import progress
    from pipeline.services.run import runs

    if enqueue:
        return _enqueue(settings, **asked)
    try:
        with progress.of_a_run() as listener:
            result = runs.run_now(settings, listener=listener, **asked)
    except PipelineError as error:
        document = runs.failed_here(settings)
        if document:
            error.document = document
        raise
    refused = [load for load in result.loads if load.status == "refused"]
    code = HeldByGate.exit_code if result.status == "held" else 0
    return Answer(
        result.as_dict(),
        (*loads_table(result.loads), *result_parts(result.as_dict())),
        InputRefused.exit_code if any(load.asks or strict for load in refused) else code,
        "; ".join(str(load.reason) for load in refused),
    )


@verb("ingest")
@click.argument("paths", nargs=-1, required=True, metavar="PATH", type=PATH)
@wait_option
@strict_option
@reading_options
def ingest(settings: Settings, paths: tuple[str, ...], strict: bool, **decisions: Any) -> Answer:
    """Load files or folders without building.

    Refused files are told, and make exit code 2 when nothing else came in, when one asks how it is
    to be read, or with --strict.
    """
    from pipeline.cli import progress
    from pipeline.services.upload import loads

    with progress.of_a_run() as listener:
        loaded = loads.ingest(settings, paths, listener.loading, loads.reading(**decisions))
    refused = [load for load in loaded if load.status == "refused"]
    fails = refused and (
        strict
        or any(load.asks for load in refused)
        or not any(load.status == "loaded" for load in loaded)
    )
    return Answer(
        {"loads": [asdict(load) for load in loaded]},
        loads_table(loaded),
        InputRefused.exit_code if fails else 0,
        "; ".join(str(load.reason) for load in refused),
    )


@verb("undo")
@click.argument("load_id", metavar="LOAD_ID")
@click.option(
    "--no-build", is_flag=True, help="Only take it back; the next build takes its rows out."
)
@wait_option
def undo(settings: Settings, load_id: str, no_build: bool) -> Answer:
    """Take a load back and build again what was built with it."""
    from pipeline.cli import progress
    from pipeline.services.run import runs
    from pipeline.services.upload import loads

    load = loads.undo(settings, load_id)
    document = {key: load[key] for key in ("load_id", "status", "entity", "source_file")}
    taken_back = f"{load['load_id']} ({load['source_file']}) is undone"
    layers = runs.built_layers(settings)
    if no_build or not layers:
        return Answer(document, (f"{taken_back}; the next build takes its rows out.",))
    try:
        with progress.of_a_run() as listener:
            result = runs.run_now(settings, verb="build", layers=layers, listener=listener)
    except PipelineError as error:
        # the load is out whatever the build says
        print(f"{taken_back}; the build after it failed.", file=sys.stderr)
        error.document = {
            **document,
            **(runs.failed_here(settings) or {}),
            "status": load["status"],
            "build_status": "failed",
        }
        raise
    spent = seconds(result.duration_seconds)
    return Answer(
        document | result.as_dict() | {"status": load["status"], "build_status": result.status},
        (f"{taken_back} and the layers built with it are built again ({result.run_id}, {spent}).",),
    )
