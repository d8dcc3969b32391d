"""Rows of a source by its declaration alone: valid ones, from the examples of its columns, and for
each rule rows that break it. A rule of a kind that is not here needs rows of its own in
`BAD_ROWS` of tests/dbt/bad_rows.py.
"""

from collections.abc import Iterator, Mapping

from pipeline.declared.sources import Column, Rule, SourceContract

World = Mapping[str, list[dict]]
#: What no shape, list of words or parent knows.
NONSENSE = "?!"


def valid_rows(contract: SourceContract, numbers: range, world: World) -> list[dict]:
    """One row a number; values of a parent's key come from the rows of `world`, the others from
    `example`, and the key differs from row to row.
    """
    delivered = [column for column in contract.columns if column.delivered]
    return [
        {column.delivered: _value(column, contract, number, world) for column in delivered}
        for number in numbers
    ]


def bad_rows(contract: SourceContract, world: World) -> dict[str, list[dict]]:
    """Rule -> rows that break it, for every rule of which the declaration says enough."""
    found = {}
    for place, rule in enumerate(contract.rules, start=101):
        (row,) = valid_rows(contract, range(place, place + 1), world)
        rows = list(_broken(contract, rule, row, place))
        if rows:
            found[rule.name] = rows
    return found


def _value(column: Column, contract: SourceContract, number: int, world: World) -> str:
    link = next(
        (rule for rule in contract.rules if rule.column == column.name and rule.parent), None
    )
    if link:
        return world[link.parent][number % len(world[link.parent])][link.arguments["field"]]
    assert column.example, f"{contract.entity}.{column.name} needs an `example`"
    if column.name not in contract.key:
        return column.example
    digits = str(number)
    return column.example[: -len(digits)] + digits


def _broken(contract: SourceContract, rule: Rule, row: dict, place: int) -> Iterator[dict]:
    """The rows that break one rule; none for a kind that needs a history or is not known here."""
    column = contract.column(rule.column).delivered if rule.column else None
    others = [each.delivered for each in contract.columns if each.name not in contract.key]
    value = _bad_value(rule, place)
    if value is not None:
        yield row | {column: value}
    elif rule.kind == "first_copy":
        yield from (row, row)
    elif rule.kind == "single_version" and others:
        yield from (row, row | {others[-1]: NONSENSE})
    elif rule.kind == "untouched" and rule.arguments["fix"] == "ROW-01":
        blanked = others[-1] if others else contract.columns[0].delivered
        yield row | {blanked: f" {row[blanked]} "}
    elif rule.kind == "untouched" and rule.arguments["fix"] == "ROW-07":
        for each in contract.columns:
            if each.cleaning in ("identifier", "code") and row[each.delivered].isdigit():
                yield row | {each.delivered: f"{row[each.delivered]}.0"}


def _bad_value(rule: Rule, place: int) -> str | None:
    """A cell that breaks a rule on one column, None where no single cell does."""
    values = {
        "required": "",
        "matches": f"{NONSENSE}{place}",
        "among": f"{NONSENSE}{place}",
        "known_in": f"{NONSENSE}{place}",
        "number": "n/a",
        "iso_date": "03/04/1950",
        "not_after_delivery": "2999-01-01",
        "age_at_most": "1850-06-01",
    }
    if rule.kind == "above_zero":
        return "0" if rule.arguments["sign"] == "zero" else "-1"
    if rule.kind == "not_among":
        return rule.arguments["values"][0]
    return values.get(rule.kind)
