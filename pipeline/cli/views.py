"""status, trace, features, generate, export."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from pipeline.cli import text as cli_text
from pipeline.cli.verbs import Answer
from pipeline.config import Settings


def status(settings: Settings, arguments: Namespace) -> Answer:
    """The state of the home."""
    from pipeline.services.run import status as service

    found = service.status(settings)
    layers = [
        (each.name, each.status, each.tables, each.rows, cli_text.moment(each.built_at))
        for each in found.layers
    ]
    parts = [
        f"home {found.home}"
        + (
            f", as of {found.as_of}, build {found.build_id}"
            if found.as_of
            else ", nothing built yet"
        ),
        cli_text.section(
            "Layers", cli_text.table(layers, ("layer", "status", "tables", "rows", "built"))
        ),
    ]
    if found.freshness:
        parts.append(
            cli_text.section(
                "Newest load",
                cli_text.table(
                    [(name, cli_text.moment(at)) for name, at in found.freshness.items()],
                    ("source", "loaded"),
                ),
            )
        )
    if found.quarantine:
        parts.append(
            cli_text.section(
                "Open quarantine",
                cli_text.table(list(found.quarantine.items()), ("source", "rows")),
            )
        )
    if found.held_loads:
        parts.append(f"held at the gate: {', '.join(found.held_loads)}")
    run = found.last_run
    parts.append(
        f"last run {run['run_id']} ({run['verb']}) {run['status']} {cli_text.moment(run['finished_at'])}"
        + (f": {run['error']}" if run["error"] else "")
        if run
        else "no run yet: icon-health run"
    )
    return Answer(asdict(found), "\n\n".join(parts))


def trace(settings: Settings, arguments: Namespace) -> Answer:
    """From a row to the lines it came from."""
    from pipeline.services.tables import trace as service

    steps = service.trace(settings, arguments.table, arguments.key)
    rows = [
        (
            each.table,
            each.key,
            each.detail,
            f"{each.source_file}:{each.source_row_number}" if each.source_file else "",
        )
        for each in steps
    ]
    return Answer(
        {"steps": [asdict(each) for each in steps]},
        cli_text.table(rows, ("table", "key", "what", "line")),
    )


def features_list(settings: Settings, arguments: Namespace) -> Answer:
    """Every declared feature table."""
    from pipeline.services.features import retrieval as features

    found = features.registry()
    blocks = [
        cli_text.section(
            f"{each.name} (key: {', '.join(each.key)})",
            cli_text.table(
                [(feature.name, feature.dtype, feature.definition) for feature in each.features],
                ("feature", "type", "meaning"),
            ),
        )
        for each in found
    ]
    return Answer(
        {"features": [asdict(each) for each in found]},
        "\n\n".join(blocks) or "no feature table is declared",
    )


def features_get(settings: Settings, arguments: Namespace) -> Answer:
    """The newest row of one key."""
    from pipeline.services.features import retrieval as features

    return _frame(features.latest(settings, arguments.table, arguments.key))


def features_history(settings: Settings, arguments: Namespace) -> Answer:
    """All versions of one key, or the rows as known at a moment."""
    from pipeline.services.features import retrieval as features

    return _frame(
        features.history(settings, arguments.table, arguments.key or None, arguments.as_known_at)
    )


def features_historical(settings: Settings, arguments: Namespace) -> Answer:
    """A file of entity keys with features as known at each row's moment."""
    from pipeline.services.features import retrieval as features

    answer, unknown = features.historical(
        settings,
        arguments.features,
        Path(arguments.entities),
        Path(arguments.out),
        moment=arguments.moment,
        full_names=arguments.full_names,
    )
    told = [
        f"{count:,} of them ask for a key that {table} never held"
        for table, count in unknown.items()
        if count
    ]
    return Answer(
        {
            "file": arguments.out,
            "rows": len(answer),
            "columns": list(answer.columns),
            "unknown_keys": unknown,
        },
        "\n".join([f"{cli_text.counted(len(answer), 'row')} written to {arguments.out}", *told]),
    )


def features_export(settings: Settings, arguments: Namespace) -> Answer:
    """A feature table as Parquet."""
    from pipeline.services.features import retrieval as features

    rows = features.export(settings, Path(arguments.out), arguments.table, arguments.as_known_at)
    return Answer(
        {"file": arguments.out, "rows": rows},
        f"{cli_text.counted(rows, 'row')} written to {arguments.out}",
    )


def features_push(settings: Settings, arguments: Namespace) -> Answer:
    """The feature store in Feast."""
    from pipeline.services.features import feast_push

    result = feast_push.push(
        settings, Path(arguments.store) if arguments.store else None, arguments.profile
    )
    parts = [
        cli_text.table(
            [(each.view, ", ".join(each.key), each.keys, each.rows) for each in result.tables],
            ("feature view", "key", "keys online", "rows offline"),
        ),
        f"online store {result.online_store}, repository {result.repository}, {result.seconds:.1f} s",
    ]
    if result.left_out:
        parts.append(
            f"not pushed under {result.profile}: {', '.join(result.left_out)} (keyed by a patient; --profile internal)"
        )
    return Answer(asdict(result), "\n\n".join(parts))


def generate(settings: Settings, arguments: Namespace) -> Answer:
    """Synthetic deliveries."""
    from pipeline.synthetic import generate as write

    result = write(
        arguments.rows,
        arguments.seed,
        Path(arguments.out),
        deliveries=arguments.deliveries,
        world=arguments.world,
        defects=not arguments.clean,
        fmt=arguments.fmt,
    )
    files = [
        {"file": name, "rows": rows, "sha256": result.sha256[name]}
        for name, rows in result.rows.items()
    ]
    text = cli_text.table([(each["file"], each["rows"]) for each in files], ("file", "rows"))
    return Answer(
        {
            "out": str(result.out),
            "files": files,
            "manifest": str(result.manifest),
            "seconds": result.seconds,
        },
        f"{text}\n  truth: {result.manifest}",
    )


def export(settings: Settings, arguments: Namespace) -> Answer:
    """A table under a privacy profile."""
    from pipeline.services.tables import export as service

    manifest = service.export(settings, arguments.table, Path(arguments.out), arguments.profile)
    return Answer(
        manifest,
        f"{cli_text.counted(manifest['rows'], 'row')} written to {manifest['file']} ({manifest['profile']})\n"
        f"  manifest: {manifest['manifest']}",
    )


def _frame(frame) -> Answer:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    if len(rows) == 1:
        return Answer({"rows": rows}, cli_text.table(list(rows[0].items()), ("feature", "value")))
    return Answer(
        {"rows": rows}, cli_text.table([tuple(row.values()) for row in rows], list(frame.columns))
    )
