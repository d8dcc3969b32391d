"""Remake the seed of ZIP centroids: the United States from the package `zipcodes`, the made-up ZIPs
from a grid.

`pip install zipcodes==3.0.0` in an environment of your own, then `python -m
pipeline.synthetic.zip_centroids`. The package is MIT, its coordinates are GeoNames' (CC BY 4.0);
the project needs neither at run time.
"""

import csv
from pathlib import Path

from pipeline.config.project import PROJECT_DIR
from pipeline.errors import InputRefused
from pipeline.synthetic.identifiers import ZIP5_POOL, ZIP_PREFIXES

SEED = PROJECT_DIR / "icon_dbt" / "seeds" / "reference_table" / "zip_centroid.csv"
#: Middles of the three made-up areas, degrees; their ZIPs lie on grids of 10 by 10 around them.
AREA_CENTRES = dict(zip(ZIP_PREFIXES, ((27.9, -81.8), (27.2, -81.4), (26.5, -80.9)), strict=True))
GRID_STEP = 0.06

Centroid = tuple[str, float, float]


def made_up_centroids() -> list[Centroid]:
    """(zip5, latitude, longitude) of every ZIP of the synthetic data, about four miles from the
    next.
    """
    centroids = []
    for zip5 in ZIP5_POOL:
        latitude, longitude = AREA_CENTRES[zip5[:3]]
        row, column = divmod(int(zip5[3:]), 10)
        centroids.append(
            (zip5, latitude + GRID_STEP * (row - 4.5), longitude + GRID_STEP * (column - 4.5))
        )
    return centroids


def united_states_centroids() -> list[Centroid]:
    """The same of every ZIP that the package places; military mail has no place (0, 0) and is left
    out.

    Raises InputRefused when the package is not installed.
    """
    try:
        import zipcodes
    except ImportError as error:
        raise InputRefused(
            "the package zipcodes is not installed", "zip centroids", "pip install zipcodes==3.0.0"
        ) from error
    places = (
        (place["zip_code"], float(place["lat"] or 0), float(place["long"] or 0))
        for place in zipcodes.list_all()
    )
    return [place for place in places if place[1:] != (0.0, 0.0)]


def write_seed(path: Path = SEED) -> int:
    """Write the seed, sorted, three decimals (about 100 m); returns the number of ZIPs."""
    rows = sorted([*united_states_centroids(), *made_up_centroids()])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("zip5", "latitude", "longitude"))
        writer.writerows(
            (zip5, f"{latitude:.3f}", f"{longitude:.3f}") for zip5, latitude, longitude in rows
        )
    return len(rows)


if __name__ == "__main__":
    print(f"{write_seed()} ZIPs in {SEED.name}")
