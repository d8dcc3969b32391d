"""features list, get, history, drift, audit: what the feature store holds, and how good it is."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, leaves, one_of, table_names, verb
from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.errors import HeldByGate

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.features.drift import FeatureDrift

feature_tables = one_of(lambda: table_names(Layer.FEATURE_STORE.label))


@click.group(
    "features",
    cls=Verbs,
    modules=("feature_files",),
    no_args_is_help=False,
    subcommand_metavar="VERB ...",
)
def features() -> None:
    """Look into the feature store."""


def table_argument(function: Callable) -> Callable:
    """One feature table."""
    return click.argument("table", metavar="TABLE", shell_complete=feature_tables)(function)


def as_known_at_option(function: Callable) -> Callable:
    """The moment as of which rows are known."""
    return click.option(
        "--as-known-at", metavar="MOMENT", help="UTC moment, YYYY-MM-DDTHH:MM:SSZ."
    )(function)


def joined_features(function: Callable) -> Callable:
    """Features of the store that are joined to the rows of the training set."""
    return click.option(
        "--feature",
        "references",
        multiple=True,
        metavar="REF",
        help="table:feature, or a table, as known before the delivery of a row; repeat it.",
    )(function)


@verb("list", features)
def list_tables(settings: Settings) -> Answer:
    """Every feature table with its features."""
    from pipeline.services.features import retrieval

    tables = retrieval.registry()
    parts = [
        text.table(
            [(feature.name, feature.dtype, feature.definition) for feature in table.features],
            ("feature", "type", "meaning"),
            f"{table.name} (key: {', '.join(table.key)})",
        )
        for table in tables
    ]
    return Answer(
        {"features": [asdict(table) for table in tables]},
        tuple(parts) or ("no feature table is declared",),
    )


@verb("get", features)
@table_argument
@click.argument("key", nargs=-1, required=True, metavar="KEY")
@leaves
def get(settings: Settings, table: str, key: tuple[str, ...], profile: str, reason: str) -> Answer:
    """The newest row of a key."""
    from pipeline.services.features import retrieval

    rows = retrieval.latest(settings, table, list(key))
    return _printed(settings, table, key, rows, profile, reason)


@verb("history", features)
@table_argument
@click.argument("key", nargs=-1, metavar="KEY")
@as_known_at_option
@leaves
def history(
    settings: Settings,
    table: str,
    key: tuple[str, ...],
    as_known_at: str | None,
    profile: str,
    reason: str,
) -> Answer:
    """All versions of a key, or what was known at a moment."""
    from pipeline.services.features import retrieval

    rows = retrieval.history(settings, table, list(key) or None, as_known_at)
    return _printed(settings, table, key, rows, profile, reason)


@verb("drift", features)
@click.option(
    "--table",
    metavar="TABLE",
    shell_complete=feature_tables,
    help="One feature table (default: all).",
)
@click.option(
    "--from",
    "from_moment",
    metavar="MOMENT",
    help="Reference (default: the snapshot before the newest).",
)
@click.option("--to", "to_moment", metavar="MOMENT", help="Snapshot judged (default: the newest).")
def drift(
    settings: Settings, table: str | None, from_moment: str | None, to_moment: str | None
) -> Answer:
    """Compare features as known at two moments; exit code 3 when one is beyond the gate."""
    from pipeline.services.features import drift as service

    report = service.drift(settings, table, from_moment, to_moment)
    parts: list[text.Part] = [
        text.table(
            [_drift_row(feature) for feature in moved.features],
            ("feature", "PSI", "by chance", "KS", "p", "missing", "mean shift", "verdict"),
            f"{moved.table}: {moved.verdict} ({text.moment(moved.from_moment)} to "
            f"{text.moment(moved.to_moment)}, {moved.entities_before:,} and "
            f"{moved.entities_now:,} entities)",
        )
        for moved in report.tables
    ]
    parts.append(
        f"{len(report.drifted)} beyond the gate: {', '.join(report.drifted)}"
        if report.drifted
        else report.status
    )
    return Answer(
        asdict(report) | {"drifted": list(report.drifted)},
        tuple(parts),
        HeldByGate.exit_code if report.status == "drifted" else 0,
    )


@verb("audit", features)
@click.option(
    "--worlds",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Copies of each kind of chance labels.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="Where the chance labels come from.",
)
@joined_features
def audit(settings: Settings, worlds: int, seed: int, references: tuple[str, ...]) -> Answer:
    """Attack the training set on copies with chance labels: does a column give the label away?"""
    from pipeline.services.features import leak_audit

    report = leak_audit.audit(settings, worlds, seed, references)
    named = ", ".join(f"{leak.attacker} ({leak.split})" for leak in report.leaks)
    return Answer(
        asdict(report)
        | {
            "attacks": [asdict(one) | {"p": one.p} for one in report.attacks],
            "leaks": [asdict(one) | {"p": one.p} for one in report.leaks],
        },
        (
            text.table(
                [
                    (
                        one.attacker,
                        one.split,
                        f"{one.auc:.3f}",
                        f"{one.standard_error:.3f}",
                        f"{one.p:.3f}",
                    )
                    for one in report.attacks
                ],
                ("attacker", "split", "AUC", "by chance ±", "p"),
                f"{text.counted(report.worlds, 'world')} of {report.rows:,} rows with {report.events:,} "
                "events each, labels by chance",
            ),
            f"the label leaks: {named}"
            if named
            else f"no leak (false alarm in {report.false_alarm:.1%} of audits)",
        ),
        HeldByGate.exit_code if report.leaks else 0,
    )


def _printed(
    settings: Settings,
    table: str,
    key: tuple[str, ...],
    frame: "pd.DataFrame",
    profile: str,
    reason: str,
) -> Answer:
    """Rows of a feature table under a profile, with their manifest, and whether it ever held the
    key that is asked for.
    """
    from pipeline.services.features import exports, retrieval
    from pipeline.services.run import runs

    frame, manifest = exports.printed(settings, table, frame, profile, runs.person(), reason)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    shown = (
        text.table(rows[0].items(), ("feature", "value"))
        if len(rows) == 1
        else text.table([tuple(row.values()) for row in rows], list(frame.columns))
    )
    unknown = int(bool(key) and not retrieval.is_known(settings, table, key))
    parts = (shown, *((f"{table} never held this key",) if unknown else ()))
    return Answer({"rows": rows, "unknown_keys": unknown, "manifest": manifest}, parts)


def _drift_row(feature: "FeatureDrift") -> tuple[str, ...]:
    missing = "" if feature.missing_now is None else f"{feature.missing_now:.1%}"
    return (
        feature.feature,
        _number(feature.psi),
        _number(feature.psi_by_chance),
        _number(feature.ks),
        _number(feature.ks_p),
        missing,
        _number(feature.mean_shift),
        "; ".join(feature.reasons) if feature.verdict == "drifted" else feature.verdict,
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
