"""How far a first visitor has come (`ops_tour` in the control file)."""

from sqlite3 import Connection

from pipeline.store.sqlite.clock import utc_now


def marks(connection: Connection) -> set[str]:
    """The steps that somebody marked on this home."""
    return {step for (step,) in connection.execute("select step from ops_tour")}


def note(connection: Connection, step: str) -> None:
    """Mark a step; marking it again changes nothing."""
    connection.execute("insert or ignore into ops_tour values (?, ?)", (step, utc_now()))


def forget(connection: Connection) -> None:
    """Start over."""
    connection.execute("delete from ops_tour")
