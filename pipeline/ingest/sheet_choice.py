"""Which sheet of a workbook, or list of a JSON document, is the delivered table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from pipeline.errors import InputRefused
from pipeline.ingest import workbook
from pipeline.ingest.batches import Noticed
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.evidence import Alternative, Evidence, certain
from pipeline.ingest.header import HEADER_ROWS, locate
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.json_lists import JsonList
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.workbook import Sheet

#: So many sheets are named in a question or refusal.
NAMED = 12


@dataclass(frozen=True)
class SheetChoice:
    """The sheet of a workbook to read, or the list of a JSON document; what speaks for it; the
    question that is open when it could be another; and all that there are.
    """

    sheet: Sheet
    evidence: Evidence = Evidence()
    question: Question | None = None
    sheets: tuple[Sheet, ...] = ()


def choose_sheet(
    delivery: Delivery,
    inspection: Inspection,
    is_known: Callable[[str], bool],
    wanted: str | None = None,
) -> SheetChoice:
    """The sheet that somebody named, or else the only one with content, or the only one that names
    known columns; hidden sheets are read when they are named. Raises InputRefused when there is no
    sheet to read.
    """

    def names_columns(sheet: Sheet) -> bool:
        rows = workbook.rows(delivery, inspection.kind, sheet, Noticed(), None)
        return locate(list(enumerate(islice(rows, HEADER_ROWS))), is_known) is not None

    if wanted is None and not any(sheet.width for sheet in inspection.sheets):
        raise InputRefused(
            "is empty: no cell of the workbook holds anything",
            delivery.name,
            "deliver the file again",
        )
    return _chosen(delivery, inspection.sheets, "sheet", names_columns, wanted)


def choose_list(
    delivery: Delivery,
    lists: Sequence[JsonList],
    is_known: Callable[[str], bool],
    wanted: str | None = None,
) -> SheetChoice:
    """The same among the lists of a JSON document (one or more), as if they were sheets."""
    names = {each.path: list(each.names) for each in lists}

    def names_columns(sheet: Sheet) -> bool:
        return locate([(0, names[sheet.name])], is_known) is not None

    sheets = tuple(Sheet(each.path, each.elements, len(each.names)) for each in lists)
    return _chosen(delivery, sheets, "list", names_columns, wanted)


def _chosen(
    delivery: Delivery,
    sheets: tuple[Sheet, ...],
    kind: str,
    names_columns: Callable[[Sheet], bool],
    wanted: str | None,
) -> SheetChoice:
    if wanted is not None:
        return SheetChoice(_named(delivery, sheets, kind, wanted), sheets=sheets)
    filled = [sheet for sheet in sheets if sheet.width] or list(sheets)
    visible = [sheet for sheet in filled if not sheet.is_hidden]
    if len(visible) == 1:
        why = certain(_why_alone(sheets, filled, kind))
        return SheetChoice(visible[0], why, sheets=sheets)
    if not visible:
        return _open(f"holds its cells in hidden {kind}s only", filled, sheets)
    ours = list(filter(names_columns, visible))
    if len(ours) == 1:
        why = certain(f"of {len(visible)} {kind}s the one that names known columns")
        return SheetChoice(ours[0], why, sheets=sheets)
    what = f"holds {len(ours) or len(visible)} {kind}s that could be the table"
    return _open(what, ours or visible, sheets)


def _why_alone(sheets: Sequence[Sheet], filled: Sequence[Sheet], kind: str) -> str:
    if len(filled) > 1:
        return f"the only visible {kind} with content"
    return f"the only {kind} with content" if len(sheets) > 1 else f"the only {kind}"


def _named(delivery: Delivery, sheets: Sequence[Sheet], kind: str, wanted: str) -> Sheet:
    for fits in (str, str.casefold):
        for sheet in sheets:
            if fits(sheet.name) == fits(wanted):
                return sheet
    names = ", ".join(sheet.name for sheet in sheets[:NAMED])
    raise InputRefused(
        f"has no {kind} {wanted!r}", delivery.name, f"choose one of its {kind}s: {names}"
    )


def _open(what: str, candidates: list[Sheet], sheets: tuple[Sheet, ...]) -> SheetChoice:
    choices = tuple(
        Choice(
            sheet.name,
            f"{sheet.rows} rows, {sheet.width} columns{', hidden' if sheet.is_hidden else ''}",
        )
        for sheet in candidates[:NAMED]
    )
    other = Alternative(candidates[1].name, 0.5) if len(candidates) > 1 else None
    question = Question("sheet", what, choices, more=len(candidates) - len(choices))
    return SheetChoice(candidates[0], Evidence(0.5, (what,), other), question, sheets)
