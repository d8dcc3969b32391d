"""run, build, ingest, undo."""

import sys
import time
from argparse import Namespace
from dataclasses import asdict

from pipeline.cli import text as cli_text
from pipeline.cli.verbs import Answer
from pipeline.config import Settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.services.run import runs
from pipeline.services.run import selection as run_selection
from pipeline.services.upload import loads


class ProgressLine:
    """Tells people on stderr how a run goes: a line a layer, and each failing step."""

    def __init__(self) -> None:
        self._layer, self._steps, self._started = "", 0, time.monotonic()

    def hear(self, node) -> None:
        """Take one event of the run."""
        if node.layer != self._layer:
            self.end_layer()
            self._layer, self._steps, self._started = node.layer, 0, time.monotonic()
        if node.status == "running":
            return
        self._steps += 1
        if node.status == "error":
            print(
                f"  failed: {node.name}: {' '.join((node.message or '').split())}", file=sys.stderr
            )

    def end_layer(self) -> None:
        """Close the line of the layer that was built."""
        if self._layer:
            spent = cli_text.seconds(time.monotonic() - self._started)
            print(
                f"  {self._layer:<20} {cli_text.counted(self._steps, 'step'):>10}  {spent}",
                file=sys.stderr,
            )


def run(settings: Settings, arguments: Namespace) -> Answer:
    """Load the paths, then build every layer; an empty home takes the shipped sample."""
    paths = arguments.paths
    if not paths and (paths := runs.sample_if_empty(settings)):
        print(f"nothing is loaded yet: loading the sample, {paths[0]}", file=sys.stderr)
    return _build(settings, arguments, "run", None, paths)


def build(settings: Settings, arguments: Namespace) -> Answer:
    """Build the layers or models named, or what the last run failed to build."""
    layers, selection = arguments.layers or None, tuple(arguments.select)
    if arguments.failed:
        if layers or selection:
            raise InputRefused("--failed stands alone", "build", "leave layers and --select away")
        again = run_selection.failed_again(settings)
        layers, selection = again.layers or None, again.selection
    return _build(settings, arguments, "build", layers, (), selection)


def _build(
    settings: Settings, arguments: Namespace, verb: str, layers, paths, selection=()
) -> Answer:
    line = ProgressLine()
    try:
        result = runs.run_now(
            settings,
            verb=verb,
            layers=layers,
            full_refresh=arguments.full_refresh,
            as_of=arguments.as_of,
            paths=paths,
            selection=selection,
            on_event=line.hear,
        )
    except PipelineError as error:
        document = runs.failed_here(settings)
        if document:
            error.document = document
        raise
    line.end_layer()
    document = result.as_dict()
    refused = [load for load in result.loads if load.status == "refused"]
    text = "\n\n".join(part for part in (_loads_text(result.loads), _result_text(document)) if part)
    code = (
        InputRefused.exit_code
        if refused and getattr(arguments, "strict", False)
        else 3
        if result.status == "held"
        else 0
    )
    return Answer(document, text, code, "; ".join(str(load.reason) for load in refused))


def ingest(settings: Settings, arguments: Namespace) -> Answer:
    """Load only; refused files are told, and make exit code 2 when nothing else came in, or with
    --strict.
    """
    found = loads.ingest(settings, arguments.paths)
    refused = [load for load in found if load.status == "refused"]
    fails = refused and (arguments.strict or not any(load.status == "loaded" for load in found))
    return Answer(
        {"loads": [asdict(load) for load in found]},
        _loads_text(found),
        InputRefused.exit_code if fails else 0,
        "; ".join(str(load.reason) for load in refused),
    )


def undo(settings: Settings, arguments: Namespace) -> Answer:
    """Take one load back and build what was built with it, so that the tables are as they would be
    without it.
    """
    load = loads.undo(settings, arguments.load_id)
    document = {
        "load_id": load["load_id"],
        "status": load["status"],
        "entity": load["entity"],
        "source_file": load["source_file"],
    }
    taken_back = f"{load['load_id']} ({load['source_file']}) is undone"
    layers = runs.built_layers(settings)
    if arguments.no_build or not layers:
        return Answer(document, f"{taken_back}; the next build takes its rows out.")
    result = runs.run_now(settings, verb="build", layers=layers)
    seconds = cli_text.seconds(result.duration_seconds)
    return Answer(
        document | result.as_dict() | {"status": load["status"], "build_status": result.status},
        f"{taken_back} and the layers built with it are built again ({result.run_id}, {seconds}).",
    )


def _loads_text(found) -> str:
    if not found:
        return ""
    rows = [
        (
            load.file,
            load.entity,
            load.load_id,
            load.status.replace("_", " "),
            load.received,
            load.rejected,
        )
        for load in found
    ]
    return cli_text.section(
        "Loads", cli_text.table(rows, ("file", "source", "load", "status", "received", "rejected"))
    )


def _result_text(document: dict) -> str:
    layers = [
        (each["name"], each["status"], each["models"], cli_text.seconds(each["duration_seconds"]))
        for each in document["layers"]
    ]
    ledger = [tuple(each.values()) for each in document["ledger"]]
    failing = [
        (each["rule_id"], each["entity"], each["action"], each["failing_rows"])
        for each in document["rules"]
        if each["failing_rows"]
    ]
    parts = [_selection_text(document["selection"])] if document.get("selection") else []
    parts += [
        cli_text.section("Layers", cli_text.table(layers, ("layer", "status", "models", "time")))
    ]
    if ledger:
        parts.append(
            cli_text.section(
                "Rows",
                cli_text.table(
                    ledger,
                    (
                        "source",
                        "received",
                        "promoted",
                        "quarantined",
                        "superseded",
                        "duplicates",
                        "rejected",
                    ),
                ),
            )
        )
    if failing:
        parts.append(
            cli_text.section(
                "Rules with findings", cli_text.table(failing, ("rule", "source", "action", "rows"))
            )
        )
    waiting = sum((document["quarantine"] or {}).values())
    ended = f"{document['run_id']} {document['status']} in {cli_text.seconds(document['duration_seconds'])}; as of {document['as_of']}"
    review = f"{cli_text.counted(waiting, 'row')} in quarantine: icon-health quarantine list"
    parts.append(f"{ended}; {review if waiting else 'quarantine is empty'}")
    if document["held_loads"]:
        parts.append(
            f"held at the gate: {', '.join(document['held_loads'])} "
            "(quarantine release LOAD_ID --reason TEXT, or undo LOAD_ID)"
        )
    return "\n\n".join(parts)


def _selection_text(selection: dict) -> str:
    told = [
        f"Built {cli_text.counted(len(selection['models']), 'model')} for {', '.join(selection['asked'])}"
    ]
    for why, names in (
        ("was behind", selection["behind"]),
        ("is made from it", selection["made_from_it"]),
    ):
        if names:
            told.append(f"  because it {why}: {', '.join(names)}")
    return "\n".join(told)
