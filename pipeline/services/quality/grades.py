"""A grade for every gold table, from the verdicts on the deliveries that feed it, with the reason
in words.

The scale, by the share of the rows in force of any one feeding source that quarantine holds back
(the worst source counts):

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
from pipeline.services.catalogue import catalogue
from pipeline.services.quality import rules as quality_rules
from pipeline.services.quarantine import open_rows

LETTERS = ("A", "B", "C", "D", "F")
#: Highest share held back that still earns the letter.
SCALE = (("A", 0.0), ("B", 0.01), ("C", 0.05), ("D", 0.10))
WORST = "F"


@dataclass(frozen=True)
class Grade:
    """One gold table: its letter, why, the sources that feed it and the worst share held back (0 to
    1).
    """

    table: str
    grade: str
    reason: str
    sources: tuple[str, ...]
    held_share: float


def grades(settings: Settings) -> tuple[Grade, ...]:
    """Every gold table, worst first; empty before the first build."""
    waiting = open_rows.open_counts(settings)
    if not waiting:
        return ()
    rules, contents = quality_rules.rules(settings), catalogue.catalogue(settings)
    marts = [
        name
        for name, entry in contents.entries.items()
        if entry.layer == Layer.ENTERPRISE_DATASETS.label
    ]
    table_grades = [_grade(name, _sources(contents.edges, name), rules, waiting) for name in marts]
    return tuple(
        sorted(
            table_grades,
            key=lambda grade: (-LETTERS.index(grade.grade), -grade.held_share, grade.table),
        )
    )


def grade_of(
    rules: pd.DataFrame, sources: tuple[str, ...], waiting: dict[str, int]
) -> tuple[str, str, float]:
    """Letter, reason and worst share held back, of the verdicts (`quality.rules`) on some sources
    and their open rows.
    """
    own = rules[rules["entity"].isin(sources)]
    judged = own.groupby("entity")["rows_checked"].max().to_dict()
    broken, absent = (
        own[own["status"] == "error"],
        [source for source in sources if not judged.get(source)],
    )
    shares = {
        source: waiting.get(source, 0) / judged[source] for source in sources if judged.get(source)
    }
    worst = max(shares, key=shares.__getitem__, default=None)
    share = shares[worst] if worst else 0.0
    if len(broken):
        return WORST, f"{', '.join(sorted(set(broken['rule_id'])))} ended in an error", share
    if absent:
        return WORST, f"no row of {_named(absent)} is in force, so its rules do not apply", share
    letter = next((grade for grade, most in SCALE if share <= most), WORST)
    held = [
        f"{_named([source])}: {waiting[source]:,} of {judged[source]:,} rows wait ({shares[source] * 100:.1f} %)"
        for source in sorted(shares, key=shares.__getitem__, reverse=True)
        if shares[source]
    ]
    lowered = own[(own["status"] == "failed") & (own["stage"] == "table")]
    if len(lowered):
        letter = LETTERS[min(LETTERS.index(letter) + 1, len(LETTERS) - 1)]
        held.append(f"lowered by {', '.join(sorted(set(lowered['rule_id'])))}")
    warned = int((own["status"] == "warned").sum())
    remarks = f"; {warned} {'rule warns' if warned == 1 else 'rules warn'}" if warned else ""
    return letter, (", ".join(held) or "no row of its sources waits") + remarks, share


def _grade(
    table: str, sources: tuple[str, ...], rules: pd.DataFrame, waiting: dict[str, int]
) -> Grade:
    if not sources:
        return Grade(table, "A", "reference data; no delivery feeds it", (), 0.0)
    letter, reason, share = grade_of(rules, sources, waiting)
    return Grade(table, letter, reason, sources, share)


def _sources(edges: tuple[tuple[str, str], ...], table: str) -> tuple[str, ...]:
    above = catalogue.around(edges, table, len(edges))
    return tuple(entity for entity in source_names() if above.get(f"std_{entity}", 0) < 0)


def _named(sources: list[str]) -> str:
    return ", ".join(source.replace("_", " ") for source in sources)
