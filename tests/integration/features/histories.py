"""Versions of the features of providers at moments of our choice."""

from datetime import datetime, timedelta

from pipeline.config import load_settings
from pipeline.store.sqlite.database import open_warehouse

START = datetime(2026, 1, 1)


def stamp(second: int) -> str:
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_history(home, versions: list[tuple]) -> None:
    """A warehouse that holds nothing but versions of provider features: (npi, second, is_retired,
    three values).
    """
    with open_warehouse(load_settings(home=home), write=True) as connection:
        connection.execute("drop table if exists feat_provider")
        connection.execute(
            "create table feat_provider (npi text, event_timestamp text, created_at text, row_version integer, "
            "is_retired integer, encounter_count_to_date integer, observed_to_expected_to_date real, zip3 text)"
        )
        times: dict[str, int] = {}
        for npi, second, is_retired, *values in versions:
            times[npi] = times.get(npi, 0) + 1
            connection.execute(
                "insert into feat_provider values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    npi,
                    stamp(second),
                    stamp(second),
                    times[npi],
                    is_retired,
                    *([None] * 3 if is_retired else values),
                ),
            )
