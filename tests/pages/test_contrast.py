"""Marks of charts and chips of states can be seen in both themes, also by people who are
colour-blind (WCAG 2.1, 1.4.1 and 1.4.11).
"""

import itertools
import re
import tomllib

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from pages.features import charts as feature_charts
from pages.networks.charts import place_map
from pages.providers.charts import VERDICTS
from pages.quality import charts as quality_charts
from pages.run_history.charts import strip
from pages.run_history.run_list import MARKS
from pages.tables import charts as table_charts
from pages.widgets import badges, charts, palette
from pipeline.config.project import PROJECT_DIR

THEME = tomllib.loads((PROJECT_DIR / ".streamlit" / "config.toml").read_text())["theme"]
GROUNDS = [THEME[name]["backgroundColor"] for name in ("light", "dark")]
MARK, TEXT = 3.0, 4.5
#: Machado et al. 2009, whole loss of one kind of cone, on linear RGB.
BLINDNESS = {
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
ALONE = 15.0  # CIE76 difference from which a colour might tell two things apart by itself


def linear(colour: str, ground: str = "#000000") -> np.ndarray:
    """Linear RGB of `#rrggbb` or `rgba(...)` on a ground."""
    if colour.startswith("rgba"):
        *parts, share = map(float, re.findall(r"[\d.]+", colour))
        under = [int(ground[at : at + 2], 16) for at in (1, 3, 5)]
        values = [
            part * share + below * (1 - share) for part, below in zip(parts, under, strict=True)
        ]
    else:
        values = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    scaled = np.array(values) / 255
    return np.where(scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)


def contrast(one: str, ground: str) -> float:
    light, dark = sorted(
        (float(linear(each, ground) @ (0.2126, 0.7152, 0.0722)) for each in (one, ground)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def colours() -> dict[str, str]:
    """Every colour of the palette by where it stands."""
    found = {}
    for name, value in vars(palette).items():
        if isinstance(value, str) and re.fullmatch("#[0-9A-F]{6}", value):
            found[name] = value
        if name.endswith("_COLOURS") or name == "CATEGORICAL":
            items = value.items() if isinstance(value, dict) else enumerate(value)
            found |= {f"{name} {key}": colour for key, colour in items}
    return found


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_colour_of_the_palette_stands_out_from_the_ground(ground):
    assert len(colours()) > 25
    assert {
        name: round(contrast(colour, ground), 2)
        for name, colour in colours().items()
        if contrast(colour, ground) < MARK
    } == {}


def test_white_words_on_chips_can_be_read():
    for chips in (palette.SEVERITY_COLOURS, palette.RUN_COLOURS, palette.GRADE_COLOURS):
        assert min(contrast("#FFFFFF", colour) for colour in chips.values()) >= TEXT


def marks(figure: go.Figure) -> list[str]:
    """The colours by which the traces of a figure are seen: of a line around a mark, where it has
    one, else of the mark or the line.
    """
    seen = []
    for trace in figure.data:
        assert (trace.opacity or 1) == 1 and (getattr(trace.marker, "opacity", None) or 1) == 1
        sizes = getattr(trace.marker, "size", None)
        # plotly lets marks of several sizes through by 30 % unless it is told otherwise
        assert sizes is None or isinstance(sizes, int | float) or trace.marker.opacity == 1
        edge = trace.marker.line.color if trace.marker else None
        line = (
            trace.line.color if "line" in trace and trace.mode and "lines" in trace.mode else None
        )
        colour = edge or (trace.marker.color if trace.marker else None) or line
        seen += [colour] if isinstance(colour, str) else list(colour or [])
    return seen


def drawn() -> dict[str, go.Figure]:
    numbers = pd.Series([1.0, 2.0, 2.0, 5.0])
    rows = pd.DataFrame({"x": [1, 2], "y": [2, 1], "name": ["a", "b"], "failed": 1, "warned": 2})
    states = pd.DataFrame({"run_id": "R1", "status": list(palette.SEVERITY_COLOURS), "rules": 3})
    runs = pd.DataFrame(
        {"run_id": ["R1", "R2"], "status": ["succeeded", "failed"], "duration_seconds": [3.0, 9.0]}
    )
    places = pd.DataFrame(
        {"latitude": [27.0, 28.0], "longitude": [-81.0, -82.0], "words": "a", "performing": True}
    ).assign(zip5="34592", providers=[1, 2])
    moved = (["a", "b"], [0.1, 0.4], [0.05, 0.05], [False, True], 0.2)
    return {
        "bars": charts.bars(rows, "name", "x"),
        "lines": charts.lines(rows, "x", "y", "name"),
        "histogram": charts.histogram(numbers, "x", "rows"),
        "stacked": charts.stacked(
            rows, "name", ["failed", "warned"], palette.SEVERITY_COLOURS, "x"
        ),
        "points": table_charts.points(rows, "x", "y", ["a", "b"], ("x", "y")),
        "states": quality_charts.rule_states(states),
        "moved": feature_charts.moved(*moved),
        "strip": strip(runs),
        "places": place_map(places, places.assign(referrals=[1.0, 9.0])),
        "snapshots": feature_charts.two_snapshots(numbers, numbers + 1, ("then", "now"), "x"),
    }


@pytest.mark.parametrize("name", list(drawn()))
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_mark_of_a_chart_stands_out_from_the_ground(name, ground):
    found = marks(drawn()[name])
    assert found and min(contrast(colour, ground) for colour in found) >= MARK


def test_a_faint_mark_is_found():
    """The check itself: a bar let through by a third has 1.8 : 1 on white."""
    figure = charts.bars(
        pd.DataFrame({"a": ["x"], "b": [1]}), "a", "b", colour=charts.faded("#0072B2")
    )
    assert contrast(marks(figure)[0], "#FFFFFF") < MARK


@pytest.mark.parametrize("states", ["SEVERITY_COLOURS", "FATE_COLOURS", "RUN_COLOURS"])
def test_states_that_some_people_see_in_one_colour_differ_in_pattern(states):
    table = getattr(palette, states)
    alike = set()
    for matrix in BLINDNESS.values():
        for one, other in itertools.combinations(table, 2):
            seen = [lab(np.array(matrix) @ linear(table[each])) for each in (one, other)]
            if np.linalg.norm(seen[0] - seen[1]) < ALONE:
                alike.add((one, other))
    assert alike, "with these colours alone everybody could tell the states apart"
    assert [pair for pair in alike if len({palette.PATTERNS[each] for each in pair}) == 1] == []


def test_a_mark_a_word_or_a_shape_goes_with_each_state():
    for signs in (badges.STATE_MARKS, MARKS):
        assert len(set(signs.values())) == len(signs)
    assert len({shape for *_, shape in VERDICTS.values()}) == len(VERDICTS)
    assert len(set(palette.SYMBOLS)) == len(palette.CATEGORICAL)
    icons = [icon for _, icon in badges.RUN_STATES.values()]
    assert len(set(icons)) == len(icons)
