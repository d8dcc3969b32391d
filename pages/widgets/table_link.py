"""Links from a number to the rows that it counts."""

from pages.widgets import menu, session
from pipeline.services.tables import browse

#: How the address says that a column has a value.
IS = "is"


def condition(column: str, code: str, value: str) -> str:
    """A condition on a column as an address holds it; `code` stands for the operator."""
    return f"{column}:{code}:{value}"


def show(table: str, label: str, **values: str) -> None:
    """A link to the rows of a table in which these columns have these values."""
    menu.link(
        "tables",
        label=label,
        query_params={
            session.LAYER: browse.layer_of(table) or "",
            session.TABLE: table,
            session.WHERE: [condition(column, IS, value) for column, value in values.items()],
        },
        width="content",
    )
