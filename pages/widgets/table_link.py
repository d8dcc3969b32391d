"""Links from a number to the rows that it counts."""

from collections.abc import Sequence

from pages.widgets import menu, session
from pipeline.services.tables import table_list

#: How the address says that a column has a value, another one, or one of a range (`low..high`).
IS, IS_NOT, BETWEEN = "is", "not", "to"


def condition(column: str, code: str, value: str) -> str:
    """A condition on a column as an address holds it; `code` stands for the operator."""
    return f"{column}:{code}:{value}"


def show(table: str, label: str, **values: str | None) -> None:
    """A link to the rows of a table in which these columns have these values; one that is None is
    no condition.
    """
    where(
        table,
        label,
        [condition(column, IS, value) for column, value in values.items() if value is not None],
    )


def where(table: str, label: str, conditions: Sequence[str]) -> None:
    """A link to the rows of a table that meet these conditions."""
    menu.link(
        "tables",
        label=label,
        query_params={
            session.LAYER: table_list.layer_of(table) or "",
            session.TABLE: table,
            session.WHERE: list(conditions),
        },
        width="content",
    )
