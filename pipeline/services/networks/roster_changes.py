"""What became of the lists of employers, and of the entries of those on them, from delivery to
delivery.
"""

import pandas as pd

from pipeline.config import Settings
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.marts import networks as network_marts
from pipeline.store.sqlite.statements import relation_names

ANSWERS_FROM_WAREHOUSE_ALONE = True
NEEDED = ("provider_directory_history", "std_providers")


def roster_changes(settings: Settings, employer: str | None = None) -> pd.DataFrame | None:
    """npi, provider_name, what (a list or an entry), since, until (UTC; missing while it holds),
    the newest change first; None until the history is built.
    """
    with open_visible(settings, *NEEDED) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return None
        changes = network_marts.roster_changes(connection, employer, tables.MAX_PAGE_ROWS)
    what = [
        f"on the list of {row.employer_id}"
        if row.aspect == "network"
        else f"{row.provider_name or 'no name'}, ZIP {row.zip5 or 'unknown'}"
        for row in changes.itertuples()
    ]
    return pd.DataFrame(
        {
            "npi": changes["npi"],
            "provider_name": changes["provider_name"],
            "what": pd.Series(what, dtype="object"),
            "since": pd.to_datetime(changes["valid_from"]),
            "until": pd.to_datetime(changes["valid_to"]),
        }
    )
