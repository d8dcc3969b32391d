"""A rule that nobody has declared yet, tried on every row of a source that was judged so far.

It is asked as a question of Tables is: it reads the columns that questions may read and no other,
so it tells nothing that the rows on the screen do not.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Literal

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.privacy.cell_policy import emptied
from pipeline.privacy.column_meaning import meaning
from pipeline.services.access.roles import SEE, needs
from pipeline.services.tables import questions
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import quoted

Kind = Literal["filled", "one of", "between"]
#: Failing rows that are shown.
SAMPLE_ROWS = 20


@dataclass(frozen=True)
class RuleDraft:
    """What a column of a source is to be: filled, one of `values`, or a number from `least` to
    `most`. An empty cell meets the last two, as it does with declared rules.
    """

    entity: str
    column: str
    kind: Kind
    values: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Trial:
    """What a draft would find: a row a load (`_load_id`, `rows`, `failing`), and the first rows
    that fail. Where values of small groups are hidden (`is_partial`), `rows` are those whose value
    is shown, and nothing is said of the others.
    """

    loads: pd.DataFrame
    failing: pd.DataFrame
    is_partial: bool

    @property
    def rows(self) -> int:
        """All rows that were looked at."""
        return int(self.loads["rows"].sum())

    @property
    def failing_rows(self) -> int:
        """Those that would fail."""
        return int(self.loads["failing"].sum())


@needs(SEE)
def columns(settings: Settings, entity: str) -> tuple[str, ...]:
    """The columns of a source that a draft may be about; none before the first build."""
    if entity not in load_contracts():
        raise InputRefused("is no source", entity)
    if not warehouse_exists(settings):
        return ()
    declared = {column.name for column in load_contracts()[entity].columns}
    may_ask = questions.columns_to_ask(settings).get(_table(entity), ())
    return tuple(column for column in may_ask if column in declared)


@needs(SEE)
def tried(settings: Settings, draft: RuleDraft) -> Trial:
    """The effect of a draft on all judged rows; nothing is written.

    Raises InputRefused for a column that no question reads, and for a draft that says nothing.
    """
    open_columns = columns(settings, draft.entity)
    if draft.column not in open_columns:
        raise InputRefused("is a column that no rule can be tried on here", draft.column)
    is_partial = draft.column in _partly_hidden(draft.entity)
    if is_partial and draft.kind == "filled":
        raise InputRefused("is empty here where it is hidden", draft.column, "try another rule")
    fails, table = _fails(draft), quoted(_table(draft.entity))
    looked_at = f"case when {_is_filled(draft.column)} then 1 end" if is_partial else "*"
    counts = questions.ask(
        settings,
        f"select _load_id, count({looked_at}) as rows, "
        f"sum(case when {fails} then 1 else 0 end) as failing "
        f"from {table} group by _load_id order by _load_id",
    )
    if counts.is_cut:
        raise InputRefused("has more loads than one answer tells", draft.entity)
    shown = ", ".join(quoted(name) for name in ("_load_id", "_source_row_number", *open_columns))
    sample = questions.ask(
        settings,
        f"select {shown} from {table} where {fails} order by _load_id, _source_row_number "
        f"limit {SAMPLE_ROWS}",
    )
    return Trial(counts.rows, sample.rows, is_partial)


def _partly_hidden(entity: str) -> frozenset[str]:
    """Columns of which cells of small groups are empty wherever people look."""
    table = _table(entity)
    return frozenset(
        name for each in emptied(table, tuple(meaning(table).classes)) for name in each.columns
    )


def _is_filled(column: str) -> str:
    name = quoted(column)
    return f"{name} is not null and trim(cast({name} as text)) <> ''"


def _fails(draft: RuleDraft) -> str:
    """The condition that a failing row meets."""
    column, is_filled = quoted(draft.column), _is_filled(draft.column)
    if draft.kind == "filled":
        return f"not ({is_filled})"
    if draft.kind == "one of":
        if not draft.values:
            raise InputRefused("names no value", draft.column, "write one or more")
        values = ", ".join(map(_text, draft.values))
        return f"({is_filled} and cast({column} as text) not in ({values}))"
    bounds = [
        f"cast({column} as real) {sign} {bound!r}"
        for sign, bound in (("<", draft.least), (">", draft.most))
        if bound is not None
    ]
    if any(not isfinite(bound) for bound in (draft.least, draft.most) if bound is not None):
        raise InputRefused("states a bound that is no number", draft.column)
    if not bounds:
        raise InputRefused("states no bound", draft.column, "write the least or the most")
    text = f"cast({column} as text)"
    is_number = f"{text} glob '*[0-9]*' and {text} not glob '*[^-+.eE0-9]*'"
    return f"({is_filled} and (not ({is_number}) or {' or '.join(bounds)}))"


def _text(value: str) -> str:
    """A value as text in SQL; raises InputRefused for one that no cell can hold."""
    if "\0" in value:
        raise InputRefused("holds a sign that no cell can hold", "values")
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def _table(entity: str) -> str:
    """The relation that holds every judged row of a source with its values."""
    return f"row_verdicts_{entity}"
