"""Maps without tiles: true proportions, cut to the data, borders where they are."""

import math

import pandas as pd
import pytest

from pages.networks import charts, us_states

NO_AREAS = pd.DataFrame({"latitude": [], "longitude": [], "words": []})


def places(*points: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "zip5": "00200",
                "latitude": latitude,
                "longitude": longitude,
                "providers": 1,
                "performing": True,
                "words": "x",
            }
            for latitude, longitude in points
        ]
    )


def test_outlines_cover_the_states_and_pass_where_a_border_is():
    longitudes, latitudes = us_states.outlines()
    points = [(x, y) for x, y in zip(longitudes, latitudes, strict=True) if x is not None]
    assert min(x for x, _ in points) < -160 and max(y for _, y in points) > 70
    four_corners = (-109.05, 37.0)
    assert min(math.dist(point, four_corners) for point in points) < 0.05


def test_thinning_keeps_the_ends_and_stays_within_the_tolerance():
    line = [(x / 10, math.sin(x / 10)) for x in range(63)]
    thinned = us_states.thinned(line, 0.05)
    assert (thinned[0], thinned[-1]) == (line[0], line[-1]) and len(thinned) < 20
    assert all(
        min(us_states._distance(point, *pair) for pair in zip(thinned, thinned[1:], strict=False))
        <= 0.05
        for point in line
    )


def test_arcs_are_decoded_by_adding_up_their_steps():
    topology = {
        "transform": {"scale": [0.5, 2.0], "translate": [-10.0, 1.0]},
        "arcs": [[[2, 3], [1, -1]]],
    }
    assert us_states.decoded(topology) == [[(-9.0, 7.0), (-8.5, 5.0)]]


@pytest.mark.parametrize("points", [[(27.9, -81.8), (26.5, -80.9)], [(64.8, -147.7)]])
def test_a_map_is_cut_to_its_places_and_a_mile_is_as_long_north_as_east(points):
    figure = charts.place_map(places(*points), NO_AREAS)
    for axis, numbers in (
        (figure.layout.yaxis, [north for north, _ in points]),
        (figure.layout.xaxis, [east for _, east in points]),
    ):
        low, high = axis.range
        assert low < min(numbers) and high > max(numbers) and high - low < 4
    middle = math.radians(sum(north for north, _ in points) / len(points))
    assert (
        figure.layout.yaxis.scaleanchor == "x"
        and figure.layout.yaxis.scaleratio == pytest.approx(1 / math.cos(middle))
    )
