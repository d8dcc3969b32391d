"""Whether a cell of a delivered file fits its column; of one that does not, screens show the shape.

What stands in a wrong column may be anybody's identifier, name or date, so it is taken for one. In
silver and gold each cell has passed the rules of its column.
"""

import re
from functools import lru_cache
from typing import Any

from pipeline.declared.classes import class_of
from pipeline.declared.sources import Column, SourceContract, load_contracts
from pipeline.declared.stages import MODEL_NAMES, model_name
from pipeline.privacy.treatments import SHOWN, SMALL_EMPTY, treatment

#: Names of the functions that a masked view calls, as SQL knows them.
SHAPE_FUNCTION, LIST_FUNCTION = "shape_of_cell", "list_or_shape"
GENDERS = ("m", "f", "o", "u", "male", "female", "other", "unknown")
#: A number from here on may as well be an identifier; silver shows what passed its rules.
MOST_DOLLARS = 1_000_000
DIGIT = "[0-9]"
#: Shape that a rule of the source asks for -> its condition in SQL.
BY_RULE = {
    "npi": f"{{0}} glob '[12]{DIGIT * 9}'",
    "cpt": f"{{0}} glob '{DIGIT * 4}[0-9A-Z]'",
    "zip": f"({{0}} glob '{DIGIT * 5}' or {{0}} glob '{DIGIT * 9}' or {{0}} glob '{DIGIT * 5}-{DIGIT * 4}')",
}
#: Kind of cleaning -> the condition in SQL.
BY_CLEANING = {
    "money": "(ltrim({0}, '$-( ') not glob '*[^0-9.,) ]*' and length({0}) <= 14 and "
    f"abs(cast(replace(ltrim({{0}}, '$-( '), ',', '') as real)) < {MOST_DOLLARS})",
    "gender": f"lower(trim({{0}})) in ({', '.join(map(repr, GENDERS))})",
    "code": BY_RULE["cpt"],
    "text": "({0} not glob '*[0-9]*' and length({0}) <= 80)",
    "identifier": "({0} not glob '*[^0-9]*' and length({0}) <= 6)",
}
#: A column that is worked out from others, or of a cleaning not known here, may hold what was
#: delivered: no word and no long number.
OTHERWISE = "({0} not glob '*[^0-9]*' and length({0}) <= 5)"


def shape_of(value: str) -> str:
    """`1950-01-02` -> `9999-99-99`."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", value))


def shape_of_cell(value: Any) -> Any:
    """The shape of a cell; an empty one stays empty."""
    return value if value is None or value == "" else shape_of(str(value))


def list_or_shape(value: Any) -> Any:
    """A list of NPIs as it is, with the shape of every element that is none."""
    if value is None or value == "":
        return value
    return re.sub(
        r"[^,;|\s]+",
        lambda part: part[0] if re.fullmatch(r"[12][0-9]{9}", part[0]) else shape_of(part[0]),
        str(value),
    )


@lru_cache(maxsize=256)
def fitting(table: str) -> dict[str, str]:
    """Column -> SQL of what a screen shows of it, for a table that holds cells as delivered; {0} is
    the column.
    """
    source = next(
        (
            name
            for name in load_contracts()
            if table in {f"raw_{name}", *(model_name(stage, name) for stage in MODEL_NAMES)}
        ),
        None,
    )
    if source is None:
        return {}
    contract = load_contracts()[source]
    shown = (SHOWN, SMALL_EMPTY)
    return {
        name: _or_shape(contract, column)
        for column in contract.columns
        for name in (column.name, column.delivered)
        if name and treatment(class_of(table, name), "screen") in shown
    }


def _or_shape(contract: SourceContract, column: Column) -> str:
    if column.is_list:
        return f"{LIST_FUNCTION}({{0}})"
    rule = next(
        (
            BY_RULE[each.arguments["shape"]]
            for each in contract.rules
            if each.column == column.name and each.arguments.get("shape") in BY_RULE
        ),
        None,
    )
    condition = rule or BY_CLEANING.get(column.cleaning or "", OTHERWISE)
    return f"case when {condition} then {{0}} else {SHAPE_FUNCTION}({{0}}) end"
