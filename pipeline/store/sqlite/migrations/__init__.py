"""Numbered migrations of the files. Each is applied together with its record, in one transaction.

A migration is a file `<file of the home>/<number>_<subject>.sql`: what it is for in the first line,
then its statements. One that has been released is never edited: add the next one. Tables of the raw
layer come from the contracts and are created by `raw_tables`, tables of dbt by dbt.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import transaction


@dataclass(frozen=True)
class Migration:
    """One step of a file's history."""

    number: int
    name: str
    statements: tuple[str, ...]


@cache
def migrations_of(file: str) -> tuple[Migration, ...]:
    """The migrations of one file of the home (warehouse, control, drafts, inbox), in order."""
    return tuple(map(_migration, _scripts(file)))


def audit_triggers() -> tuple[str, ...]:
    """The guards of the audit trail, in the order of `audit.TRIGGERS`. `insert or replace` takes a
    row out without a delete that a trigger sees; the third guard refuses it.
    """
    (chain,) = (each for each in migrations_of("control") if each.number == 9)
    return tuple(each for each in chain.statements if each.startswith("create trigger"))


@cache
def _scripts(file: str) -> tuple[Path, ...]:
    return tuple(sorted(Path(__file__).with_name(file).glob("*.sql")))


def _number(script: Path) -> int:
    return int(script.name.partition("_")[0])


def _migration(path: Path) -> Migration:
    name, _, script = path.read_text(encoding="utf-8").partition("\n")
    return Migration(_number(path), name.removeprefix("-- "), tuple(_statements(script)))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; what stands in a trigger ends none."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip().removesuffix(";")
            statement = ""
    assert not statement.strip(), f"has no end: {statement.strip()}"


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> list[int]:
    """Apply what is missing, in order; returns the numbers applied.

    Raises PipelineError when the file was written by a newer version of the project.
    """
    connection.execute(
        "create table if not exists ops_migrations (number integer primary key, name text, applied_at text)"
    )
    (newest,) = connection.execute("select coalesce(max(number), 0) from ops_migrations").fetchone()
    if newest > migrations[-1].number:
        raise PipelineError(
            f"was written by a newer version (migration {newest})", "home", "update the project"
        )
    applied = []
    for migration in migrations:
        with transaction(connection):
            is_applied = connection.execute(
                "select 1 from ops_migrations where number = ?", (migration.number,)
            ).fetchone()
            if is_applied:
                continue
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(
                "insert into ops_migrations values (?, ?, ?)",
                (migration.number, migration.name, utc_now()),
            )
            applied.append(migration.number)
    return applied


def _is_current(connection: sqlite3.Connection, file: str) -> bool:
    try:
        (newest,) = connection.execute("select max(number) from ops_migrations").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_ERROR":  # the disk, not a table that is not there yet
            raise
        return False
    return newest == _number(_scripts(file)[-1])


def _bring_up_to_date(connection: sqlite3.Connection, file: str) -> list[int]:
    if _is_current(connection, file):
        return []
    connection.execute("pragma journal_mode = wal")
    return migrate(connection, migrations_of(file))


def migrate_control(connection: sqlite3.Connection) -> list[int]:
    """Bring the control file up to date, one query when it already is; the migrations applied."""
    return _bring_up_to_date(connection, "control")


def migrate_drafts(connection: sqlite3.Connection) -> None:
    """Bring the file of drafts up to date; one query when it already is."""
    _bring_up_to_date(connection, "drafts")


def migrate_inbox(connection: sqlite3.Connection) -> None:
    """Bring the inbox of streams up to date; one query when it already is."""
    _bring_up_to_date(connection, "inbox")


def migrate_warehouse(connection: sqlite3.Connection) -> None:
    """Bring the control tables of the warehouse up to date; one query when they already are."""
    _bring_up_to_date(connection, "warehouse")
