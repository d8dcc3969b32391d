"""Questions in SQL under a name (`ops_questions` in the control file)."""

from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records


@dataclass(frozen=True)
class SavedQuestion:
    """One question: `subject` is the login that saved it, `saved_at` is UTC."""

    name: str
    statement: str
    author: str
    subject: str
    saved_at: str


def all_questions(connection: Connection) -> list[SavedQuestion]:
    """All of them by name."""
    found = records(connection, "select * from ops_questions order by name")
    return [SavedQuestion(**each) for each in found]


def question(connection: Connection, name: str) -> SavedQuestion | None:
    """The question of this name."""
    found = records(connection, "select * from ops_questions where name = ?", (name,))
    return SavedQuestion(**found[0]) if found else None


def save(connection: Connection, name: str, statement: str, author: str, subject: str) -> None:
    """Keep a question under a name; one that has it is replaced."""
    connection.execute(
        "insert or replace into ops_questions values (?, ?, ?, ?, ?)",
        (name, statement, author, subject, utc_now()),
    )


def remove(connection: Connection, name: str) -> None:
    """Take a question away; nothing happens where there is none."""
    connection.execute("delete from ops_questions where name = ?", (name,))
