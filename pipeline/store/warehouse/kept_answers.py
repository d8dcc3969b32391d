"""Answers that take long to work out, kept with the numbers they were worked out from
(`ops_kept_answers`), so that the first visitor after a build does not wait for them.

An answer is believed as long as the numbers it rests on have the same digest. Who reads it works
the digest out from the tables that stand, so no build, whoever ran it, leaves an old answer behind.
"""

from sqlite3 import Connection

from pipeline.store.sqlite.statements import has_relation

TABLE = "ops_kept_answers"


def keep(connection: Connection, question: str, digest: str, answer: str) -> None:
    """Keep the answer to a question in place of an earlier one."""
    connection.execute(
        f"insert or replace into {TABLE} (question, digest, answer) values (?, ?, ?)",
        (question, digest, answer),
    )


def answer(connection: Connection, question: str, digest: str) -> str | None:
    """The answer that was worked out from the same numbers, None when there is none."""
    if not has_relation(connection, TABLE):
        return None
    row = connection.execute(
        f"select answer from {TABLE} where question = ? and digest = ?", (question, digest)
    ).fetchone()
    return row[0] if row else None
