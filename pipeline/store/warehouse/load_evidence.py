"""What is kept of how a load came in: findings, what became of its lines, how it was read."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.store.sqlite.statements import records

FINDINGS = """create table if not exists ops_load_findings (
    load_id text not null, rule_id text not null, column_name text, count integer not null, detail text)"""
LINES = """create table if not exists ops_load_lines (
    load_id text not null, part text not null, lines integer not null, primary key (load_id, part))"""
READINGS = """create table if not exists ops_load_readings (
    load_id text not null, what text not null, value text, why text, confidence real, runner_up text,
    primary key (load_id, what))"""


def create(connection: sqlite3.Connection) -> None:
    """Create the tables where they are missing."""
    connection.execute(FINDINGS)
    connection.execute(
        "create index if not exists ix_ops_load_findings__load on ops_load_findings (load_id)"
    )
    connection.execute(LINES)
    connection.execute(READINGS)


def add_findings(
    connection: sqlite3.Connection,
    load_id: str,
    findings: Iterable[tuple[str, str | None, int, str]],
) -> None:
    """Append findings of a load; each is (rule_id, column_name, count, detail)."""
    connection.executemany(
        "insert into ops_load_findings (load_id, rule_id, column_name, count, detail) "
        "values (?, ?, ?, ?, ?)",
        ((load_id, *finding) for finding in findings),
    )


def add_lines(
    connection: sqlite3.Connection, load_id: str, delivered: int, parts: Mapping[str, int]
) -> None:
    """Keep what became of the physical lines of a file (elements of JSON): how many were
    `delivered`, and how many belong to each part.
    """
    connection.executemany(
        "insert into ops_load_lines (load_id, part, lines) values (?, ?, ?)",
        [(load_id, "delivered", delivered), *((load_id, *part) for part in parts.items())],
    )


def lines(connection: sqlite3.Connection, load_id: str) -> dict[str, int]:
    """Physical lines of a load by part, with all of them under `delivered`."""
    return dict(
        connection.execute("select part, lines from ops_load_lines where load_id = ?", (load_id,))
    )


def add_reading(
    connection: sqlite3.Connection, load_id: str, readings: Iterable[Mapping[str, object]]
) -> None:
    """Keep how a file was read; each has what, value, why, confidence (0 to 1) and runner_up."""
    connection.executemany(
        "insert into ops_load_readings (load_id, what, value, why, confidence, runner_up) "
        "values (:load_id, :what, :value, :why, :confidence, :runner_up)",
        ({"load_id": load_id, **each} for each in readings),
    )


def reading(connection: sqlite3.Connection, load_id: str) -> list[dict[str, Any]]:
    """How a load was read, step by step, each with its reason and runner-up."""
    return records(
        connection,
        "select what, value, why, confidence, runner_up from ops_load_readings where load_id = ? "
        "order by rowid",
        (load_id,),
    )


def findings(connection: sqlite3.Connection, load_id: str) -> list[dict[str, Any]]:
    """What was noticed while a load came in."""
    return records(
        connection,
        "select * from ops_load_findings where load_id = ? order by rule_id, column_name",
        (load_id,),
    )
