"""Questions in SQL that a person writes, answered from what Tables shows and from nothing else.

A question reads the columns that Tables lets anybody filter and group by, with the cells of small
groups empty: so its answer is something that could be worked out from the rows on the screen, and
no sum, join or difference tells more than these rows. Masked columns are no part of it at all. What
leaves as a file is asked again of tables that are not about people, with the cells empty that no
export holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.privacy.column_meaning import meaning
from pipeline.privacy.export_profiles import Profile
from pipeline.privacy.masking import is_hidden
from pipeline.privacy.released_rows import rows_are_people
from pipeline.privacy.treatments import KEPT
from pipeline.services.access.roles import EXPORT, SEE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.tables import outgoing, release_records, screen_downloads
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.tables.table_list import layer_of
from pipeline.services.tables.visible import open_for_questions
from pipeline.store.browse import questions
from pipeline.store.browse.questions import FUNCTIONS, MOST_ROWS
from pipeline.store.sqlite.query_limit import bounded
from pipeline.store.sqlite.statements import column_types, relation_names
from pipeline.store.warehouse import builds

#: Bytes that this process may grow by while it answers one question.
MOST_MEMORY = 512 * 1024**2
PAGE_BYTES = 4096

__all__ = ["FUNCTIONS", "MOST_ROWS", "Answer", "ask", "columns_to_ask", "download", "file_refusal"]


@dataclass(frozen=True)
class Answer:
    """Rows as a screen may show them, whether there are more (`is_cut`), the plan line by line, the
    tables asked, and why the answer leaves in no file (None where it does).
    """

    rows: pd.DataFrame
    is_cut: bool
    plan: tuple[str, ...]
    tables: tuple[str, ...]
    no_file: str | None


@needs(SEE)
def columns_to_ask(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Table -> the columns that questions may read; tables without one are left out."""
    return _columns(settings)


@needs(SEE)
def ask(settings: Settings, statement: str) -> Answer:
    """The answer to one SELECT, at most MOST_ROWS rows of it.

    Raises InputRefused for what cannot be asked, and PipelineError for a question that takes too
    long or too much memory; neither holds a cell.
    """
    columns = _columns(settings, statement)
    answered = _answered(settings, statement, columns, False)
    why = file_refusal(tuple(columns)) or _statement_refusal(settings, statement, columns)
    return Answer(answered.rows, answered.is_cut, answered.plan, tuple(columns), why)


def file_refusal(tables: tuple[str, ...]) -> str | None:
    """Why answers from these tables leave in no file; None where they do."""
    for table in tables:
        if why := outgoing.refusal(table, release_records.DEFAULT_PROFILE):
            return f"{table} {why}"
        if rows_are_people(table, _classes_of(table)):
            return f"{table} has a row for each person or visit; its own export protects them"
    return None


@needs(EXPORT)
def download(settings: Settings, statement: str, ending: str, author: str, name: str = "") -> bytes:
    """The answer as the bytes of a file (`.csv` or `.json`), asked of what an export under
    safe_harbor holds of these tables, and recorded; `name` is that of a saved question.

    Raises InputRefused where `file_refusal` says so, for a column that no export keeps as it is,
    and for a statement that may hold an identifier: the record keeps it.
    """
    columns = _columns(settings, statement)
    tables = tuple(columns)
    if why := file_refusal(tables):
        raise InputRefused(why, "the question", "ask a table of totals, or export the table")
    answered = _answered(settings, statement, _columns_kept(columns), True)
    with open_bookkeeping(settings) as connection:
        stamp = builds.newest_stamp(connection) or {}
    return screen_downloads.answer(
        settings, answered.rows, ending, name, author, statement, tables, stamp
    )


def _answered(
    settings: Settings,
    statement: str,
    columns: Mapping[str, tuple[str, ...]],
    for_export: bool,
    most: int = MOST_ROWS,
) -> questions.Answered:
    questions.check(statement)
    with bounded(settings.query_seconds, _memory_guard()):
        try:
            readable = {table: names for table, names in columns.items() if names}
            with open_for_questions(settings, readable, for_export) as connection:
                return questions.answered(connection, statement, most)
        except InputRefused as refused:
            raise _explained(refused, columns, for_export) from None


def _explained(
    refused: InputRefused, columns: Mapping[str, tuple[str, ...]], for_export: bool
) -> InputRefused:
    """The refusal, with the reason where a column is there and may not be asked."""
    for table, open_columns in columns.items():
        for column in _classes_of(table):
            if column not in open_columns and refused.what.endswith(
                (f" column {column} to ask", f".{column} to ask")
            ):
                why = (
                    "leaves in no answer"
                    if for_export and not is_hidden(table, column)
                    else ("is masked, so no question reads it")
                )
                return InputRefused(f"{column} of {table} {why}", refused.where, refused.hint)
    return refused


def _classes_of(table: str) -> tuple[str, ...]:
    return tuple(meaning(table).classes)


def _columns(settings: Settings, statement: str | None = None) -> dict[str, tuple[str, ...]]:
    """Table -> the columns that questions may read, of the tables that a statement names, or of
    all; tables without one are left out.
    """
    with open_bookkeeping(settings) as connection:
        names = {name for name in relation_names(connection) if layer_of(name) is not None}
        asked = sorted(names) if statement is None else questions.named_in(statement, names)
        found = {
            name: tuple(
                each for each in column_types(connection, name) if not is_hidden(name, each)
            )
            for name in asked
        }
    return {name: columns for name, columns in found.items() if columns}


def _columns_kept(columns: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Table -> those of the columns that an export keeps as they are."""
    return {
        table: tuple(
            each
            for each in names
            if Profile(release_records.DEFAULT_PROFILE, table, None).treatment(each) == KEPT
        )
        for table, names in columns.items()
    }


def _statement_refusal(
    settings: Settings, statement: str, columns: Mapping[str, tuple[str, ...]]
) -> str | None:
    """Why a statement that is answered on screen is not answered for a file."""
    try:
        audit_text.question(statement)
        _answered(settings, statement, _columns_kept(columns), True, most=1)
    except InputRefused as refused:
        return refused.what
    return None


def _memory_guard() -> Callable[[int], None]:
    """A listener that ends a question which makes this process grow too much; on systems that do
    not tell how large it is, the other limits have to do.
    """
    before = _memory()

    def look(_: int) -> None:
        if _memory() - before > MOST_MEMORY:
            raise PipelineError(
                f"needed more than {MOST_MEMORY // 1024**2:,} MB of memory and was stopped",
                "the question",
                "group or filter before you join",
            )

    return look


def _memory() -> int:
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES
    except OSError:
        return 0
