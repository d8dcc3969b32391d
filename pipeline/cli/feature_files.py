"""features export, historical, training, push: features as files, or in a feature store."""

from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, leaves, verb
from pipeline.cli.features import as_known_at_option, features, joined_features, table_argument
from pipeline.config import Settings


@verb("export", features)
@table_argument
@click.option("--out", required=True, metavar="FILE", type=PATH, help="Parquet or CSV to write.")
@as_known_at_option
@leaves
def export(
    settings: Settings, table: str, out: str, as_known_at: str | None, profile: str, reason: str
) -> Answer:
    """Write a feature table to Parquet, or CSV by the ending, under a privacy profile."""
    from pipeline.services.features import exports
    from pipeline.services.run import runs

    manifest = exports.export(
        settings, Path(out), table, as_known_at, profile, runs.person(), reason
    )
    return Answer(manifest, (_written(manifest, out),))


@verb("historical", features)
@click.argument("entities", metavar="FILE", type=PATH)
@click.option(
    "--feature",
    "references",
    multiple=True,
    required=True,
    metavar="REF",
    help="table:feature, or a table for all its features; repeat it.",
)
@click.option(
    "--moment",
    default="event_timestamp",
    metavar="COLUMN",
    help="Column that holds the moments.",
)
@click.option("--full-names", is_flag=True, help="Name the columns table__feature.")
@click.option("--out", required=True, metavar="OUT", type=PATH, help="Parquet or CSV to write.")
@leaves
def historical(
    settings: Settings,
    entities: str,
    references: tuple[str, ...],
    moment: str,
    full_names: bool,
    out: str,
    profile: str,
    reason: str,
) -> Answer:
    """Join features to a file of entity keys, each as known at its row's moment.

    FILE is CSV or Parquet with the entity keys and a moment a row.
    """
    from pipeline.services.features import exports
    from pipeline.services.run import runs

    answer, unknown, manifest = exports.historical(
        settings,
        list(references),
        Path(entities),
        Path(out),
        moment=moment,
        full_names=full_names,
        profile=profile,
        author=runs.person(),
        note=reason,
    )
    missing = [
        f"{count:,} of them ask for a key that {table} never held"
        for table, count in unknown.items()
        if count
    ]
    return Answer(
        {
            "file": out,
            "rows": len(answer),
            "columns": list(answer.columns),
            "unknown_keys": unknown,
            "profile": profile,
            "manifest": manifest["manifest"],
        },
        ("\n".join([_written(manifest, out), *missing]),),
    )


@verb("training", features)
@click.option(
    "--mature-only",
    is_flag=True,
    help="Rows whose label a later delivery of events has confirmed.",
)
@click.option(
    "--without-outcomes",
    is_flag=True,
    help="Facts of encounters alone, without label; the way where adverse events are absent.",
)
@click.option("--out", required=True, metavar="FILE", type=PATH, help="Parquet or CSV to write.")
@as_known_at_option
@joined_features
@leaves
def training(
    settings: Settings,
    mature_only: bool,
    without_outcomes: bool,
    out: str,
    as_known_at: str | None,
    references: tuple[str, ...],
    profile: str,
    reason: str,
) -> Answer:
    """Write the training set for adverse events: features known before, label, groups."""
    from pipeline.services.features import training as service
    from pipeline.services.run import runs

    rows, manifest = service.export(
        settings,
        Path(out),
        as_known_at,
        mature_only,
        profile,
        runs.person(),
        reason,
        without_outcomes,
        references,
    )
    if without_outcomes:
        document = {"file": out, "rows": len(rows), "columns": list(rows.columns)}
        return Answer(
            document | {"profile": profile, "manifest": manifest["manifest"]},
            (f"{text.counted(len(rows), 'row')} without outcomes written to {out}",),
        )
    document = {
        "file": out,
        "rows": len(rows),
        "events": int(rows[service.LABEL].sum()),
        "mature_rows": int(rows["is_label_mature"].sum()),
        "groups": int(rows[service.GROUP].nunique()),
        "columns": list(rows.columns),
        "profile": profile,
        "manifest": manifest["manifest"],
    }
    return Answer(
        document,
        (
            f"{text.counted(len(rows), 'row')} ({document['mature_rows']:,} mature, "
            f"{document['events']:,} with an event, {document['groups']:,} providers) "
            f"written to {out}",
        ),
    )


@verb("push", features)
@click.option(
    "--store",
    metavar="CONFIG",
    type=PATH,
    help="YAML with online_store of Feast (default: the setting feast_store, else SQLite).",
)
@leaves
def push(settings: Settings, store: str | None, profile: str, reason: str) -> Answer:
    """Hand the feature store to Feast: Parquet, definitions, online values."""
    from pipeline.services.features import feast_push
    from pipeline.services.run import runs

    result = feast_push.push(
        settings, Path(store) if store else None, profile, runs.person(), reason
    )
    parts: list[text.Part] = [
        text.table(
            [(view.view, ", ".join(view.key), view.keys, view.rows) for view in result.tables],
            ("feature view", "key", "keys online", "rows offline"),
        ),
        f"online store {result.online_store}, repository {result.repository}, "
        f"{result.seconds:.1f} s",
    ]
    if result.left_out:
        parts.append(
            f"not pushed under {result.profile}: {', '.join(result.left_out)} "
            "(keyed by a patient; --profile internal)"
        )
    return Answer(asdict(result), tuple(parts))


def _written(manifest: dict, out: str) -> str:
    return (
        f"{text.counted(manifest['rows'], 'row')} written to {out} ({manifest['profile']})\n"
        f"  manifest: {manifest['manifest']}"
    )
