"""Which sheet of a workbook is the delivered table."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from pipeline.errors import InputRefused
from pipeline.ingest import workbook
from pipeline.ingest.batches import Noticed
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.evidence import Alternative, Evidence, certain
from pipeline.ingest.header import HEADER_ROWS, locate
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.workbook import Sheet

#: So many sheets are named in a question or refusal.
NAMED = 12


@dataclass(frozen=True)
class SheetChoice:
    """The sheet to read, what speaks for it, and the question that is open when it could be
    another.
    """

    sheet: Sheet
    evidence: Evidence = Evidence()
    question: Question | None = None


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
    if wanted is not None:
        return SheetChoice(_named(delivery, inspection, wanted))
    filled = [sheet for sheet in inspection.sheets if sheet.width]
    if not filled:
        raise InputRefused(
            "is empty: no cell of the workbook holds anything",
            delivery.name,
            "deliver the file again",
        )
    visible = [sheet for sheet in filled if not sheet.is_hidden]
    if len(visible) == 1:
        return SheetChoice(visible[0], certain(_why_alone(inspection, filled)))
    if not visible:
        what = "holds its cells in hidden sheets only"
        return _open(what, filled)
    ours = [sheet for sheet in visible if _names_columns(delivery, inspection, sheet, is_known)]
    if len(ours) == 1:
        return SheetChoice(
            ours[0], certain(f"of {len(visible)} sheets the one that names known columns")
        )
    what = f"holds {len(ours) or len(visible)} sheets that could be the table"
    return _open(what, ours or visible)


def _why_alone(inspection: Inspection, filled: list[Sheet]) -> str:
    if len(filled) > 1:
        return "the only visible sheet with content"
    return "the only sheet with content" if len(inspection.sheets) > 1 else "the only sheet"


def _named(delivery: Delivery, inspection: Inspection, wanted: str) -> Sheet:
    for fits in (str, str.casefold):
        for sheet in inspection.sheets:
            if fits(sheet.name) == fits(wanted):
                return sheet
    names = ", ".join(sheet.name for sheet in inspection.sheets[:NAMED])
    raise InputRefused(
        f"has no sheet {wanted!r}", delivery.name, f"choose one of its sheets: {names}"
    )


def _open(what: str, candidates: list[Sheet]) -> SheetChoice:
    choices = tuple(
        Choice(
            sheet.name,
            f"{sheet.rows} rows, {sheet.width} columns{', hidden' if sheet.is_hidden else ''}",
        )
        for sheet in candidates[:NAMED]
    )
    other = Alternative(candidates[1].name, 0.5) if len(candidates) > 1 else None
    return SheetChoice(
        candidates[0], Evidence(0.5, (what,), other), Question("sheet", what, choices)
    )


def _names_columns(
    delivery: Delivery, inspection: Inspection, sheet: Sheet, is_known: Callable[[str], bool]
) -> bool:
    rows = workbook.rows(delivery, inspection.kind, sheet, Noticed(), None)
    sample = list(enumerate(islice(rows, HEADER_ROWS)))
    return locate(sample, is_known) is not None
