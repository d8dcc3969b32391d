"""The tables for choosing a provider as frames, and what they are made from in plain Python."""

import csv
import math
import sqlite3
from pathlib import Path

import pandas as pd

from pipeline.config.project import PROJECT_DIR

EARTH_RADIUS_MILES = 3958.7613
SEED = PROJECT_DIR / "icon_dbt" / "seeds" / "reference_table" / "zip_centroid.csv"


def read_tables(home: Path, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """The named tables of a home as frames; the home is only read."""
    connection = sqlite3.connect(f"file:{home / 'icon_health.db'}?mode=ro", uri=True)
    try:
        return {name: pd.read_sql(f'select * from "{name}"', connection) for name in names}
    finally:
        connection.close()


def centroids() -> dict[str, tuple[float, float]]:
    """Latitude and longitude in degrees of every ZIP of the seed."""
    with SEED.open(encoding="utf-8", newline="") as file:
        return {
            row["zip5"]: (float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(file)
        }


def miles(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float | None:
    """Great-circle miles by the spherical law of cosines, the other way to the same number; None
    when a place is unknown.
    """
    if one is None or other is None:
        return None
    (north, east), (other_north, other_east) = (
        tuple(map(math.radians, place)) for place in (one, other)
    )
    cosine = math.sin(north) * math.sin(other_north) + math.cos(north) * math.cos(
        other_north
    ) * math.cos(east - other_east)
    return EARTH_RADIUS_MILES * math.acos(max(-1.0, min(1.0, cosine)))
