"""Files on the bench beside what is known: their columns one by one, and their keys against the
promoted rows.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

from pipeline.declared.sources import SourceContract
from pipeline.quality.rule_sandbox import taken
from pipeline.store.sqlite.statements import quoted, records

#: Reported values of a column; more are grouped where they have to be masked first.
TOP, GROUPED = 5, 20_000
SAMPLED = 10


@dataclass(frozen=True)
class ColumnProfile:
    """One column: cells with content, different values, the range of a column of numbers, the
    commonest values.

    `top` holds every value with its count up to `GROUPED` of them, most first: whoever shows it
    masks and cuts it.
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
    """Keys of a file: new, changed, unchanged, waiting in quarantine so far, without a key; `gone`
    are known ones that it lacks.

    `gone` is None when only a part of the file was read; a source that replaces its list counts
    entries of the lists in the file. `columns` counts changed cells by column.
    """

    new: int
    changed: int
    unchanged: int
    waiting: int
    keyless: int
    gone: int | None
    columns: dict[str, int]
    sample: tuple[ChangedCell, ...]


def profile(
    connection: Connection, contract: SourceContract, load_id: str
) -> tuple[ColumnProfile, ...]:
    """The delivered columns of one file, after mapping and cleaning."""
    table = taken(contract.entity)
    profiles = []
    for column in contract.columns:
        if not column.delivered:
            continue
        name = quoted(column.name)
        connection.execute(
            f"create temp table grouped as select {name} as value, count(*) as rows from {table} "
            f"where _load_id = ? and {name} is not null group by 1",
            (load_id,),
        )
        filled, distinct, numbers, low, high = connection.execute(
            "select coalesce(sum(rows), 0), count(*), sum(value glob '[-0-9]*' and value not glob '*[^-0-9.]*'), "
            "min(cast(value as real)), max(cast(value as real)) from temp.grouped"
        ).fetchone()
        is_amount = column.name.endswith("_usd") and filled > 0 and numbers == distinct
        top = (
            connection.execute(
                "select value, rows from temp.grouped order by 2 desc, 1 limit ?", (GROUPED,)
            ).fetchall()
            if distinct < filled
            else []
        )
        connection.execute("drop table temp.grouped")
        profiles.append(
            ColumnProfile(
                column.name,
                filled,
                distinct,
                low if is_amount else None,
                high if is_amount else None,
                tuple((str(value), count) for value, count in top),
            )
        )
    return tuple(profiles)


