"""Outlines of the states for maps, as lines to draw: no tile and no file is fetched from anywhere.

The file beside this one is made by `npm pack us-atlas@3.0.1`, unpacking it, and `python -m
pages.networks.us_states package/states-10m.json`: boundaries of the US Census Bureau (public
domain), as packaged by us-atlas (ISC), thinned to about two miles and without islands smaller than
that.
"""

import json
import math
import sys
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("us_states.json")
SOURCE = (
    "State outlines: US Census Bureau (public domain), by way of us-atlas. Places of ZIPs: GeoNames (CC BY 4.0); those of synthetic "
    "ZIPs are made up."
)
TOLERANCE = 0.03  # degrees
SMALLEST_ISLAND = 0.3  # degrees around it

Point = tuple[float, float]


@lru_cache
def outlines() -> tuple[list[float | None], list[float | None]]:
    """Longitudes and latitudes of all borders and coasts, one after the other with None between
    them.
    """
    longitudes: list[float | None] = []
    latitudes: list[float | None] = []
    for line in json.loads(FILE.read_text(encoding="utf-8")):
        longitudes += [*line[::2], None]
        latitudes += [*line[1::2], None]
    return longitudes, latitudes


def decoded(topology: dict) -> list[list[Point]]:
    """The arcs of a quantised TopoJSON in degrees; a border between two states is one arc."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(line)
    return arcs


def thinned(line: list[Point], tolerance: float = TOLERANCE) -> list[Point]:
    """The line without points nearer than `tolerance` to what is left (Douglas and Peucker); both
    ends stay.
    """
    if len(line) < 3:
        return line
    far = max(range(1, len(line) - 1), key=lambda place: _distance(line[place], line[0], line[-1]))
    if _distance(line[far], line[0], line[-1]) <= tolerance:
        return [line[0], line[-1]]
    return thinned(line[: far + 1], tolerance)[:-1] + thinned(line[far:], tolerance)


def write(source: Path, target: Path = FILE) -> int:
    """Write the outlines of a us-atlas file; returns the number of points kept."""
    lines = [
        thinned(line)
        for line in decoded(json.loads(source.read_text(encoding="utf-8")))
        if line[0] != line[-1] or _length(line) >= SMALLEST_ISLAND
    ]
    flat = [[round(number, 2) for point in line for number in point] for line in lines]
    target.write_text(
        "[" + ",\n".join(json.dumps(line, separators=(",", ":")) for line in flat) + "]\n",
        encoding="utf-8",
    )
    return sum(map(len, lines))


def _distance(point: Point, start: Point, end: Point) -> float:
    across, along = (
        (end[0] - start[0], end[1] - start[1]),
        (point[0] - start[0], point[1] - start[1]),
    )
    length = math.hypot(*across)
    if length == 0:
        return math.hypot(*along)
    share = max(0.0, min(1.0, (along[0] * across[0] + along[1] * across[1]) / length**2))
    return math.hypot(along[0] - share * across[0], along[1] - share * across[1])


def _length(line: list[Point]) -> float:
    return sum(math.dist(*pair) for pair in zip(line, line[1:], strict=False))


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1])):,} points in {FILE.name}")
