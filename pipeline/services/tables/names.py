"""What the ids of providers, procedures and employers are called, for people who read them."""

from collections.abc import Sequence

from pipeline.config import Settings
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.sqlite.statements import has_relation

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True
#: Column of ids -> the table that names them, and its column of names. None of them is of a person.
NAMED_BY = {
    "npi": ("std_providers", "provider_name"),
    "cpt": ("dim_procedure", "plain_label"),
    "employer_id": ("contracted_employer", "employer_name"),
}


def names_of(settings: Settings, column: str, ids: Sequence[str]) -> dict[str, str]:
    """Id -> its name as screens show it; nothing for an id without one, or another column."""
    if column not in NAMED_BY or not ids:
        return {}
    table, name = NAMED_BY[column]
    with open_visible(settings, table) as connection:
        if not has_relation(connection, table):
            return {}
        rows = tables.matching(connection, table, column, ids, (column, name))
    return {str(key): str(value) for key, value in rows.dropna().itertuples(index=False, name=None)}
