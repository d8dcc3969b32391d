"""A clock that is ten years ahead: a home that has loads refuses it, and what was stored under it
can be taken back whole.
"""

import shutil
from datetime import timedelta

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.features import retrieval
from pipeline.services.run import runs
from pipeline.services.upload import loads
from pipeline.store.sqlite import clock
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import builds, feature_clock
from tests.warehouse import query

TEN_YEARS = timedelta(days=3653)
FEATURES = "feat_patient"


@pytest.fixture
def home(sample_home, tmp_path):
    copy = tmp_path / "home"
    shutil.copytree(sample_home, copy)
    return copy


@pytest.fixture
def set_clock(monkeypatch):
    true = clock.now

    def ahead(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: true() + by)

    return ahead


def delivery(deliveries_dir):
    return [deliveries_dir / "delivery_2"]


def test_a_leap_of_the_clock_is_refused_before_anything_is_stored(home, set_clock, deliveries_dir):
    settings = load_settings(home=home)
    before = loads.history(settings)
    set_clock(TEN_YEARS)
    with pytest.raises(InputRefused, match="clock"):
        loads.ingest(settings, delivery(deliveries_dir))
    assert loads.history(settings).equals(before)
    patient = load_settings(home=home, clock_leap_days=4000)
    assert any(load.status == "loaded" for load in loads.ingest(patient, delivery(deliveries_dir)))


def test_loads_of_a_wrong_clock_leave_no_moment_behind(home, set_clock, deliveries_dir):
    settings = load_settings(home=home, clock_leap_days=4000)
    with open_warehouse(settings) as warehouse:
        day = builds.newest_stamp(warehouse)["as_of"]
    set_clock(TEN_YEARS)
    result = runs.run_now(settings, verb="run", paths=delivery(deliveries_dir))
    assert result.as_of > day
    moments = {row[0] for row in query(home, f"select event_timestamp from {FEATURES}")}
    assert max(moments) > clock.utc_now()[:4]

    set_clock(timedelta())
    assert max(moments) > clock.latest_believable()
    wrong = [load for load in result.loads if load.status == "loaded"]
    for verb, paths in (("build", ()), ("run", delivery(deliveries_dir))):
        with pytest.raises(InputRefused, match=wrong[0].load_id):
            runs.run_now(settings, verb=verb, paths=paths)
    for load in wrong:
        loads.undo(settings, load.load_id)
    assert runs.run_now(settings).as_of == day

    with open_warehouse(settings) as warehouse:
        assert feature_clock.newest_moment(warehouse) <= clock.latest_believable()
    versions = query(
        home,
        f"select patient_id, row_version, event_timestamp, created_at from {FEATURES} "
        "order by patient_id, row_version",
    )
    assert max(max(row[2:]) for row in versions) <= clock.latest_believable()
    for (patient, _, moment, _), (other, _, later, _) in zip(versions, versions[1:], strict=False):
        assert patient != other or moment < later
    known = retrieval.history(settings, FEATURES, None, clock.latest_believable())
    newest = {patient: version for patient, version, *_ in versions}
    assert len(known) <= len(newest) and len(known) > 0
