"""Corrections of cells, suggested repairs included: new values that the next build lays over raw,
which stays as delivered.
"""

from collections.abc import Mapping, Sequence

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.quality.suggestions import Suggestion
from pipeline.services.access.roles import DECIDE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.quarantine.checks import contract_of, editable_column, rows_that_exist
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.control.decisions import NewDecision


@needs(DECIDE)
def correct(
    settings: Settings,
    entity: str,
    row_ids: Sequence[str],
    changes: Mapping[str, str | None],
    reason: str,
    by: str | None = None,
    evidence: Sequence[str] = (),
) -> list[str]:
    """Record new values for columns of rows; the next build overlays them on raw, which stays as
    delivered.

    `changes` maps a column (mapped or delivered name) to its value, None or '' for empty. Returns
    the decision ids. Raises InputRefused for an unknown source, row or column, or without a reason;
    then nothing was recorded.
    """
    return correct_each(
        settings, entity, {row_id: changes for row_id in row_ids}, reason, by, evidence
    )


@needs(DECIDE)
def correct_each(
    settings: Settings,
    entity: str,
    repairs: Mapping[str, Mapping[str, str | None]],
    reason: str,
    by: str | None = None,
    evidence: Sequence[str] | Mapping[str, Sequence[str]] = (),
    since: str | None = None,
) -> list[str]:
    """As `correct`, with values of its own for every row (row id -> changes): all are recorded or
    none.

    `evidence` is that of all rows or by row id. `since` is the newest decision that the author has
    seen; raises InputRefused when somebody has decided on one of the rows after it.
    """
    return _correct(settings, entity, repairs, audit_text.reason(reason), by, evidence, since)


@needs(DECIDE)
def accept_suggestions(
    settings: Settings, accepted: Sequence[Suggestion], words: str = "", by: str | None = None
) -> list[str]:
    """Take suggested repairs of one source, all or none; returns the decision ids.

    What is recorded is the fact: which suggestion, how sure it was, and its evidence as it stood.
    `words` are those of the person, if there are any; none are made up. Raises InputRefused.
    """
    repairs: dict[str, dict[str, str | None]] = {}
    evidence: dict[str, list[str]] = {}
    for each in accepted:
        repairs.setdefault(each.row_id, {})[each.column] = each.new
        evidence.setdefault(each.row_id, []).extend(
            [
                f"suggestion {each.entity} {each.row_id} {each.column}, "
                f"confidence {each.confidence:.2f}",
                *each.evidence,
            ]
        )
    (entity,) = {each.entity for each in accepted}
    return _correct(settings, entity, repairs, audit_text.words(words), by, evidence, None)


def _correct(
    settings: Settings,
    entity: str,
    repairs: Mapping[str, Mapping[str, str | None]],
    reason: str,
    by: str | None,
    evidence: Sequence[str] | Mapping[str, Sequence[str]],
    since: str | None,
) -> list[str]:
    contract = contract_of(entity)
    if not all(repairs.values()):
        raise InputRefused(
            "says no column", f"correction of {entity}", "write it as --set COLUMN=VALUE"
        )
    changes_by_row = {
        row_id: {
            editable_column(contract, column): audit_text.value(value)
            for column, value in changes.items()
        }
        for row_id, changes in repairs.items()
    }
    old = rows_that_exist(
        settings,
        contract,
        list(changes_by_row),
        tuple(dict.fromkeys(column for values in changes_by_row.values() for column in values)),
    )
    evidence_by_row = (
        evidence if isinstance(evidence, Mapping) else dict.fromkeys(changes_by_row, evidence)
    )
    new = [
        NewDecision(
            "correct",
            entity,
            row_id,
            reason,
            audit_text.author(by),
            column_name=column,
            old_value=old[row_id][column],
            new_value=value,
            evidence=tuple(evidence_by_row.get(row_id, ())),
        )
        for row_id, values in changes_by_row.items()
        for column, value in values.items()
    ]
    with open_control(settings) as control:
        return decisions.record(control, new, since)
