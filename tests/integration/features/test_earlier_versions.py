"""An earlier version of a feature tells no outcome on any road: subtracted from the newest it is a
cell of the few encounters between them.
"""

from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.config import Settings
from pipeline.declared.classes import load_classes
from pipeline.features.registry import read_registry
from pipeline.privacy.column_meaning import meaning
from pipeline.services.features import exports, profile, retrieval
from pipeline.store.sqlite.database import open_warehouse
from tests.warehouse import copied

#: Feature tables whose rows are versions of a cell.
VERSIONED = {
    table.name: table.key
    for table in read_registry()
    if isinstance(meaning(table.name).cells, tuple)
}
LATER = "2099-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def settings(sample_home, tmp_path_factory) -> Settings:
    """A home in which half of the providers and their cells got a newer version."""
    settings = copied(sample_home, tmp_path_factory.mktemp("versions") / "home")
    with open_warehouse(settings, write=True) as connection:
        for table in VERSIONED:
            names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            newer = {"event_timestamp": f"'{LATER}'", "row_version": "row_version + 1"}
            connection.execute(
                f"insert into {table} select {', '.join(newer.get(name, name) for name in names)} "
                f"from {table} where rowid % 2 = 0"
            )
    return settings


def known_page(settings: Settings, table: str, moment: str) -> pd.DataFrame:
    return profile.known_page(settings, table, moment, limit=10_000)


def printed(settings: Settings, table: str, moment: str) -> pd.DataFrame:
    rows = retrieval.history(settings, table, as_known_at=moment, limit=retrieval.ALL_ROWS)
    return exports.printed(settings, table, rows)[0]


def printed_every_version(settings: Settings, table: str, moment: str) -> pd.DataFrame:
    key = retrieval.history(settings, table, as_known_at=moment, limit=retrieval.ALL_ROWS)
    versions = pd.concat(
        retrieval.history(settings, table, tuple(map(str, each)))
        for each in key[list(VERSIONED[table])].head(20).itertuples(index=False)
    )
    earlier = versions[versions.event_timestamp < LATER]
    return exports.printed(settings, table, earlier.reset_index(drop=True))[0]


def versions(settings: Settings, table: str, moment: str) -> pd.DataFrame:
    key = min(with_newer_version(settings, table))
    shown = profile.versions(settings, table, key)
    return shown[shown.event_timestamp < LATER]


def drawn(settings: Settings, table: str, moment: str) -> pd.DataFrame:
    """Values that a chart draws, of the entities with a newer version."""
    drawing = profile.profile(settings, table, moment)
    old = known_page(settings, table, moment)
    assert len(drawing.values) == len(old)
    return drawing.values


ROADS: tuple[Callable[..., pd.DataFrame], ...] = (
    known_page,
    printed,
    printed_every_version,
    versions,
)


def outcomes(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    classes = load_classes()[table]
    return rows[[name for name in rows if classes.get(name) == "outcome"]]


def with_newer_version(settings: Settings, table: str) -> set[tuple[str, ...]]:
    with open_warehouse(settings) as connection:
        key = ", ".join(VERSIONED[table])
        return set(
            connection.execute(f"select {key} from {table} where event_timestamp = ?", (LATER,))
        )


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
@pytest.mark.parametrize("table", VERSIONED)
def test_no_road_tells_an_outcome_of_an_earlier_version(settings, table, road):
    moment = retrieval.moments(settings, table)[-2]
    rows = road(settings, table, moment)
    newer = with_newer_version(settings, table)
    if set(VERSIONED[table]) <= set(rows):
        keys = rows[list(VERSIONED[table])].itertuples(index=False, name=None)
        rows = rows[[key in newer for key in keys]]
    assert len(rows) and len(outcomes(table, rows).columns)
    assert not outcomes(table, rows).notna().any(axis=None)


@pytest.mark.parametrize("table", VERSIONED)
def test_a_chart_of_an_earlier_moment_draws_as_many_outcomes_as_the_page_shows(settings, table):
    moment = retrieval.moments(settings, table)[-2]
    drawing, page = drawn(settings, table, moment), known_page(settings, table, moment)
    shown, known = outcomes(table, drawing), outcomes(table, page)
    assert shown.notna().sum().to_dict() == known[list(shown)].notna().sum().to_dict()


@pytest.mark.parametrize("table", VERSIONED)
def test_the_newest_versions_are_shown_where_their_cells_are_large(settings, table):
    rows = known_page(settings, table, retrieval.moments(settings, table)[-1])
    assert outcomes(table, rows).notna().any(axis=None)
