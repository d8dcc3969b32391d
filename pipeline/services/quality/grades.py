"""A grade for every gold table, from the verdicts on the deliveries that feed it, with the reason
in words.

The scale, by the failing share of the worst feeding source: its rows that quarantine holds back and
those that were rejected, by a person or as unreadable, of all that are judged or rejected.
Rejecting what waits empties the inbox and mends nothing, so it leaves the grade:

    A   none
    B   at most 1 %
    C   at most 5 %
    D   at most 10 %
    F   more than 10 %, or a rule ended in an error, or a feeding source has no row, so that its
    rules do not apply

A failed check of a whole table lowers the grade by one letter. Warnings do not lower it: such rows
are in the table; the reason counts them.
"""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.declared.sources import source_names
from pipeline.quality.ledger import ledger_by_entity
from pipeline.services.catalogue import catalogue
from pipeline.services.quality import rules as quality_rules
from pipeline.services.quarantine import open_rows
from pipeline.services.tables.bookkeeping import open_bookkeeping

LETTERS = ("A", "B", "C", "D", "F")
#: Highest failing share that still earns the letter.
SCALE = (("A", 0.0), ("B", 0.01), ("C", 0.05), ("D", 0.10))
WORST = "F"


@dataclass(frozen=True)
class Grade:
    """One gold table: its letter, why, the sources that feed it and the worst failing share (0 to
    1).
    """

    table: str
    grade: str
    reason: str
    sources: tuple[str, ...]
    failing_share: float


def grades(settings: Settings) -> tuple[Grade, ...]:
    """Every gold table, worst first; empty before the first build."""
    waiting = open_rows.open_counts(settings)
    if not waiting:
        return ()
    rejected = _rejected(settings)
    rules, contents = quality_rules.rules(settings), catalogue.catalogue(settings)
    marts = [
        name
        for name, entry in contents.entries.items()
        if entry.layer == Layer.ENTERPRISE_DATASETS.label
    ]
    table_grades = [
        _grade(name, _sources(contents.edges, name), rules, waiting, rejected) for name in marts
    ]
    return tuple(
        sorted(
            table_grades,
            key=lambda grade: (-LETTERS.index(grade.grade), -grade.failing_share, grade.table),
        )
    )


def of_sources(settings: Settings, name: str, sources: tuple[str, ...]) -> Grade | None:
    """The grade of what rests on some sources alone, such as a column; None before the first
    build.
    """
    waiting = open_rows.open_counts(settings)
    if not waiting:
        return None
    return _grade(name, sources, quality_rules.rules(settings), waiting, _rejected(settings))


def _rejected(settings: Settings) -> dict[str, int]:
    with open_bookkeeping(settings) as connection:
        return {row.entity: row.rejected for row in ledger_by_entity(connection, source_names())}


def grade_of(
    rules: pd.DataFrame,
    sources: tuple[str, ...],
    waiting: dict[str, int],
    rejected: dict[str, int] | None = None,
) -> tuple[str, str, float]:
    """Letter, reason and worst failing share, of the verdicts (`quality.rules`) on some sources,
    their open rows and their rejected rows.
    """
    own = rules[rules["entity"].isin(sources)]
    judged = own.groupby("entity")["rows_checked"].max().to_dict()
    gone = rejected or {}
    broken, absent = (
        own[own["status"] == "error"],
        [source for source in sources if not judged.get(source)],
    )
    failing = {source: waiting.get(source, 0) + gone.get(source, 0) for source in sources}
    shares = {
        source: failing[source] / (judged[source] + gone.get(source, 0))
        for source in sources
        if judged.get(source)
    }
    worst = max(shares, key=shares.__getitem__, default=None)
    share = shares[worst] if worst else 0.0
    if len(broken):
        return WORST, f"{', '.join(sorted(set(broken['rule_id'])))} ended in an error", share
    if absent:
        return WORST, f"no row of {_named(absent)} is in force, so its rules do not apply", share
    letter = next((grade for grade, most in SCALE if share <= most), WORST)
    held = [
        f"{_named([source])}: {_failing(waiting.get(source, 0), gone.get(source, 0), judged[source])} "
        f"({shares[source] * 100:.1f} %)"
        for source in sorted(shares, key=shares.__getitem__, reverse=True)
        if shares[source]
    ]
    lowered = own[(own["status"] == "failed") & (own["stage"] == "table")]
    if len(lowered):
        letter = LETTERS[min(LETTERS.index(letter) + 1, len(LETTERS) - 1)]
        held.append(f"lowered by {', '.join(sorted(set(lowered['rule_id'])))}")
    warned = int((own["status"] == "warned").sum())
    remarks = f"; {warned} {'rule warns' if warned == 1 else 'rules warn'}" if warned else ""
    return (
        letter,
        (", ".join(held) or "no row of its sources waits or was rejected") + remarks,
        share,
    )


def _failing(waiting: int, rejected: int, judged: int) -> str:
    """`54 of 1,000 rows wait`, `54 waiting and 3 rejected of 1,003 rows`."""
    if not rejected:
        return f"{waiting:,} of {judged:,} rows {'waits' if waiting == 1 else 'wait'}"
    return f"{waiting:,} waiting and {rejected:,} rejected of {judged + rejected:,} rows"


def _grade(
    table: str,
    sources: tuple[str, ...],
    rules: pd.DataFrame,
    waiting: dict[str, int],
    rejected: dict[str, int],
) -> Grade:
    if not sources:
        return Grade(table, "A", "reference data; no delivery feeds it", (), 0.0)
    letter, reason, share = grade_of(rules, sources, waiting, rejected)
    return Grade(table, letter, reason, sources, share)


def _sources(edges: tuple[tuple[str, str], ...], table: str) -> tuple[str, ...]:
    above = catalogue.around(edges, table, len(edges))
    return tuple(entity for entity in source_names() if above.get(f"std_{entity}", 0) < 0)


def _named(sources: list[str]) -> str:
    return ", ".join(source.replace("_", " ") for source in sources)
