"""The command line: `icon-health [--home DIR] VERB ...`.

With `--json` stdout is exactly one JSON document; everything else goes to stderr. Exit codes: 0
done, 1 a run failed, 2 bad usage or input refused, 3 held at the gate, 130 cancelled.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence

from pipeline.config import load_settings
from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused, as_pipeline_error

LAYERS = tuple(layer.label for layer in Layer)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others."""

    def error(self, message: str) -> None:
        """Raise InputRefused with the usage as its hint."""
        raise InputRefused(message, self.prog, f"{self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The whole command line: every verb with its options."""
    top = Parser(
        prog="icon-health",
        description="Load deliveries, build the layers, review what waits, trace and export.",
    )
    top.add_argument(
        "--home",
        help="folder for everything a run writes (ICON_HEALTH_HOME; default data/warehouse)",
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=Parser)
    _building_verbs(verbs)
    _quarantine_verbs(verbs)
    _reading_verbs(verbs)
    _writing_verbs(verbs)
    return top


def _verb(verbs, name: str, help_text: str, action: str) -> argparse.ArgumentParser:
    added = verbs.add_parser(name, help=help_text, description=help_text)
    added.add_argument("--json", action="store_true", help="print one JSON document")
    added.set_defaults(action=action)
    return added


def _building_verbs(verbs) -> None:
    run = _verb(
        verbs, "run", "Load what is new in files or folders, then build every layer.", "runs.run"
    )
    run.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="file or folder; none: build what is loaded, or the sample on an empty home",
    )
    ingest = _verb(verbs, "ingest", "Load files or folders without building.", "runs.ingest")
    ingest.add_argument("paths", nargs="+", metavar="PATH")
    for each in (run, ingest):
        each.add_argument(
            "--strict",
            action="store_true",
            help="exit code 2 as soon as one file is refused, also when others came in",
        )
    build = _verb(verbs, "build", "Build the layers or models named, all by default.", "runs.build")
    build.add_argument("layers", nargs="*", metavar="LAYER", help=", ".join(LAYERS))
    build.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="MODEL[+]",
        help="only this model (with + all that is made from it), and what must be built so that tables agree",
    )
    build.add_argument(
        "--failed",
        action="store_true",
        help="what the last run failed to build, as far as it is not up to date",
    )
    for each in (run, build):
        each.add_argument(
            "--full-refresh", action="store_true", help="judge and build every row again"
        )
        each.add_argument(
            "--as-of",
            metavar="DATE",
            help="day on which ages and waivers are judged (default: of the newest load)",
        )
        each.add_argument("--target", help="dbt target, that is the engine")
    serve = _verb(
        verbs,
        "serve",
        "Start the workbench; builds the shipped sample first when nothing is built yet.",
        "serve.serve",
    )
    serve.add_argument(
        "--port", type=int, default=8501, metavar="PORT", help="port on 127.0.0.1 (default 8501)"
    )
    serve.add_argument(
        "--no-sample", action="store_true", help="do not build the sample into an empty home"
    )
    undo = _verb(
        verbs, "undo", "Take a load back and build again what was built with it.", "runs.undo"
    )
    undo.add_argument("load_id", metavar="LOAD_ID")
    undo.add_argument(
        "--no-build",
        action="store_true",
        help="only take it back; the next build takes its rows out",
    )


def _quarantine_verbs(verbs) -> None:
    quarantine = verbs.add_parser("quarantine", help="Review rows that wait.").add_subparsers(
        dest="quarantine_verb", required=True, metavar="VERB", parser_class=Parser
    )
    listing = _verb(
        quarantine,
        "list",
        "Open rows with every reason and what they hold back.",
        "decisions.list_rows",
    )
    listing.add_argument("--entity", metavar="E")
    listing.add_argument("--rule", metavar="ID")
    _verb(
        quarantine,
        "suggestions",
        "Repairs with their evidence; nothing is applied.",
        "decisions.suggestions",
    )
    correct = _verb(
        quarantine,
        "correct",
        "Record corrected values; the next build uses them.",
        "decisions.correct",
    )
    correct.add_argument(
        "--set", dest="changes", action="append", required=True, metavar="COL=VALUE"
    )
    waive = _verb(
        quarantine,
        "waive",
        "Let rows pass a rule, or a whole source without --row.",
        "decisions.waive",
    )
    waive.add_argument("--rule", metavar="ID", help="rule to waive (default: all rules of the row)")
    waive.add_argument("--until", metavar="DATE", help="last day of the waiver")
    reject = _verb(quarantine, "reject", "Dismiss rows for good.", "decisions.reject")
    for each in (correct, waive, reject):
        each.add_argument("--entity", required=True, metavar="E")
        each.add_argument(
            "--row",
            dest="rows",
            action="append",
            default=[],
            required=each is not waive,
            metavar="ID",
        )
    revert = _verb(quarantine, "revert", "Take a decision back.", "decisions.revert")
    revert.add_argument("decision_ids", nargs="+", metavar="DECISION_ID")
    release = _verb(
        quarantine, "release", "Let a load that waits at the gate pass.", "decisions.release"
    )
    release.add_argument("load_id", metavar="LOAD_ID")
    for each in (correct, waive, reject, revert, release):
        each.add_argument("--reason", required=True, metavar="TEXT")
        each.add_argument("--by", metavar="NAME", help="who decides (default: you)")
    _verb(quarantine, "audit", "Every decision ever made, newest first.", "decisions.audit")


