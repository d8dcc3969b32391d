"""The moment of new feature rows: that of the newest input, and always after the moment of the
build before.
"""

import pytest

from pipeline.config import load_settings
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.migrations import migrate_warehouse
from pipeline.store.warehouse import feature_clock


@pytest.fixture
def connection(tmp_path):
    with open_warehouse(load_settings(home=tmp_path / "home"), write=True) as opened:
        migrate_warehouse(opened)
        yield opened


def test_newer_input_is_known_when_it_arrived(connection):
    assert feature_clock.newest_moment(connection) is None
    for moment in ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-02-01T00:00:00Z"):
        feature_clock.wind(connection, moment)
        assert feature_clock.newest_moment(connection) == moment


def test_a_change_without_newer_input_is_known_from_now_on(connection):
    feature_clock.wind(connection, "2026-01-01T00:00:00Z")
    before = utc_now()
    feature_clock.wind(connection, "2026-01-01T00:00:00Z")
    assert feature_clock.newest_moment(connection) >= before


def test_no_two_builds_share_a_moment_even_within_a_second(connection):
    moments = []
    watermark = utc_now()
    for _ in range(4):
        feature_clock.wind(connection, watermark)
        moments.append(feature_clock.newest_moment(connection))
    assert moments == sorted(set(moments)) and len(moments) == 4
    ((built_at,),) = connection.execute("select built_at from ops_feature_clock").fetchall()
    assert built_at >= moments[-1]
