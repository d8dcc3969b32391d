"""The privacy classes of what one select gives, from those of what it reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from pipeline.declared.classes import UNCLASSIFIED

Classes = frozenset[str]
NONE: Classes = frozenset()
#: What a condition of `where` says of the rows that are left. Keys and bookkeeping choose rows by
#: what they are, not by what happened to somebody.
TOLD_BY_CONDITIONS = frozenset(("date", "place", "age", "outcome", "amount"))
#: What a key that is looked up in a list says by what is found there.
TOLD_BY_LOOK_UPS = frozenset(("place",))
#: Words that only choose or compare rows.
NUMBER_OF_ROWS = frozenset(("count",))


@dataclass
class Relation:
    """Classes of one table or view: by column, and of its rows as such."""

    columns: dict[str, Classes] = field(default_factory=dict)
    rows: Classes = NONE


class SelectClasses:
    """The classes of the scopes of one select, when those of `known` relations are given."""

    def __init__(self, known: Mapping[str, Relation]) -> None:
        self._known = known
        self._read: dict[int, Relation] = {}
        self._looked_up: dict[int, dict[str, Classes]] = {}

    def relation(self, scope: Scope) -> Relation:
        """Classes of what a select gives."""
        if id(scope) in self._read:
            return self._read[id(scope)]
        self._read[id(scope)] = Relation()  # a recursive one sees what is known so far
        made = Relation()
        while True:
            before, self._read[id(scope)] = made, made
            made = both(before, self._once(scope))
            if made == before:
                return made

    def _once(self, scope: Scope) -> Relation:
        if scope.set_operation_scopes:
            parts = [self.relation(each) for each in scope.set_operation_scopes]
            return Relation(
                {
                    name: frozenset().union(*(_at(part.columns, place, name) for part in parts))
                    for place, name in enumerate(scope.expression.named_selects)
                },
                frozenset().union(*(part.rows for part in parts)),
            )
        rows, self._looked_up[id(scope)] = self._rows(scope), self._keys_of_look_ups(scope)
        columns = {}
        for projection in scope.expression.selects:
            expression = projection.this if isinstance(projection, exp.Alias) else projection
            columns[projection.alias_or_name] = self._of(expression, scope, rows)
        return Relation(columns, rows)

    def _rows(self, scope: Scope) -> Classes:
        """What the rows of a select tell by being there: those of what it reads, and conditions."""
        joined = {
            join.alias_or_name: join.side for join in scope.expression.args.get("joins") or ()
        }
        told: set[str] = set()
        for name, source in scope.sources.items():
            if name in scope.selected_sources and joined.get(name) != "LEFT":
                told |= self._source(source, scope).rows
        for place in ("where", "having"):
            condition = scope.expression.args.get(place)
            if condition is not None:
                told |= self._of(condition.this, scope, NONE) & TOLD_BY_CONDITIONS
        return frozenset(told)

    def _keys_of_look_ups(self, scope: Scope) -> dict[str, Classes]:
        """Source -> what is told by looking a row of it up: the latitude of a patient's ZIP code
        says where the patient lives, wherever the list of latitudes comes from.
        """
        conditions = [
            join.args["on"]
            for join in scope.expression.args.get("joins") or ()
            if "on" in join.args
        ]
        if scope.expression.args.get("where"):
            conditions.append(scope.expression.args["where"].this)
        told: dict[str, Classes] = {}
        for condition in conditions:
            for node in _outside_subqueries(condition):
                sides = (
                    [_without_type(side) for side in (node.this, node.expression)]
                    if isinstance(node, exp.EQ)
                    else []
                )
                if len(sides) == 2 and all(isinstance(side, exp.Column) for side in sides):
                    for key, other in (sides, sides[::-1]):
                        says = self._column(key, scope, True) & TOLD_BY_LOOK_UPS
                        if not says <= self._column(other, scope, True):
                            told[other.table] = told.get(other.table, NONE) | says
        return told

    def _source(self, source: object, scope: Scope) -> Relation:
        if isinstance(source, Scope):
            return self.relation(source)
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Func):
            told = frozenset().union(
                *(self._of(each, scope, NONE) for each in source.this.iter_expressions())
            )
            return Relation(rows=told)
        if isinstance(source, exp.Table):
            return self._known.get(source.name, Relation(rows=frozenset((UNCLASSIFIED,))))
        return Relation()

    def _of(self, expression: exp.Expression, scope: Scope, rows: Classes) -> Classes:
        """Classes of an expression in a select whose rows tell `rows`."""
        plain = isinstance(_without_type(expression), exp.Column)
        told: set[str] = set()
        for node in _outside_subqueries(expression):
            if isinstance(node, exp.Column):
                told |= self._column(node, scope, plain)
            elif isinstance(node, exp.AggFunc) and not any(node.find_all(exp.Column)):
                told |= NUMBER_OF_ROWS | rows
            elif isinstance(node, exp.Query):
                told |= self._inner(node, scope)
        return frozenset(told)

    def _column(self, column: exp.Column, scope: Scope, plain: bool) -> Classes:
        """Classes of a column; where its table is not said, of all columns of that name."""
        around: Scope | None = scope
        while around is not None:
            told = [
                each
                for name, source in around.sources.items()
                if column.table in ("", name)
                and (each := self._named(column.name, source, around, plain)) is not None
                and (each := each | self._looked_up.get(id(around), {}).get(name, NONE)) is not None
            ]
            if told:
                return frozenset().union(*told)
            around = around.parent
        return frozenset((UNCLASSIFIED,))

    def _named(self, name: str, source: object, scope: Scope, plain: bool) -> Classes | None:
        relation = self._source(source, scope)
        own = relation.columns.get(name)
        if own is None:  # a table function, or a recursion that is read for the first time
            own = None if relation.columns else relation.rows
        return own if own is None or plain else own | relation.rows

    def _inner(self, query: exp.Query, scope: Scope) -> Classes:
        inner = next(
            (each for each in scope.subquery_scopes if each.expression is query.unnest()),
            None,
        )
        if inner is None:
            return frozenset((UNCLASSIFIED,))
        told = set(self.relation(inner).rows)
        for classes in self.relation(inner).columns.values():
            told |= classes
        where = inner.expression.args.get("where")
        if where is not None:
            told |= self._of(where.this, inner, NONE) & TOLD_BY_CONDITIONS
        return frozenset(told)


def _at(columns: Mapping[str, Classes], place: int, name: str) -> Classes:
    """Classes of the column at a place of a select that is a part of a union."""
    in_order = list(columns.values())
    return in_order[place] if place < len(in_order) else columns.get(name, NONE)


def both(one: Relation, other: Relation) -> Relation:
    """The classes of both: what was once told stays told, so working out comes to an end."""
    return Relation(
        {name: classes | one.columns.get(name, NONE) for name, classes in other.columns.items()},
        one.rows | other.rows,
    )


def _without_type(expression: exp.Expression) -> exp.Expression:
    """What stands in a cast or in parentheses."""
    while isinstance(expression, exp.Cast | exp.Paren):
        expression = expression.this
    return expression


def _outside_subqueries(expression: exp.Expression) -> Iterator[exp.Expression]:
    """The nodes of an expression; of a subquery only its root."""
    yield expression
    if isinstance(expression, exp.Query):
        return
    for child in expression.iter_expressions():
        yield from _outside_subqueries(child)
