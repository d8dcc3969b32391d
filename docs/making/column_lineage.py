"""The privacy class of every column, worked out from the compiled SQL of every model.

A column of a select has the classes of all columns that stand in its expression: conditions,
windows and subqueries included. A row can tell something by being there: rows of `adverse_events`
say that there was an event. So each relation also has classes of its rows; a count and a
comparison with a row that may be missing have them too, and a condition of `where` passes on what
it looks at. Models that read themselves are worked out until nothing changes.
"""

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from docs.making.select_classes import NUMBER_OF_ROWS, Classes, Relation, SelectClasses, both
from pipeline.declared.classes import strictest


class Lineage:
    """Classes of relations, worked out from those that are declared at their birth.

    `statements` are model -> its select, `columns` relation -> its columns with their types,
    `reviewed` (relation, column) -> the class that a YAML states with a reason.
    """

    def __init__(
        self,
        born: Mapping[str, Relation],
        statements: Mapping[str, str],
        columns: Mapping[str, Mapping[str, str]],
        declared: Mapping[str, Relation],
        reviewed: Mapping[tuple[str, str], str],
    ) -> None:
        self.known: dict[str, Relation] = dict(born)
        self._declared, self._reviewed = declared, reviewed
        schema = {name: dict(of_name) for name, of_name in columns.items()}
        self._selects: dict[str, exp.Expression] = {}
        for name in _parents_first(statements):
            select = qualify(
                sqlglot.parse_one(statements[name], read="sqlite"),
                schema=schema,
                dialect="sqlite",
                quote_identifiers=False,
                validate_qualify_columns=False,
            )
            self._selects[name] = select
            schema.setdefault(name, dict.fromkeys(select.named_selects, "text"))
        #: Model -> what its columns are made of, before any review.
        self.derived: dict[str, Relation] = {}

    def work_out(self) -> None:
        """Fill `known` and `derived`."""
        waiting = True
        while waiting:
            waiting = False
            for name, select in self._selects.items():
                made = SelectClasses(self.known).relation(build_scope(select))
                made = self.derived[name] = both(self.derived.get(name, Relation()), made)
                result = self._stated(name, made)
                if self.known.get(name) != result:
                    self.known[name], waiting = result, True

    def direct_inputs(self) -> dict[str, dict[str, list[str]]]:
        """Model -> column -> the columns (`relation.column`) of other relations that its expression
        reads; call it after `work_out`.
        """
        names = {
            name: Relation(
                {column: frozenset((f"{name}.{column}",)) for column in relation.columns}
            )
            for name, relation in self.known.items()
        }
        return {
            name: {
                # a number of rows is made of no column
                column: sorted(
                    each for each in read - NUMBER_OF_ROWS if not each.startswith(f"{name}.")
                )
                for column, read in SelectClasses(names)
                .relation(build_scope(select))
                .columns.items()
            }
            for name, select in self._selects.items()
        }

    def reads(self) -> dict[str, list[str]]:
        """Model -> the relations, itself aside, that its select names."""
        return {
            name: sorted(
                {table.name for table in select.find_all(exp.Table)} & self.known.keys() - {name}
            )
            for name, select in self._selects.items()
        }

    def _stated(self, name: str, made: Relation) -> Relation:
        """What is made, with what declarations say instead."""
        declared = self._declared.get(name)
        columns = {}
        for column, classes in made.columns.items():
            if declared and column in declared.columns:
                classes = _declared(classes, declared.columns[column])
            if (name, column) in self._reviewed:
                classes = frozenset((self._reviewed[name, column],))
            columns[column] = classes
        return Relation(columns, declared.rows if declared else made.rows)


def _declared(made: Classes, declared: Classes) -> Classes:
    """The declared class of a mapped column of a source, unless something stricter got into it. A
    correction by a steward is a text that may be of any column, and takes the class of its cell.
    """
    inside = made - {"free_text"}
    return declared if strictest(inside | declared) == strictest(declared) else made


def _parents_first(statements: Mapping[str, str]) -> Iterator[str]:
    """Models in such an order that each comes after those it reads, itself aside."""
    read = {
        name: {table.name for table in sqlglot.parse_one(sql, read="sqlite").find_all(exp.Table)}
        & statements.keys() - {name}
        for name, sql in statements.items()
    }
    return TopologicalSorter(read).static_order()
