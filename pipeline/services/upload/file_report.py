"""What was found out about one file before it is loaded, as plain data with patient values
masked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.declared.sources import Rule, SourceContract
from pipeline.privacy.masking import masked_value, sensitive_columns
from pipeline.privacy.misplaced_values import without_misplaced, word_columns
from pipeline.quality.differences import TOP, ChangedCell, ColumnProfile, Difference
from pipeline.quality.preflight import waiting_rules
from pipeline.quality.verdicts import Verdict

#: Class of columns whose values are shown unless they look like another column's.
WORDS = "words"


@dataclass(frozen=True)
class FileReport:
    """One file judged before it is loaded.

    `is_whole` is False when only its first `rows` rows were judged; `fates` counts rows by what the
    next build would make of them; `waits` are rules that only a build can judge, `unproven` those
    left out because not all rows of a parent are known; `aside` names loads of its source that wait
    for a build and are not compared with; `held` says that the load would wait at the batch gate.
    `difference` is None where nothing is known to compare with; `is_list` says that a delivered row
    is a list, of which each entry is judged. `lines` counts the physical lines (elements of JSON)
    that were read by their part of the file, `line_total` all of them.
    """

    tray_id: str
    entity: str
    rows: int
    is_whole: bool
    fates: dict[str, int]
    rules: list[dict]
    cells: list[dict]
    rejected: int
    rejects: list[dict]
    profile: list[dict]
    difference: dict | None
    waits: list[str]
    held: bool
    seconds: float = 0.0
    unproven: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    is_list: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    line_total: int = 0


def report(
    tray_id: str,
    contract: SourceContract,
    verdict: Verdict,
    profiled: Sequence[ColumnProfile],
    compared: Difference,
    unproven: Sequence[str],
    as_of: str | None,
    **known: Any,
) -> FileReport:
    """The report on one file; `unproven` are names of rules of which nothing can be said, `known`
    the other fields.
    """
    rules = {rule.name: rule for rule in contract.rules}
    table = f"row_verdicts_{contract.entity}"
    masked = dict.fromkeys(word_columns(contract), WORDS) | dict.fromkeys(
        sensitive_columns(table), table
    )
    return FileReport(
        tray_id,
        contract.entity,
        fates=verdict.fates,
        rules=[
            asdict(hit) | _explained(rules[hit.rule_name])
            for hit in verdict.rules
            if hit.rule_name not in unproven
        ],
        cells=[
            asdict(cell) | {"value": _visible_value(cell.value, cell.column, masked, as_of)}
            for cell in verdict.cells
            if cell.rule_name not in unproven
        ],
        profile=[_profile(column, masked, as_of, verdict.rows) for column in profiled],
        difference=_difference(compared, masked, as_of),
        waits=list(waiting_rules(contract)),
        unproven=[rules[name].rule_id for name in unproven],
        is_list=contract.listed is not None,
        **known,
    )


def _explained(rule: Rule) -> dict[str, str]:
    return {"why": rule.why, "remedy": rule.remedy}


def _profile(
    profile: ColumnProfile, masked: Mapping[str, str], as_of: str | None, rows: int
) -> dict:
    """Counts of one column; of its values the range of amounts, or the commonest, masked before
    they are counted.
    """
    counts: dict[str, int] = {}
    for value, count in profile.top:
        visible_value = _visible_value(value, profile.column, masked, as_of) or ""
        counts[visible_value] = counts.get(visible_value, 0) + count
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    if profile.filled and profile.distinct == profile.filled:
        summary = "every value different"
    elif profile.low is not None and profile.high is not None:
        summary = f"{profile.low:,.2f} to {profile.high:,.2f}"
    else:
        summary = ", ".join(f"{value} ({count:,})" for value, count in most)
    return {
        "column": profile.column,
        "filled": profile.filled / rows if rows else None,
        "empty": rows - profile.filled,
        "distinct": profile.distinct,
        "values": summary,
    }


def _difference(difference: Difference, masked: Mapping[str, str], as_of: str | None) -> dict:
    return asdict(difference) | {
        "sample": [
            {
                "line": cell.line,
                "key": ", ".join(
                    _visible_value(value, name, masked, as_of) or "empty"
                    for name, value in cell.key.items()
                ),
                "column": cell.column,
                "old": _visible_value(cell.old, cell.column, masked, as_of) or "empty",
                "new": _new_value(cell, masked, as_of),
            }
            for cell in difference.sample
        ]
    }


def _new_value(cell: ChangedCell, masked: Mapping[str, str], as_of: str | None) -> str:
    """The new value; where its mask is that of the old one, it says that the value behind it is
    another.
    """
    visible_value = _visible_value(cell.new, cell.column, masked, as_of) or "empty"
    return (
        f"{visible_value} (another value)"
        if visible_value == _visible_value(cell.old, cell.column, masked, as_of)
        else visible_value
    )


def _visible_value(
    value: str | None, column: str | None, masked: Mapping[str, str], as_of: str | None
) -> str | None:
    """A cell as screens show it; `masked` are masked column -> its table, or WORDS."""
    if value is None or column is None:
        return value
    if column in masked:
        return (
            masked_value(value, masked[column], column, as_of)
            if masked[column] != WORDS
            else without_misplaced(value)
        )
    return value
