"""A file on the bench beside what is known: its columns one by one, and its keys against the promoted rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

from pipeline.contracts import SourceContract
from pipeline.store.statements import quoted, records

#: Values of a column that are told; more are grouped where they have to be masked first.
TOP, GROUPED = 5, 20_000
SAMPLED = 10


@dataclass(frozen=True)
class ColumnProfile:
    """One column: cells with content, different values, the range of a column of numbers, the commonest values.

    `top` holds every value with its count up to `GROUPED` of them, most first: whoever shows it masks and cuts it.
    """

    column: str
    filled: int
    distinct: int
    low: float | None
    high: float | None
    top: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ChangedCell:
    """A cell of a known key with another value than before."""

    line: int
    key: Mapping[str, str | None] = field(hash=False)
    column: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Difference:
    """Keys of a file: new, changed, unchanged, waiting in quarantine so far, without a key; `gone` are known ones that it lacks.

    `gone` is None when only a part of the file was read; a source that replaces its list counts entries of the lists in the
    file. `columns` counts changed cells by column.
    """

    new: int
    changed: int
    unchanged: int
    waiting: int
    keyless: int
    gone: int | None
    columns: dict[str, int]
    sample: tuple[ChangedCell, ...]


def profile(connection: Connection, contract: SourceContract, load_id: str) -> tuple[ColumnProfile, ...]:
    """The delivered columns of one file, after mapping and cleaning."""
    table = f"temp.{quoted(f'mapped_{contract.entity}')}"
    found = []
    for column in contract.columns:
        if not column.delivered:
            continue
        name = quoted(column.name)
        filled, distinct, numbers, low, high = connection.execute(
            f"select count({name}), count(distinct {name}), sum({name} glob '[-0-9]*' and {name} not glob '*[^-0-9.]*'), "
            f"min(cast({name} as real)), max(cast({name} as real)) from {table} where _load_id = ?", (load_id,)).fetchone()
        is_amount = column.name.endswith("_usd") and filled > 0 and numbers == filled
        top = connection.execute(f"select {name}, count(*) from {table} where _load_id = ? and {name} is not null "
                                 f"group by 1 order by 2 desc, 1 limit ?", (load_id, GROUPED)).fetchall() if distinct < filled else []
        found.append(ColumnProfile(column.name, filled, distinct, low if is_amount else None, high if is_amount else None,
                                   tuple((str(value), count) for value, count in top)))
    return tuple(found)


def difference(connection: Connection, contract: SourceContract, load_id: str, is_whole: bool) -> Difference:
    """Keys of one judged file against the rows that are promoted now."""
    entity = contract.entity
    columns = [column.name for column in contract.columns if column.delivered and column.name not in contract.key]
    known = f"main.{quoted(f'checked_{entity}')}"
    connection.execute("drop table if exists temp.compared")
    differs = " or ".join(f"mine.{quoted(name)} is not known.{quoted(name)}" for name in columns) or "false"
    connection.execute(f"""
        create temp table compared as
        select mine._key, mine._row_id, known._row_id as known_row_id, case
            when mine._key like '#%' then 'keyless'
            when known._row_id is null and exists (
                select 1 from {known} as open where open._key = mine._key and open._status = 'quarantined') then 'waiting'
            when known._row_id is null then 'new'
            when {differs} then 'changed'
            else 'unchanged' end as state
        from (
            select *, row_number() over (partition by _key order by _source_row_number desc, _position desc) as recency
            from temp.{quoted(f'scoped_{entity}')} where _load_id = ?) as mine
        left join {known} as known on known._key = mine._key and known._status = 'promoted'
        where mine.recency = 1""", (load_id,))
    counts = dict(connection.execute("select state, count(*) from temp.compared group by 1"))
    pairs = (f"from temp.compared as compared join temp.{quoted(f'scoped_{entity}')} as mine on mine._row_id = compared._row_id "
             f"join {known} as known on known._row_id = compared.known_row_id where compared.state = 'changed'")
    by_column = {}
    if columns and counts.get("changed"):
        sums = ", ".join(f"sum(mine.{quoted(name)} is not known.{quoted(name)})" for name in columns)
        by_column = dict(zip(columns, connection.execute(f"select {sums} {pairs}").fetchone(), strict=True))
    return Difference(*(counts.get(state, 0) for state in ("new", "changed", "unchanged", "waiting", "keyless")),
                      _gone(connection, contract, known) if is_whole else None,
                      {name: count for name, count in by_column.items() if count}, _sample(connection, contract, columns, pairs))


def _gone(connection: Connection, contract: SourceContract, known: str) -> int:
    listed = ""
    if contract.write_disposition == "replace":
        listed = f" and known._family in (select _family from temp.{quoted(f'scoped_{contract.entity}')} " \
                 "where _row_id in (select _row_id from temp.compared))"
    connection.execute("create index if not exists temp.ix_compared on compared (_key)")
    return connection.execute(f"select count(*) from {known} as known where known._status = 'promoted'{listed} "
                              "and not exists (select 1 from temp.compared as here where here._key = known._key)").fetchone()[0]


def _sample(connection: Connection, contract: SourceContract, columns: list[str], pairs: str) -> tuple[ChangedCell, ...]:
    keys = ", ".join(f"mine.{quoted(name)}" for name in contract.key)
    cells = []
    for name in columns:
        for row in records(connection, f"select mine._source_row_number as line, {keys}, known.{quoted(name)} as old_value, "
                                       f"mine.{quoted(name)} as new_value {pairs} and mine.{quoted(name)} is not known.{quoted(name)} "
                                       "order by mine._source_row_number limit ?", (SAMPLED,)):
            cells.append(ChangedCell(row["line"], {key: row[key] for key in contract.key}, name, row["old_value"], row["new_value"]))
    return tuple(sorted(cells, key=lambda cell: cell.line)[:SAMPLED])