class DifferenceTally:
    """Feed it the bench after each slice, then ask for the difference of a load."""

    def __init__(self, connection: Connection, contract: SourceContract) -> None:
        self._contract = contract
        self._columns = [
            column.name
            for column in contract.columns
            if column.delivered and column.name not in contract.key
        ]
        self._known = f"main.{quoted(f'row_verdicts_{contract.entity}')}"
        self._states: dict[str, Counter[str]] = {}
        self._by_column: dict[str, Counter[str]] = {}
        self._gone: Counter[str] = Counter()
        self._sample: dict[str, list[ChangedCell]] = {}
        (self._promoted,) = connection.execute(
            f"select count(*) from {self._known} where _status = 'promoted'"
        ).fetchone()

    def add(self, connection: Connection) -> None:
        """Compare what `int_..._scope` holds now, of the files on the bench.

        The `+` keeps SQLite from reading, for every key, all rows that wait instead of the one with
        that key.
        """
        differs = (
            " or ".join(
                f"mine.{quoted(name)} is not known.{quoted(name)}" for name in self._columns
            )
            or "false"
        )
        mine = f"temp.{quoted(f'int_{self._contract.entity}_scope')}"
        connection.execute(f"""
            create temp table compared as
            select mine._load_id, mine._key, mine._family, mine._row_id, known._row_id as known_row_id, case
                when mine._key like '#%' then 'keyless'
                when known._row_id is null and exists (
                    select 1 from {self._known} as open where open._key = mine._key and +open._status = 'quarantined') then 'waiting'
                when known._row_id is null then 'new'
                when {differs} then 'changed'
                else 'unchanged' end as state
            from (
                select *, row_number() over (partition by _load_id, _key order by _source_row_number desc, _position desc) as recency
                from {mine} where _load_id like 'P%') as mine
            left join {self._known} as known on known._key = mine._key and known._status = 'promoted'
            where mine.recency = 1""")
        for load_id, state, keys in connection.execute(
            "select _load_id, state, count(*) from temp.compared group by 1, 2"
        ):
            self._states.setdefault(load_id, Counter())[state] += keys
        pairs = (
            f"from temp.compared as compared join {mine} as mine on mine._row_id = compared._row_id "
            f"join {self._known} as known on known._row_id = compared.known_row_id where compared.state = 'changed'"
        )
        if (
            self._columns
            and connection.execute(
                "select 1 from temp.compared where state = 'changed' limit 1"
            ).fetchone()
        ):
            sums = ", ".join(
                f"sum(mine.{quoted(name)} is not known.{quoted(name)})" for name in self._columns
            )
            changed: Counter[str] = Counter()
            for load_id, *counts in connection.execute(
                f"select compared._load_id, {sums} {pairs} group by 1"
            ):
                by_column = dict(zip(self._columns, counts, strict=True))
                self._by_column.setdefault(load_id, Counter()).update(by_column)
                changed.update(by_column)
            self._add_sample(connection, pairs, [name for name in self._columns if changed[name]])
        self._add_gone(connection)
        connection.execute("drop table temp.compared")

    def difference(self, load_id: str, is_whole: bool) -> Difference:
        """The keys of one file against the rows that are promoted now."""
        states = self._states.get(load_id, Counter())
        gone = (
            self._gone[load_id]
            if self._contract.write_disposition == "replace"
            else self._promoted - self._gone[load_id]
        )
        return Difference(
            new=states["new"],
            changed=states["changed"],
            unchanged=states["unchanged"],
            waiting=states["waiting"],
            keyless=states["keyless"],
            gone=gone if is_whole else None,
            columns={
                name: count
                for name, count in self._by_column.get(load_id, Counter()).items()
                if count
            },
            sample=tuple(self._sample.get(load_id, ())),
        )

    def _add_gone(self, connection: Connection) -> None:
        """Of a source that replaces its lists, entries that its lists here lack; of any other,
        known keys that are here.
        """
        counted = "select _load_id, count(known_row_id) from temp.compared group by 1"
        if self._contract.write_disposition == "replace":
            connection.execute("create index temp.ix_compared on compared (_load_id, _key)")
            counted = f"""
                select listed._load_id, count(*)
                from (select distinct _load_id, _family from temp.compared) as listed
                join {self._known} as known on known._family = listed._family and known._status = 'promoted'
                where not exists (select 1 from temp.compared as here where here._load_id = listed._load_id and here._key = known._key)
                group by 1"""
        self._gone.update(dict(connection.execute(counted)))

    def _add_sample(self, connection: Connection, pairs: str, changed: list[str]) -> None:
        keys = ", ".join(f"mine.{quoted(name)}" for name in self._contract.key)
        for name in changed:
            for row in records(
                connection,
                f"""
                    select * from (
                        select compared._load_id, mine._source_row_number as line, {keys}, known.{quoted(name)} as old_value,
                            mine.{quoted(name)} as new_value,
                            row_number() over (partition by compared._load_id order by mine._source_row_number) as place
                        {pairs} and mine.{quoted(name)} is not known.{quoted(name)})
                    where place <= ?""",
                (SAMPLED,),
            ):
                sample = self._sample.setdefault(row["_load_id"], [])
                sample.append(
                    ChangedCell(
                        row["line"],
                        {key: row[key] for key in self._contract.key},
                        name,
                        row["old_value"],
                        row["new_value"],
                    )
                )
        for sample in self._sample.values():
            sample.sort(key=lambda cell: cell.line)
            del sample[SAMPLED:]
