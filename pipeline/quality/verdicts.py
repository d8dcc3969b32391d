"""What judging found for each file, added up slice by slice: fates, rules with their first line,
first bad cells.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import SourceContract
from pipeline.store.sqlite.statements import quoted, records

#: A rule shows its first cells, not all of them.
CELLS_A_RULE = 3
CELLS = 30
ORDER: Mapping[str, int] = {"quarantine": 0, "flag": 1}


@dataclass(frozen=True)
class RuleHits:
    """Rows of one file that fail one rule, and the physical line of the first."""

    rule_id: str
    rule_name: str
    column: str | None
    action: str
    rows: int
    first_line: int


@dataclass(frozen=True)
class BadCell:
    """A cell that fails a rule; `column` and `value` are those after mapping, None for a rule about
    the whole row.
    """

    line: int
    column: str | None
    value: str | None
    rule_id: str
    rule_name: str
    action: str


@dataclass(frozen=True)
class Verdict:
    """What the next build would make of the rows of one file: `fates` counts them by status."""

    rows: int
    fates: dict[str, int]
    rules: tuple[RuleHits, ...]
    cells: tuple[BadCell, ...]


class VerdictTally:
    """Feed it the bench after each slice, then ask for the verdict on a load."""

    def __init__(self, contract: SourceContract) -> None:
        self._contract = contract
        self._fates: dict[str, Counter[str]] = {}
        self._hits: dict[tuple[Any, ...], tuple[int, int]] = {}
        self._cells: dict[tuple[str, str], list[BadCell]] = {}

    def add(self, connection: Connection) -> None:
        """Count what `int_..._verdicts` holds now, of the files on the bench."""
        judged = f"temp.{quoted(f'int_{self._contract.entity}_verdicts')}"
        for load_id, status, rows in connection.execute(
            f"select _load_id, _status, count(*) from {judged} where _load_id like 'P%' group by 1, 2"
        ):
            self._fates.setdefault(load_id, Counter())[status] += rows
        failed = (
            f"from {judged} as judged, json_each(judged._failed) as failed "
            "where judged._load_id like 'P%' and judged._failed <> '[]'"
        )
        failure_columns = ", ".join(
            f"failed.value ->> '{field}' as {quoted(name)}"
            for name, field in (
                ("rule_id", "rule"),
                ("rule_name", "name"),
                ("column", "column"),
                ("action", "action"),
            )
        )
        for load_id, *rule, rows, line in connection.execute(
            f"select _load_id, {failure_columns}, count(*), min(judged._source_row_number) {failed} group by 1, 3, 5"
        ):
            known_rows, known_line = self._hits.get((load_id, *rule), (0, line))
            self._hits[(load_id, *rule)] = (known_rows + rows, min(known_line, line))
        values = " ".join(
            f"when {_text(column)} then {quoted(column)}" for column in self._contract.mapped
        )
        for cell in records(
            connection,
            f"""
                select _load_id, line, "column", case "column" {values} end as value, rule_id, rule_name, action from (
                    select judged.*, judged._source_row_number as line, {failure_columns},
                        row_number() over (partition by _load_id, failed.value ->> 'name' order by judged._source_row_number) as place
                    {failed})
                where place <= ?""",
            (CELLS_A_RULE,),
        ):
            of_rule = self._cells.setdefault((cell.pop("_load_id"), cell["rule_name"]), [])
            of_rule.append(BadCell(**cell))
            of_rule.sort(key=lambda key: key.line)
            del of_rule[CELLS_A_RULE:]

    def verdict(self, load_id: str) -> Verdict:
        """The verdict on one file."""
        fates = dict(self._fates.get(load_id, {}))
        hits = [
            RuleHits(rule_id, name, column, action, rows, line)
            for (load, rule_id, name, column, action), (rows, line) in self._hits.items()
            if load == load_id
        ]
        cells = [
            cell
            for (load, _), of_rule in self._cells.items()
            if load == load_id
            for cell in of_rule
        ]
        cells.sort(key=lambda cell: (cell.action != "quarantine", cell.line, cell.rule_name))
        hits.sort(key=lambda hit: (ORDER.get(hit.action, 2), -hit.rows, hit.rule_name))
        return Verdict(sum(fates.values()), fates, tuple(hits), tuple(cells[:CELLS]))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
