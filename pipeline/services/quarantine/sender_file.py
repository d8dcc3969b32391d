"""A workbook for the sender: the rows that wait as they were read, each wrong cell marked with
what is wrong and which form is expected. Corrected in place, it can be delivered as it is. The
reply to one file also lists its lines that were no row.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.sources import Column, Rule, SourceContract
from pipeline.errors import InputRefused
from pipeline.quality.waiting_rows import GATE_KIND
from pipeline.services.access.roles import EXPORT, needs
from pipeline.services.quarantine.checks import contract_of
from pipeline.services.tables import screen_downloads
from pipeline.services.tables.screen_downloads import Annotated
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import loads, open_rows, raw_tables
from pipeline.store.warehouse.open_rows import RowSearch

#: Rows of one workbook; a spreadsheet with more comments hardly opens.
ROWS = 20_000
TITLES = ("To correct", "What is wrong")
EVERY = RowSearch()
#: How a column is cleaned -> the form that is always understood.
FORMS = {
    "date": "a day as YYYY-MM-DD, for example 1958-03-09",
    "money": "US dollars as a number, for example 1200.50",
}
NOTE = "for the sender, to be corrected and delivered again"


@dataclass(frozen=True)
class Reply:
    """What the reply to a file would hold: `rows` that wait and `lines` that were no row; `why_not`
    says why there is none, empty where there is.
    """

    load_id: str
    rows: int
    lines: int
    why_not: str


def refusal(entity: str, rows: int) -> str:
    """Why so many rows of a source cannot be sent back in one workbook; empty where they can."""
    if contract_of(entity).write_disposition == "replace":
        return (
            "A delivery of this source replaces whole lists, so single entries cannot be sent back: "
            "ask the sender for the lists."
        )
    if rows > ROWS:
        return f"A workbook holds {ROWS:,} rows at most: choose a reason or a text, and make one of each."
    return ""


@needs(EXPORT)
def workbook(settings: Settings, entity: str, author: str, search: RowSearch = EVERY) -> bytes:
    """The open rows of a kind as a workbook, recorded as internal. Raises InputRefused for a source
    whose rows cannot be delivered by themselves, and for more rows than a workbook takes.
    """
    return _workbook(settings, entity, author, search, f"quarantine_{entity}", [])


def to_reply(settings: Settings, load_id: str) -> Reply:
    """What the reply to a file would hold, as the last build judged it."""
    with open_warehouse(settings) as connection:
        entity = loads.get(connection, load_id)["entity"]
        verdicts = has_relation(connection, f"row_verdicts_{entity}")
        rows = open_rows.count(connection, entity, _of_load(load_id)) if verdicts else 0
        lines = len(raw_tables.rejects(connection, load_id))
    why_not = refusal(entity, rows)
    if not rows + lines and not why_not:
        why_not = "Nothing of this file waits, and each of its lines is a row."
    return Reply(load_id, rows, lines, why_not)


@needs(EXPORT)
def reply(settings: Settings, load_id: str, author: str) -> bytes:
    """The reply to one file as a workbook, recorded as internal: its rows that wait, and its lines
    that were no row. Raises InputRefused where there is none.
    """
    if why_not := to_reply(settings, load_id).why_not:
        raise InputRefused("has no reply", load_id, why_not)
    with open_warehouse(settings) as connection:
        load = loads.get(connection, load_id)
        rejects = raw_tables.rejects(connection, load_id)
    findings = [
        {
            "file": load["source_file"],
            "line": f"{line}",
            "in column": "whole line",
            "what is wrong": f"The line is no row: {reason}.",
            "what to do": "Correct the line and deliver it again.",
        }
        for line, reason in rejects
    ]
    entity, search = load["entity"], _of_load(load_id)
    return _workbook(settings, entity, author, search, f"reply_{load_id}", findings)


def _of_load(load_id: str) -> RowSearch:
    return RowSearch(load_ids=(load_id,))


def _workbook(
    settings: Settings,
    entity: str,
    author: str,
    search: RowSearch,
    name: str,
    of_lines: list[dict[str, Any]],
) -> bytes:
    contract = contract_of(entity)
    columns = {column.name: column.delivered for column in contract.columns if column.delivered}
    with open_warehouse(settings) as connection:
        if why := refusal(entity, open_rows.count(connection, entity, search)):
            raise InputRefused("cannot be sent back as a workbook", entity, why)
        waiting = open_rows.page(connection, entity, list(columns), search, ROWS)
    rows = pd.DataFrame(
        [[row[name] for name in columns] for row in waiting], columns=list(columns), dtype=object
    ).rename(columns=columns)
    # that a load waits at the gate is no fault of a row
    rules = {rule.name: rule for rule in contract.rules if rule.kind != GATE_KIND}
    findings: list[dict[str, Any]] = []
    marks: dict[tuple[int, str], str] = {}
    for position, row in enumerate(waiting):
        for failure in json.loads(row["_failed"]):
            rule = rules.get(failure["name"])
            if rule is None or failure["action"] != "quarantine":
                continue
            finding = _finding(contract, row, rule)
            findings.append({"row": position + 2, **finding})
            if delivered := columns.get(failure["column"] or ""):
                text = f"{finding['what is wrong']} {finding['what to do']}".strip()
                known = marks.get((position, delivered))
                marks[position, delivered] = f"{known}\n{text}" if known else text
    found = pd.DataFrame([*findings, *of_lines], dtype=object)
    content = Annotated(rows, marks, found, TITLES)
    return screen_downloads.annotated(settings, content, name, author, NOTE)


def _finding(contract: SourceContract, row: Mapping[str, Any], rule: Rule) -> dict[str, str]:
    """What is wrong with a row, in words for somebody who knows none of our rules."""
    column = next((each for each in contract.columns if each.name == rule.column), None)
    form = _form(rule, column)
    expected = f" Expected: {form}." if form else ""
    return {
        "file": row["_source_file"],
        "line": f"{row['_source_row_number']}",
        "in column": (column.delivered if column else None) or "whole row",
        "rule": rule.rule_id,
        "what is wrong": rule.why,
        "what to do": f"{rule.remedy}{expected}",
    }


def _form(rule: Rule, column: Column | None) -> str:
    """Which form a cell should have; empty where the remedy says it all."""
    if values := rule.arguments.get("values"):
        return f"one of {', '.join(map(str, values))}"
    return FORMS.get(column.cleaning or "", "") if column else ""
