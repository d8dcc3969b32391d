"""What a model needs of the feature store: features drift, features training."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from pipeline.cli import text
from pipeline.cli.verbs import Answer
from pipeline.config import Settings
from pipeline.errors import HeldByGate


def features_drift(settings: Settings, arguments: Namespace) -> Answer:
    """Features that moved between two snapshots."""
    from pipeline.services.features import drift

    report = drift.drift(settings, arguments.table, arguments.from_moment, arguments.to_moment)
    parts = [
        text.section(
            f"{each.table}: {each.verdict} ({text.moment(each.from_moment)} to {text.moment(each.to_moment)}, "
            f"{each.entities_before:,} and {each.entities_now:,} entities)",
            text.table(
                [_row(feature) for feature in each.features],
                ("feature", "PSI", "by chance", "KS", "p", "missing", "mean shift", "verdict"),
            ),
        )
        for each in report.tables
    ]
    parts.append(
        f"{len(report.drifted)} beyond the gate: {', '.join(report.drifted)}"
        if report.drifted
        else f"{report.status}"
    )
    document = asdict(report) | {"drifted": list(report.drifted)}
    return Answer(
        document, "\n\n".join(parts), HeldByGate.exit_code if report.status == "drifted" else 0
    )


def features_training(settings: Settings, arguments: Namespace) -> Answer:
    """The training set as a file."""
    from pipeline.services.features import training

    rows = training.export(
        settings, Path(arguments.out), arguments.as_known_at, arguments.mature_only
    )
    document = {
        "file": arguments.out,
        "rows": len(rows),
        "events": int(rows[training.LABEL].sum()),
        "mature_rows": int(rows["label_mature"].sum()),
        "groups": int(rows[training.GROUP].nunique()),
        "columns": list(rows.columns),
    }
    return Answer(
        document,
        f"{text.counted(len(rows), 'row')} ({document['mature_rows']:,} mature, "
        f"{document['events']:,} with an event, {document['groups']:,} providers) written to {arguments.out}",
    )


def _row(feature) -> tuple[str, ...]:
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