def _reading_verbs(verbs) -> None:
    _verb(
        verbs, "status", "Layers, freshness, row counts, open quarantine, last run.", "views.status"
    )
    trace = _verb(
        verbs, "trace", "Follow a gold or silver row back to file and line.", "views.trace"
    )
    trace.add_argument("table", metavar="TABLE")
    trace.add_argument(
        "key", metavar="KEY", help="value, values joined by |, or COLUMN=VALUE,COLUMN=VALUE"
    )
    features = verbs.add_parser("features", help="Look into the feature store.").add_subparsers(
        dest="features_verb", required=True, metavar="VERB", parser_class=Parser
    )
    _verb(features, "list", "Every feature table with its features.", "views.features_list")
    get = _verb(features, "get", "The newest row of a key.", "views.features_get")
    history = _verb(
        features,
        "history",
        "All versions of a key, or what was known at a moment.",
        "views.features_history",
    )
    for each in (get, history):
        each.add_argument("table", metavar="TABLE")
        each.add_argument("key", nargs="*" if each is history else "+", metavar="KEY")
    export = _verb(
        features,
        "export",
        "Write a feature table to Parquet, or CSV by the ending.",
        "views.features_export",
    )
    export.add_argument("table", metavar="TABLE")
    export.add_argument("--out", required=True, metavar="FILE")
    historical = _verb(
        features,
        "historical",
        "Join features to a file of entity keys, each as known at its row's moment.",
        "views.features_historical",
    )
    historical.add_argument(
        "entities", metavar="FILE", help="CSV or Parquet with the entity keys and a moment a row"
    )
    historical.add_argument(
        "--feature",
        dest="features",
        action="append",
        required=True,
        metavar="REF",
        help="table:feature, or a table for all its features; repeat it",
    )
    historical.add_argument(
        "--moment",
        default="event_timestamp",
        metavar="COLUMN",
        help="column that holds the moments",
    )
    historical.add_argument(
        "--full-names", action="store_true", help="name the columns table__feature"
    )
    historical.add_argument("--out", required=True, metavar="OUT")
    drift = _verb(
        features,
        "drift",
        "Compare features as known at two moments; exit code 3 when one is beyond the gate.",
        "features.features_drift",
    )
    drift.add_argument("--table", metavar="TABLE", help="one feature table (default: all)")
    drift.add_argument(
        "--from",
        dest="from_moment",
        metavar="MOMENT",
        help="reference (default: the snapshot before the newest)",
    )
    drift.add_argument(
        "--to", dest="to_moment", metavar="MOMENT", help="snapshot judged (default: the newest)"
    )
    training = _verb(
        features,
        "training",
        "Write the training set for adverse events: leave-one-out features, label, groups.",
        "features.features_training",
    )
    training.add_argument(
        "--mature-only",
        action="store_true",
        help="rows whose label a later delivery of events has confirmed",
    )
    training.add_argument("--out", required=True, metavar="FILE")
    for each in (history, export, training):
        each.add_argument(
            "--as-known-at", metavar="MOMENT", help="UTC moment, YYYY-MM-DDTHH:MM:SSZ"
        )
    push = _verb(
        features,
        "push",
        "Hand the feature store to Feast: Parquet, definitions, online values.",
        "views.features_push",
    )
    push.add_argument(
        "--store",
        metavar="CONFIG",
        help="YAML with online_store of Feast (default: the setting feast_store, else SQLite)",
    )
    push.add_argument(
        "--profile",
        default="safe_harbor",
        help="safe_harbor leaves tables keyed by a patient out; internal pushes all",
    )


def _writing_verbs(verbs) -> None:
    generate = _verb(
        verbs,
        "generate",
        "Write synthetic deliveries with a manifest of the truth.",
        "views.generate",
    )
    generate.add_argument(
        "--rows", type=int, required=True, metavar="N", help="encounters in all deliveries together"
    )
    generate.add_argument("--seed", type=int, required=True, metavar="S")
    generate.add_argument("--out", required=True, metavar="DIR")
    generate.add_argument("--deliveries", type=int, default=1, metavar="N")
    generate.add_argument("--world", default="null", choices=("null", "signal"))
    generate.add_argument("--clean", action="store_true", help="plant no defects")
    generate.add_argument("--format", dest="fmt", default="csv", help="csv or json")
    export = _verb(
        verbs,
        "export",
        "Write a table to CSV or Parquet under a privacy profile, with a manifest.",
        "views.export",
    )
    export.add_argument("table", metavar="TABLE")
    export.add_argument(
        "--profile", default="safe_harbor", help="safe_harbor, limited_data_set or internal"
    )
    export.add_argument("--out", required=True, metavar="FILE")


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command line; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    wants_json = "--json" in words
    try:
        arguments = parser().parse_args(words)
        settings = load_settings(home=arguments.home, target=getattr(arguments, "target", None))
        # whatever a library prints must not stand beside the one document
        with contextlib.redirect_stdout(sys.stderr):
            from pipeline.cli.verbs import carry_out

            answer = carry_out(settings, arguments)
    except (Exception, KeyboardInterrupt) as caught:
        return _explain(caught, wants_json)
    _print(json.dumps(answer.document, indent=2, default=str) if wants_json else answer.text)
    if answer.error:
        print(f"error: {answer.error}", file=sys.stderr)
    return answer.exit_code


def _explain(caught: BaseException, wants_json: bool) -> int:
    error = as_pipeline_error(caught)
    print(f"error: {error}", file=sys.stderr)
    if wants_json:
        described = {
            "what": error.what,
            "where": error.where,
            "hint": error.hint,
            "kind": type(error).__name__,
            "message": str(error),
            "exit_code": error.exit_code,
        }
        _print(
            json.dumps(
                {**getattr(error, "document", {}), "error": described}, indent=2, default=str
            )
        )
    return error.exit_code


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # the reader (head, a closed pager) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
