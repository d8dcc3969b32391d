"""status, trace, export."""

from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, leaves, one_of, table_names, verb
from pipeline.config import Settings


@verb("status")
def status(settings: Settings) -> Answer:
    """Layers, freshness, row counts, open quarantine, last run."""
    from pipeline.services.run import status as service

    home = service.status(settings)
    layers = [
        (layer.name, layer.status, layer.tables, layer.rows, text.moment(layer.built_at))
        for layer in home.layers
    ]
    built = f", as of {home.as_of}, build {home.build_id}" if home.as_of else ", nothing built yet"
    parts: list[text.Part] = [
        f"home {home.home}{built}",
        text.table(layers, ("layer", "status", "tables", "rows", "built"), "Layers"),
    ]
    if home.freshness:
        newest = [(name, text.moment(at)) for name, at in home.freshness.items()]
        parts.append(text.table(newest, ("source", "loaded"), "Newest load"))
    if home.quarantine:
        parts.append(text.table(home.quarantine.items(), ("source", "rows"), "Open quarantine"))
    if home.loads_waiting:
        parts.append(
            f"{text.counted(home.loads_waiting, 'load')} not built in yet: icon-health build"
        )
    if home.held_loads:
        parts.append(f"held at the gate: {', '.join(home.held_loads)}")
    parts.append(_last_run(home.last_run))
    if not home.audit.is_good:
        wrong = [*home.audit.problems, *(f"{k} {v}" for k, v in home.audit.decisions.items())]
        parts.append(f"the audit trail is broken: {wrong[0]} (icon-health audit verify)")
    return Answer(asdict(home), tuple(parts))


def _last_run(run: dict | None) -> str:
    if not run:
        return "no run yet: icon-health run"
    ended = f"{run['status']} {text.moment(run['finished_at'])}"
    error = f": {run['error']}" if run["error"] else ""
    return f"last run {run['run_id']} ({run['verb']}) {ended}{error}"


@verb("trace")
@click.argument("table", metavar="TABLE", shell_complete=one_of(table_names))
@click.argument("key", metavar="KEY")
def trace(settings: Settings, table: str, key: str) -> Answer:
    """Follow a gold or silver row back to file and line.

    KEY is a value, values joined by |, or COLUMN=VALUE,COLUMN=VALUE.
    """
    from pipeline.services.tables import trace as service

    steps = service.trace(settings, table, key)
    rows = [
        (
            step.table,
            step.key,
            step.detail,
            f"{step.source_file}:{step.source_row_number}" if step.source_file else "",
        )
        for step in steps
    ]
    return Answer(
        {"steps": [asdict(step) for step in steps]},
        (text.table(rows, ("table", "key", "what", "line")),),
    )


@verb("export")
@click.argument("table", metavar="TABLE", shell_complete=one_of(table_names))
@leaves
@click.option("--out", required=True, metavar="FILE", type=PATH, help="CSV or Parquet to write.")
def export(settings: Settings, table: str, profile: str, reason: str, out: str) -> Answer:
    """Write a table to CSV or Parquet under a privacy profile, with a manifest."""
    from pipeline.services.run import runs
    from pipeline.services.tables import export as service

    manifest = service.export(
        settings, table, Path(out), profile, note=reason, author=runs.person()
    )
    written = f"{text.counted(manifest['rows'], 'row')} written to {manifest['file']}"
    return Answer(
        manifest,
        (f"{written} ({manifest['profile']})\n  manifest: {manifest['manifest']}",),
    )
