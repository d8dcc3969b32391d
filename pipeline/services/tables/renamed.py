"""What a table or column of an older link is called today."""

from pipeline.declared.renamed import renamed_columns, renamed_tables


def current_table(name: str) -> str:
    """The name that a table has today."""
    return renamed_tables().get(name, name)


def current_column(table: str, name: str) -> str:
    """The name that a column of `table` (named as today) has today."""
    return renamed_columns(table).get(name, name)
