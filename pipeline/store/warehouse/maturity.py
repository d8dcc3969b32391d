"""How many encounters are old enough for their adverse events to count, by the newest build."""

from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.sqlite.statements import relation_names

TABLE = "std_encounter_maturity"


@dataclass(frozen=True)
class Maturity:
    """Encounters in silver, those whose outcome counts, and whether a later delivery of adverse
    events than their own confirms these.
    """

    encounters: int = 0
    counted: int = 0
    is_confirmed: bool = False


def of_encounters(connection: Connection) -> Maturity:
    """The counts; zeros before the first build, and of one that did not know of maturity."""
    if TABLE not in relation_names(connection):
        return Maturity()
    encounters, counted, confirmed = connection.execute(
        f"select count(*), coalesce(sum(is_outcome_counted), 0), coalesce(max(is_label_mature), 0) from {TABLE}"
    ).fetchone()
    return Maturity(encounters, counted, bool(confirmed))
