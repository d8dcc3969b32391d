"""Read what the pages on networks and referrals need from gold: sums by area, gaps, places. One
statement a question.
"""

import json
from collections.abc import Iterable, Sequence
from sqlite3 import Connection

import pandas as pd

from pipeline.store.sqlite.statements import quoted

#: Both conditions of the page; an empty one holds for every row.
CONDITION = "(? is null or employer_id = ?) and (? is null or cpt = ?)"


def demand_by_area(connection: Connection, employer: str | None, cpt: str | None) -> pd.DataFrame:
    """zip3, referrals: how many referrals that have a candidate come from each area."""
    return pd.read_sql_query(
        f"select substr(zip5, 1, 3) as zip3, sum(referrals) as referrals from network_candidate where rank = 1 and {CONDITION} "
        "group by 1 order by 1",
        connection,
        params=_twice(employer, cpt),
    )


def access_gaps(connection: Connection) -> pd.DataFrame:
    """employer_id, cpt, gap_reason, referrals: what stands in the way of how many referrals."""
    return pd.read_sql_query(
        "select employer_id, cpt, gap_reason, count(*) as referrals from referral_access group by 1, 2, 3 order by 1, 2, 3",
        connection,
    )


def distances(connection: Connection, employer: str | None) -> pd.DataFrame:
    """employer_id, zip5, candidates, miles (to the nearest candidate), referrals: how far whoever
    was referred has to go. ZIPs are of patients, for counting alone.
    """
    return pd.read_sql_query(
        "select access.employer_id, zip5, candidate_count as candidates, nearest_miles as miles, count(*) as referrals "
        "from referral_access as access join std_referrals on std_referrals.referral_id = access.referral_id "
        "where ? is null or access.employer_id = ? group by 1, 2, 3, 4",
        connection,
        params=[employer, employer],
    )


def columns_of(connection: Connection, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """These columns of all rows of a table."""
    return pd.read_sql_query(
        f"select {', '.join(map(quoted, columns))} from {quoted(table)}", connection
    )


def asked_from(connection: Connection, employer: str) -> pd.DataFrame:
    """cpt, zip5, referrals: what an employer's patients ask for, and from where. ZIPs are of
    patients, to be masked.
    """
    return pd.read_sql_query(
        "select cpt, zip5, count(*) as referrals from std_referrals where employer_id = ? group by 1, 2",
        connection,
        params=[employer],
    )


def directory(connection: Connection) -> pd.DataFrame:
    """npi, provider_name, latitude, longitude of all providers, by name."""
    return pd.read_sql_query(
        "select npi, coalesce(provider_name, npi) as provider_name, latitude, longitude from std_providers "
        "left join zip_centroid on zip_centroid.zip5 = std_providers.zip5 order by provider_name, npi",
        connection,
    )


def listed_npis(connection: Connection, employer: str) -> list[str]:
    """The NPIs that a network lists."""
    rows = connection.execute(
        "select distinct npi from std_employer_networks where employer_id = ? order by npi",
        [employer],
    )
    return [npi for (npi,) in rows]


def listed_providers(
    connection: Connection, employer: str | None, cpt: str | None, limit: int
) -> pd.DataFrame:
    """npi, provider_name, zip5, latitude, longitude, encounters of the listed providers that the
    directory knows.
    """
    return pd.read_sql_query(
        "select listed.npi, provider_name, std_providers.zip5, latitude, longitude, coalesce(done.encounters, 0) as encounters "
        "from (select distinct npi from network_roster_audit where ? is null or employer_id = ?) as listed "
        "join std_providers on std_providers.npi = listed.npi left join zip_centroid on zip_centroid.zip5 = std_providers.zip5 "
        "left join (select npi, sum(encounter_count) as encounters from provider_procedure_scorecard "
        "where ? is null or cpt = ? group by npi) as done "
        "on done.npi = listed.npi order by listed.npi limit ?",
        connection,
        params=[employer, employer, cpt, cpt, limit],
    )


def places_of_areas(connection: Connection, zip3s: Iterable[str]) -> pd.DataFrame:
    """zip3, latitude, longitude: the middle of the ZIPs of an area."""
    return pd.read_sql_query(
        "select value as zip3, avg(latitude) as latitude, avg(longitude) as longitude from json_each(?) "
        "join zip_centroid on zip5 between value || '00' and value || '99' group by 1",
        connection,
        params=[json.dumps(list(zip3s))],
    )


def roster(connection: Connection, employer: str | None, limit: int) -> pd.DataFrame:
    """The audited entries with the name of the provider; those that need somebody come first."""
    return pd.read_sql_query(
        "select audit.employer_id, audit.npi, provider_name, status, listed_raw, suggestion, encounters, last_seen as last_seen_at "
        "from network_roster_audit as audit left join std_providers on std_providers.npi = audit.npi "
        "where ? is null or audit.employer_id = ? order by status = 'active', status, audit.employer_id, audit.npi limit ?",
        connection,
        params=[employer, employer, limit],
    )


def roster_changes(connection: Connection, employer: str | None, limit: int) -> pd.DataFrame:
    """What deliveries after the first have changed of entries of the directory and of lists, the
    newest change first; of one employer its list, and the entries of those ever on it.
    """
    return pd.read_sql_query(
        "with beginnings as ("
        "select aspect, coalesce(employer_id, '') as employer_id, min(valid_from) as valid_from "
        "from provider_directory_history group by 1, 2) "
        "select history.npi, coalesce(history.provider_name, known.provider_name) as provider_name, history.aspect, "
        "history.employer_id, history.zip5, history.valid_from, history.valid_to "
        "from provider_directory_history as history "
        "join beginnings on beginnings.aspect = history.aspect and beginnings.employer_id = coalesce(history.employer_id, '') "
        "left join std_providers as known on known.npi = history.npi "
        "where (history.valid_to is not null or history.valid_from > beginnings.valid_from) "
        "and (? is null or history.employer_id = ? or (history.aspect = 'entry' and history.npi in "
        "(select npi from provider_directory_history where employer_id = ?))) "
        "order by coalesce(history.valid_to, history.valid_from) desc, history.npi, history._row_id limit ?",
        connection,
        params=[employer, employer, employer, limit],
    )


def roster_counts(connection: Connection) -> pd.DataFrame:
    """employer_id, status, entries."""
    return pd.read_sql_query(
        "select employer_id, status, count(*) as entries from network_roster_audit group by 1, 2 order by 1, 2",
        connection,
    )


def _twice(*values: str | None) -> list[str | None]:
    return [parameter for value in values for parameter in (value, value)]
