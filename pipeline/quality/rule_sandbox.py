"""A bench on which the statements of the last build run over temporary tables, so that a rule is
written once.

A compiled statement names relations of the warehouse; where a temporary table of the same name
stands on the bench, that is read instead. Whatever says which rows a build looks at (what was
judged before, whose parent was lost) is empty here, so a statement looks at all rows that were put
on the bench and at nothing else: its cost grows with them, not with the backlog.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from pipeline.declared.stages import Stage, model_name
from pipeline.errors import InputRefused
from pipeline.store.sqlite.statements import has_relation, quoted

RELATION = re.compile(r'main\."(\w+)"')
PARENT_VERDICTS = re.compile(r'main\."(int_\w+_verdicts)"')
#: Stages whose compiled statements run on the bench.
STATEMENTS: tuple[Stage, ...] = ("stg", "scope", "verdicts")
#: Which rows a build looks at again; on the bench: those that were put there.
SCOPE = ("ops_judged_loads", "ops_judged_decisions")
IN_SCOPE = "mapped._row_id in (select _row_id from scope)"


def compiled_models(dbt_dir: Path) -> Path:
    """Where the last build left the statements of the landing zone."""
    return dbt_dir / "target" / "compiled" / "icon_dbt" / "models" / "landing_zone"


def has_statements(compiled_dir: Path, entity: str) -> bool:
    """Whether a build has left what it takes to judge rows of a source."""
    return all(
        (compiled_dir / entity / f"{model_name(stage, entity)}.sql").exists()
        for stage in STATEMENTS
    )


def clear(connection: Connection) -> None:
    """Take everything off the bench."""
    for kind, name in connection.execute(
        "select type, name from sqlite_temp_master where type in ('table', 'view')"
    ).fetchall():
        connection.execute(f"drop {kind} temp.{quoted(name)}")


def put_like(
    connection: Connection, name: str, rows: str | None = None, parameters: Iterable[Any] = ()
) -> None:
    """A temporary table like `main.name`: empty, or with the rows of a query."""
    source = rows or f"select * from main.{quoted(name)} where false"
    connection.execute(f"create temp table {quoted(name)} as {source}", tuple(parameters))


def taken(entity: str) -> str:
    """Name of the table of all rows of a source that were put on the bench, mapped."""
    return f"temp.{quoted(f'taken_{entity}')}"


def lay_out(connection: Connection, compiled_dir: Path, entity: str) -> None:
    """Decisions of a source, an empty `stg_` table, and empty stand-ins for what narrows the
    scope of a build.
    """
    for name in SCOPE:
        if not is_on_bench(connection, name):
            put_like(connection, name)
    if not is_on_bench(connection, "ops_decisions"):
        put_like(connection, "ops_decisions", "select * from main.ops_decisions")
    for name in PARENT_VERDICTS.findall(statement(compiled_dir, entity, "scope")):
        if not is_on_bench(connection, name):
            connection.execute(
                f"create temp table {quoted(name)} (_key, _previous_key, _status, _previous_status)"
            )
    put_like(
        connection,
        f"stg_{entity}",
        None
        if _has_main(connection, f"stg_{entity}")
        else f"select * from ({runnable(connection, compiled_dir, entity, 'stg')}) where false",
    )
    if _has_main(connection, f"row_verdicts_{entity}"):
        put_like(connection, f"row_verdicts_{entity}")


def add_mapped(
    connection: Connection,
    entity: str,
    condition: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> None:
    """Put rows that the warehouse has mapped on the bench; `condition` is SQL over
    main.stg_<entity>, named m.
    """
    connection.execute(
        f"insert into temp.{quoted(f'stg_{entity}')} select m.* from main.{quoted(f'stg_{entity}')} as m "
        f"where {condition}",
        parameters,
    )


def add_relatives(connection: Connection, entity: str) -> int:
    """Put versions that compete with the rows in `int_..._scope` on the bench: those with their
    key or their family; returns how many.
    """
    if not _has_main(connection, f"row_verdicts_{entity}"):
        return 0
    connection.execute(
        f"create temp table relatives as select _key as linked from temp.{quoted(f'int_{entity}_scope')} "
        f"union select _family from temp.{quoted(f'int_{entity}_scope')}"
    )
    verdicts = f"main.{quoted(f'row_verdicts_{entity}')}"
    add_mapped(
        connection,
        entity,
        f"m._row_id in (select _row_id from {verdicts} where _key in (select linked from relatives) union "
        f"select _row_id from {verdicts} where _family in (select linked from relatives)) "
        f"and m._row_id not in (select _row_id from temp.{quoted(f'stg_{entity}')})",
    )
    (added,) = connection.execute("select changes()").fetchone()
    connection.execute("drop table temp.relatives")
    return added


def scope(connection: Connection, compiled_dir: Path, entity: str) -> None:
    """`int_..._scope`: the mapped rows on the bench with decisions laid over; all of them, so
    nothing has to find out which.
    """
    _make(connection, compiled_dir, entity, "scope", keep_main=(), replaced=(IN_SCOPE, "true"))


def judge(connection: Connection, compiled_dir: Path, entity: str) -> None:
    """`int_..._verdicts`: the verdict on the rows in scope; rows without a key still find the
    whole of `row_verdicts_`.
    """
    connection.execute(
        f"create index temp.{quoted(f'ix_scope_family_{entity}')} on {quoted(f'int_{entity}_scope')} (_family)"
    )
    connection.execute(
        f"create index temp.{quoted(f'ix_scope_key_{entity}')} on {quoted(f'int_{entity}_scope')} (_key)"
    )
    _make(connection, compiled_dir, entity, "verdicts", keep_main=(f"row_verdicts_{entity}",))


def runnable(
    connection: Connection,
    compiled_dir: Path,
    entity: str,
    stage: Stage,
    keep_main: tuple[str, ...] = (),
) -> str:
    """A compiled statement that reads the bench where the bench has a relation of that name."""
    here = {name for (name,) in connection.execute("select name from sqlite_temp_master")} - set(
        keep_main
    )
    return RELATION.sub(
        lambda match: f"{'temp' if match[1] in here else 'main'}.{quoted(match[1])}",
        statement(compiled_dir, entity, stage),
    )


def statement(compiled_dir: Path, entity: str, stage: Stage) -> str:
    """The text of one compiled model; raises InputRefused when no build has left it."""
    path = compiled_dir / entity / f"{model_name(stage, entity)}.sql"
    if not path.exists():
        raise InputRefused(
            "no build has left its statements yet", entity, "build the landing zone first"
        )
    return path.read_text(encoding="utf-8")


def as_list(values: Iterable[str]) -> str:
    """Values to bind at once, for `in (select value from json_each(?))`."""
    return json.dumps(list(values))


def _make(
    connection: Connection,
    compiled_dir: Path,
    entity: str,
    stage: Stage,
    keep_main: tuple[str, ...],
    replaced: tuple[str, str] = ("", ""),
) -> None:
    name = model_name(stage, entity)
    sql = runnable(connection, compiled_dir, entity, stage, (*keep_main, name)).replace(*replaced)
    connection.execute(f"drop table if exists temp.{quoted(name)}")
    connection.execute(f"create temp table {quoted(name)} as {sql}")


def is_on_bench(connection: Connection, name: str) -> bool:
    """Whether a temporary table or view of this name stands."""
    return (
        connection.execute("select 1 from sqlite_temp_master where name = ?", (name,)).fetchone()
        is not None
    )


def _has_main(connection: Connection, name: str) -> bool:
    return has_relation(connection, name)
