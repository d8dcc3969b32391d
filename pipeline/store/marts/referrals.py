"""Read what choosing a provider needs: candidates with their places, a referral, who did similar
patients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

import pandas as pd


@dataclass(frozen=True)
class ReferralQuery:
    """Which referrals are listed; None for all."""

    employer: str | None = None
    cpt: str | None = None
    gap: str | None = None

    def condition(self) -> tuple[str, list[str]]:
        """Where clause over referral_access and its values."""
        parts = {"employer_id": self.employer, "cpt": self.cpt, "gap_reason": self.gap}
        present = {column: value for column, value in parts.items() if value is not None}
        return " and ".join(f"access.{column} = ?" for column in present) or "1", list(
            present.values()
        )


def referral_count(connection: Connection, query: ReferralQuery) -> int:
    """How many there are."""
    condition, values = query.condition()
    return connection.execute(
        f"select count(*) from referral_access as access where {condition}", values
    ).fetchone()[0]


def referral_page(
    connection: Connection, query: ReferralQuery, limit: int, offset: int
) -> pd.DataFrame:
    """Referrals in the order of their ids, with the values of the patient: mask before anybody sees
    them.
    """
    condition, values = query.condition()
    return pd.read_sql_query(
        "select referral.patient_id, referral.gender, referral.birth_date, referral.zip5, access.cpt, access.employer_id, "
        "access.gap_reason, access.candidate_count, access.candidate_within_25_miles_count, access.nearest_miles "
        f"from (select * from referral_access as access where {condition} order by referral_id limit ? offset ?) as access "
        "join std_referrals as referral on referral.referral_id = access.referral_id order by access.referral_id",
        connection,
        params=[*values, limit, offset],
    )


def options(connection: Connection, employer: str, cpt: str) -> pd.DataFrame:
    """Candidates of an employer for a procedure with name and place."""
    return pd.read_sql_query(
        "select option.*, provider_name, latitude, longitude from network_option as option "
        "left join std_providers on std_providers.npi = option.npi left join zip_centroid on zip_centroid.zip5 = option.zip5 "
        "where option.employer_id = ? and option.cpt = ?",
        connection,
        params=[employer, cpt],
    )


def similar_patients(
    connection: Connection, cpt: str, sex: str, bands: Sequence[str]
) -> dict[str, int]:
    """NPI -> patients of the procedure with this sex and one of these age bands."""
    marks = ", ".join("?" * len(bands))
    return dict(
        connection.execute(
            f"select npi, sum(patients) from provider_case_mix where cpt = ? and sex = ? and age_band in ({marks}) group by npi",
            [cpt, sex, *bands],
        ).fetchall()
    )


def place_of(connection: Connection, zip5: str | None) -> tuple[float, float] | None:
    """Latitude and longitude of a ZIP; None when nobody knows."""
    return connection.execute(
        "select latitude, longitude from zip_centroid where zip5 = ?", [zip5]
    ).fetchone()


def expected_cost(
    connection: Connection, employer: str, cpt: str
) -> tuple[float | None, float | None, float | None]:
    """Lower quartile, median and upper quartile that the procedure is expected to cost in the
    network.
    """
    costs = connection.execute(
        "select expected_paid_low_usd, expected_paid_mid_usd, expected_paid_high_usd from network_expected_cost "
        "where employer_id = ? and cpt = ?",
        [employer, cpt],
    ).fetchone()
    return costs or (None, None, None)
