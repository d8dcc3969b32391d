"""What a broker, an inbox or a backup lost is a gap that is told, never a skip or a repetition."""

import shutil

import pytest

from pipeline.services.stream import streams
from pipeline.store.backup import back_up, restore
from pipeline.store.sqlite.database import open_inbox
from tests.factories import patient
from tests.integration.stream.messages import as_json, expected, ids, read, rows_of


def test_messages_that_the_broker_lost_are_a_gap_and_never_skipped(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "gap.patients")
    cluster.send("gap.patients", rows_of([1, 2]))
    read(settings)
    # the broker throws the oldest away: its mock keeps about 5 MB of a partition
    filler = as_json(patient(3) | {"note": "x" * 100_000})
    cluster.send("gap.patients", [filler] * 120)
    came = read(settings)
    (gap,) = streams.status(settings).gaps
    assert came.messages == 0 and gap.first_position == 2 and gap.last_position > 2
    assert read(settings).messages == 0, "it goes on only when a person says so"
    # another partition is not held up
    cluster.send("gap.patients", rows_of([4]), partition=1)
    assert read(settings).messages == 1
    streams.close(settings, gap.name, "the sender sends them again")
    assert read(settings).messages == 120 - (gap.last_position - 1)
    assert streams.status(settings).gaps == ()


def test_a_log_that_begins_anew_is_told_and_read_from_its_beginning(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "anew.patients")
    cluster.send("anew.patients", rows_of([1]))
    read(settings)
    with open_inbox(settings) as inbox:
        inbox.execute("update ops_stream_positions set next_position = 50 where partition = 0")
    read(settings)
    (gap,) = streams.status(settings).gaps
    assert gap.last_position is None and "began anew" in gap.what
    streams.close(settings, gap.name, "the topic was made again")
    assert read(settings).messages == 1
    (load,) = streams.drain(settings)
    assert load.received == 2


def test_a_log_that_begins_anew_after_a_drain_is_read_from_its_beginning(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "again.patients")
    cluster.send("again.patients", rows_of([1, 2]))
    read(settings)
    streams.drain(settings)
    with open_inbox(settings) as inbox:
        inbox.execute("update ops_stream_positions set next_position = 50 where partition = 0")
    read(settings)
    (gap,) = streams.status(settings).gaps
    streams.close(settings, gap.name, "the topic was made again")
    assert read(settings).messages == 2 and streams.status(settings).gaps == ()


@pytest.mark.parametrize("is_drained_first", [True, False])
def test_an_older_inbox_that_was_put_back_neither_skips_nor_repeats(
    cluster, tmp_path, is_drained_first
):
    topic = f"older{is_drained_first}.patients"
    settings = cluster.settings(tmp_path / "home", topic)
    cluster.send(topic, rows_of([1]))
    read(settings)
    with open_inbox(settings) as inbox:
        inbox.execute("pragma wal_checkpoint(truncate)")
    shutil.copy(settings.inbox_path, tmp_path / "older.db")
    cluster.send(topic, rows_of([2, 3]), partition=1)
    read(settings)
    streams.drain(settings)
    for file in settings.home.glob("inbox.db*"):
        file.unlink()
    shutil.copy(tmp_path / "older.db", settings.inbox_path)
    cluster.send(topic, rows_of([4, 5]))
    cluster.send(topic, rows_of([6]), partition=1)
    if is_drained_first:
        assert streams.drain(settings) == []
    assert read(settings).messages == 3
    streams.drain(settings)
    assert sorted(ids(settings)) == expected(range(1, 7)) and streams.drain(settings) == []


def test_a_backup_between_warehouse_and_inbox_loses_no_drained_message(
    cluster, tmp_path, monkeypatch
):
    from pipeline.store import backup

    settings = cluster.settings(tmp_path / "home", "between.patients")
    cluster.send("between.patients", rows_of([1]))
    read(settings)
    streams.drain(settings)
    cluster.send("between.patients", rows_of([2]))
    read(settings)
    plain = backup._copy_database

    def copy_and_drain(database, copy):
        plain(database, copy)
        if database == settings.warehouse_path:
            streams.drain(settings)

    monkeypatch.setattr(backup, "_copy_database", copy_and_drain)
    back_up(settings, tmp_path / "copy")
    other = cluster.settings(tmp_path / "other", "between.patients")
    restore(other, tmp_path / "copy")
    with open_inbox(other) as inbox:
        inbox.execute("update ops_stream_messages set drained_at = null where seq = 2")
    streams.drain(other)
    assert ids(other) == expected([1, 2])


def test_a_lost_inbox_goes_on_behind_what_is_loaded(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "lost.patients")
    cluster.send("lost.patients", rows_of([1, 2]))
    read(settings)
    streams.drain(settings)
    cluster.send("lost.patients", rows_of([3]))
    read(settings)
    for file in settings.home.glob("inbox.db*"):
        file.unlink()
    assert read(settings).messages == 1
    streams.drain(settings)
    assert ids(settings) == expected([1, 2, 3])
