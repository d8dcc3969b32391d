"""What no compiled statement may hold: words that engines read in different ways, found in the tree
of the statement by sqlglot, with types worked out from the columns of the tables that it reads.
"""

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

Schema = Mapping[str, Mapping[str, str]]
#: Types of 32 bits, or of as many as the engine likes.
NARROW = {exp.DataType.Type.FLOAT, exp.DataType.Type.INT, exp.DataType.Type.SMALLINT}
WHOLE = {*exp.DataType.INTEGER_TYPES, exp.DataType.Type.INT128}


def banned(sql: str, schema: Schema, dialect: str = "duckdb") -> list[str]:
    """What is banned in a statement, in words; columns are looked up in `schema`."""
    tree = sqlglot.parse_one(sql, dialect=dialect)
    typed = annotate_types(
        qualify(tree.copy(), schema=schema, dialect=dialect, validate_qualify_columns=False),
        schema=schema,
        dialect=dialect,
    )
    return sorted({*_shapes(tree), *_divisions(typed)})


def _shapes(tree: exp.Expr) -> Iterator[str]:
    for cast in tree.find_all(exp.Cast, exp.TryCast):
        if cast.to.this in NARROW:
            yield f"a type of 32 bits: {cast.to.sql()}"
    for insert in tree.find_all(exp.Insert):
        if insert.args.get("alternative") or insert.args.get("overwrite"):
            yield "insert or replace"
    for join in tree.find_all(exp.Join):
        condition = join.args.get("on")
        if condition is not None and condition.find(exp.Or):
            yield f"OR in a join condition: {condition.sql()}"
    for subquery in tree.find_all(exp.Subquery):
        if isinstance(subquery.parent, (exp.From, exp.Join)) and not subquery.alias:
            yield f"a subquery without a name: {subquery.sql()[:60]}"
    for cte in tree.find_all(exp.CTE):
        for union in cte.this.find_all(exp.Union):
            if union.args.get("distinct") and any(
                table.name == cte.alias for table in union.find_all(exp.Table)
            ):
                yield f"a distinct union in a recursion: {cte.alias}"
    for like in tree.find_all(exp.Like):
        if any(letter.isalpha() for letter in like.expression.name):
            yield f"letters in a pattern of LIKE: {like.sql()}"
    for function in tree.find_all(exp.Upper, exp.Lower, exp.Greatest, exp.Least):
        if not isinstance(function.parent, exp.If):
            yield f"a function that engines read in different ways: {function.sql()[:60]}"


def _divisions(tree: exp.Expr) -> Iterator[str]:
    for division in tree.find_all(exp.Div):
        sides = (division.left, division.right)
        kinds = [side.type.this if side.type else None for side in sides]
        if all(kind in WHOLE for kind in kinds):
            yield f"a division of integers: {division.sql()[:80]}"
        elif None in kinds or exp.DataType.Type.UNKNOWN in kinds:
            yield f"a division of what has no type: {division.sql()[:80]}"
