"""What a killed ingestion leaves among the kept bytes is removed by the next verb that holds the
lock; a home that knows of no load keeps what it has.
"""

from pipeline.orchestrate import intake
from pipeline.services.upload import loads
from tests.factories import small_world, write_delivery


def test_half_copies_and_bytes_of_no_load_are_removed(settings, tmp_path):
    intake.prepare(settings)
    left = [settings.delivered_dir / name for name in (".incoming-x1", ".member-x2", "ab" * 32)]
    for stray in left:
        stray.write_bytes(b"left behind")
    intake.prepare(settings)
    assert all(stray.exists() for stray in left)

    folder = write_delivery(tmp_path / "delivery", **small_world())
    loaded = loads.ingest(settings, [folder])
    kept = {file.name for file in settings.delivered_dir.iterdir()} - {file.name for file in left}
    loads.undo(settings, next(load.load_id for load in loaded if load.load_id))
    intake.prepare(settings)
    assert {file.name for file in settings.delivered_dir.iterdir()} == kept != set()
