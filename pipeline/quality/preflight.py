"""Judge files before they are loaded, by the statements of the last build, together: parents before their children.

What is judged is what the next build would judge row by row; rules that look across sources after promotion, and verdicts on
whole tables, wait for the build.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from pipeline.contracts import SourceContract
from pipeline.quality import scratch
from pipeline.store import raw_tables
from pipeline.store.clock import utc_now
from pipeline.store.statements import quoted, records

#: A rule shows its first cells, not all of them.
CELLS_A_RULE = 3
CELLS = 30
JUDGED_STAGE = "before_promotion"


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
    """A cell that fails a rule; `column` and `value` are those after mapping, None for a rule about the whole row."""

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


def set_up(connection: Connection) -> None:
    """An empty bench with the loads of the warehouse on it."""
    scratch.clear(connection)
    scratch.put_like(connection, "ops_loads", "select * from main.ops_loads")


def take_rows(connection: Connection, contract: SourceContract, name: str, batches: Iterable[Iterable[Sequence]]) -> str:
    """Put the rows of a file on the bench as a load that is not one; returns its id. Rows are as `raw_tables.insert` wants."""
    if not connection.execute("select 1 from sqlite_temp_master where name = ?", (contract.raw_table,)).fetchone():
        scratch.put_like(connection, contract.raw_table)
    (number,) = connection.execute("select coalesce(max(load_seq), 0) + 1 from temp.ops_loads").fetchone()
    load_id, now = f"P{number:05d}", utc_now()
    connection.execute("insert into temp.ops_loads (load_seq, load_id, entity, source_file, sha256, status, gate, loaded_at) "
                       "values (?, ?, ?, ?, '', 'loaded', 'open', ?)", (number, load_id, contract.entity, name, now))
    for rows in batches:
        raw_tables.insert(connection, contract.raw_table, contract.delivered, rows, load_id, name, now)
    return load_id


def judge(connection: Connection, compiled_dir: Path, contract: SourceContract, children: Iterable[SourceContract]) -> None:
    """Judge the rows of one source that are on the bench; `children` then find its promoted rows beside those of the warehouse."""
    entity = contract.entity
    scratch.lay_out(connection, compiled_dir, entity)
    connection.execute(f"insert into temp.{quoted(f'mapped_{entity}')} {scratch.runnable(connection, compiled_dir, entity, 'mapped')}")
    scratch.scope(connection, compiled_dir, entity)
    scratch.add_relatives(connection, entity)
    scratch.scope(connection, compiled_dir, entity)
    scratch.judge(connection, compiled_dir, entity)
    connection.execute(f"create index temp.{quoted(f'ix_judged_load_{entity}')} on {quoted(f'judged_{entity}')} (_load_id, _key)")
    parent = f"promoted_{entity}"
    fields = {rule.arguments["field"] for child in children for rule in child.rules if rule.arguments.get("parent") == parent}
    for field in fields:
        connection.execute(
            f"create temp table {quoted(parent)} as select {quoted(field)} from main.{quoted(parent)} "
            f"union select {quoted(field)} from temp.{quoted(f'judged_{entity}')} where _status = 'promoted'")
        connection.execute(f"create index temp.{quoted(f'ix_{parent}_{field}')} on {quoted(parent)} ({quoted(field)})")


def verdict(connection: Connection, contract: SourceContract, load_id: str) -> Verdict:
    """What `judge` found for one file."""
    judged = f"temp.{quoted(f'judged_{contract.entity}')}"
    fates = dict(connection.execute(f"select _status, count(*) from {judged} where _load_id = ? group by 1", (load_id,)))
    failed = (f"from {judged} as judged, json_each(judged._failed) as failed "
              "where judged._load_id = ? and judged._failed <> '[]'")
    hits = records(connection, "select failed.value ->> 'rule' as rule_id, failed.value ->> 'name' as rule_name, "
                               "failed.value ->> 'column' as \"column\", failed.value ->> 'action' as action, count(*) as rows, "
                               f"min(judged._source_row_number) as first_line {failed} group by 2, 4", (load_id,))
    values = " ".join(f"when {_text(column)} then {quoted(column)}" for column in contract.mapped)
    cells = records(connection, f"""
        select line, "column", case "column" {values} end as value, rule_id, rule_name, action from (
            select judged.*, judged._source_row_number as line, failed.value ->> 'column' as "column",
                failed.value ->> 'rule' as rule_id, failed.value ->> 'name' as rule_name, failed.value ->> 'action' as action,
                row_number() over (partition by failed.value ->> 'name' order by judged._source_row_number) as place
            {failed})
        where place <= ? order by action <> 'quarantine', line, rule_name limit ?""", (load_id, CELLS_A_RULE, CELLS))
    order = {"quarantine": 0, "flag": 1}
    return Verdict(sum(fates.values()), fates,
                   tuple(sorted((RuleHits(**hit) for hit in hits), key=lambda hit: (order.get(hit.action, 2), -hit.rows))),
                   tuple(BadCell(**cell) for cell in cells))


def waiting_rules(contract: SourceContract) -> tuple[str, ...]:
    """Ids of the rules of a source that only a build can judge."""
    return tuple(dict.fromkeys(rule.rule_id for rule in contract.rules if rule.stage != JUDGED_STAGE))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
