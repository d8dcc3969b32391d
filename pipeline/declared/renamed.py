"""Names that tables and columns had in an older version: those of gold and features as the YAML
beside the model says (`renamed_from`), those of the landing zone by their stage.
"""

from functools import lru_cache

from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.sources import source_names
from pipeline.declared.stages import former_tables

LATEST = "_latest"


@lru_cache
def renamed_tables() -> dict[str, str]:
    """Name before -> name now."""
    return former_tables(source_names()) | {
        dict(entry.meta)["renamed_from"]: entry.name
        for entry in load_dictionary().values()
        if "renamed_from" in dict(entry.meta)
    }


@lru_cache
def renamed_columns(table: str) -> dict[str, str]:
    """Column of `table` before -> its name now; a name that a column has today stays what it is."""
    entries = load_dictionary()
    entry = entries.get(table)
    if entry and not entry.columns and table.endswith(LATEST):
        entry = entries.get(table.removesuffix(LATEST))
    columns = entry.columns if entry else ()
    names = {column.name for column in columns}
    before = {
        dict(column.meta)["renamed_from"]: column.name
        for column in columns
        if "renamed_from" in dict(column.meta)
    }
    return {old: new for old, new in before.items() if old not in names}
