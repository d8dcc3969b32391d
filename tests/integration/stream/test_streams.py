"""From a broker to `raw_*` and back: what comes in, what is set aside, what is missing."""

import json
import random
import shutil
import stat

import pytest

from pipeline.cli import main
from pipeline.errors import InputRefused, PipelineBusy
from pipeline.orchestrate.lock import hold_file, hold_lock
from pipeline.services.run import metrics
from pipeline.services.stream import streams
from pipeline.services.tables.trace import trace
from pipeline.services.upload import loads, purge
from pipeline.store.backup import back_up, restore
from pipeline.store.sqlite.database import open_inbox
from tests.factories import patient
from tests.warehouse import query

SECRET = "Zebulon"


def as_json(row: object) -> bytes:
    return json.dumps(row).encode()


def rows_of(numbers) -> list[bytes]:
    return [as_json(patient(number)) for number in numbers]


def ids(settings) -> list[str]:
    return [row for (row,) in query(settings.home, "select patient_id from raw_patients")]


def expected(numbers) -> list[str]:
    return [patient(number)["patient_id"] for number in numbers]


def read(settings):
    return streams.run(settings, idle_seconds=20, is_once=True)


def test_messages_become_one_load_a_source_and_a_row_leads_back_to_its_message(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "one.patients")
    cluster.send("one.patients", rows_of(range(5)))
    cluster.send("one.patients", rows_of(range(5, 8)), partition=2)
    assert (read(settings).messages, streams.status(settings).waiting) == (8, {"patients": 8})
    (load,) = streams.drain(settings)
    assert (load.status, load.received, load.rejected, load.lines["rows"]) == ("loaded", 8, 0, 8)
    assert sorted(ids(settings)) == expected(range(8))
    (step,) = trace(settings, "raw_patients", patient(6)["patient_id"])[1:]
    assert "as message one.patients, partition 2, offset 1" in step.detail
    # bytes are kept as they were read: line 7 is that message
    kept = settings.delivered_dir / loads.history(settings).sha256[0]
    line = kept.read_text().splitlines()[step.source_row_number - 1]
    assert json.loads(line) == patient(6)


def test_the_same_bytes_at_other_offsets_are_another_load(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "same.patients")
    for _ in range(2):
        cluster.send("same.patients", rows_of([1]))
        read(settings)
        (load,) = streams.drain(settings)
        assert load.status == "loaded"
    assert ids(settings) == expected([1, 1]) and streams.drain(settings) == []
    names = [name for (name,) in query(settings.home, "select source_file from ops_loads")]
    assert names == ["same.patients 0:0-0", "same.patients 0:1-1"]


def test_one_message_may_look_like_any_file(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "odd.patients")
    odd = [
        {"patient_id": ["1", "2"], "gender": ["f", "m"], "birth_date": ["a", "b"]},
        patient(1) | {"patients": [{"patient_id": "9"}]},
        patient(2) | {"note": "x" * 190 + "ustar" * 30},
        {"patient_id": {"0": "1"}, "gender": {"0": "f"}, "birth_date": {"0": "1950-01-01"}},
        patient(3, gender="\u0000 \u2028 é"),
    ]
    for row in odd:
        cluster.send("odd.patients", [as_json(row)])
        read(settings)
        (load,) = streams.drain(settings)
        assert (load.status, load.received, load.rejected) == ("loaded", 1, 0), load.reason
    assert ids(settings)[0] == "[1,2]" and ids(settings)[1:3] == expected([1, 2])
    assert query(settings.home, "select gender from raw_patients")[-1] == ("\\u0000 \u2028 é",)


def test_poison_is_set_aside_one_by_one_repaired_and_replayed(cluster, tmp_path, capsys):
    settings = cluster.settings(tmp_path / "home", "bad.patients")
    poison = [b'{"patient_id": "Zebulon"', b"\xff", as_json({"dob": SECRET} | patient(9))]
    cluster.send("bad.patients", [*rows_of([1]), *poison, *rows_of([2])])
    came = read(settings)
    assert (came.messages, came.dead_letters) == (2, 3)
    state = streams.status(settings)
    assert (state.dead_letters, state.tombstones, state.is_good, state.lag) == (3, 0, False, 0)
    streams.drain(settings)
    assert ids(settings) == expected([1, 2])
    newest = streams.dead_letters(settings)
    assert [letter.position for letter in newest] == [3, 2, 1]
    assert SECRET not in repr(newest) + repr(state)
    assert SECRET in streams.content(settings, newest[0].name)[1]
    with pytest.raises(InputRefused, match="still no row: no valid JSON") as refused:
        streams.replay(settings, newest[2].name)
    assert SECRET not in str(refused.value)
    streams.replay(settings, newest[2].name, as_json(patient(3)), reason="a bracket was missing")
    streams.close(settings, newest[1].name, "not ours")
    with pytest.raises(InputRefused, match="was set aside already"):
        streams.replay(settings, newest[1].name)
    (load,) = streams.drain(settings)
    assert (load.file, ids(settings)) == ("bad.patients 0:1-1", expected([1, 2, 3]))
    with open_inbox(settings) as inbox:
        held = inbox.execute("select value is null from ops_dead_letters order by letter_id")
        assert held.fetchall() == [(1,), (1,), (0,)]
    actions = ["--home", str(settings.home), "audit", "list", "--json"]
    main.main(actions)
    told = capsys.readouterr().out
    assert "stream replay" in told and "stream letter" in told and SECRET not in told


def test_a_tombstone_deletes_nothing_and_waits_for_a_person(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "dead.patients")
    cluster.send("dead.patients", [*rows_of([1]), None], key=b"1000001")
    read(settings)
    streams.drain(settings)
    state = streams.status(settings)
    assert (state.tombstones, state.dead_letters, ids(settings)) == (1, 0, expected([1]))
    (letter,) = streams.dead_letters(settings)
    with pytest.raises(InputRefused, match="still no row"):
        streams.replay(settings, letter.name)
    streams.close(settings, letter.name, "the row stays")
    assert streams.status(settings).is_good


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


def test_a_key_takes_room_as_a_message_does(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "keys.patients", stream_inbox_mb=1)
    cluster.send("keys.patients", [None] * 10, key=b"k" * 100_000)
    cluster.send("keys.patients", [None] * 10, key=b"k" * 100_000)
    read(settings)
    assert streams.status(settings).waiting_bytes >= 1_000_000


def test_a_full_inbox_holds_the_consumer_until_a_drain(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "full.patients", stream_inbox_mb=1)
    large = as_json(patient(1) | {"note": "x" * 10_000})
    cluster.send("full.patients", [large] * 400)
    came = streams.run(settings, idle_seconds=0.6)
    assert 50 < came.messages < 150 and came.pauses
    with open_inbox(settings) as inbox:
        assert inbox.execute("select state from ops_stream_state").fetchone() == ("stopped",)
    seen = came.messages
    for _ in range(6):
        streams.drain(settings)
        seen += streams.run(settings, idle_seconds=0.6, is_once=True).messages
    streams.drain(settings)
    assert seen == 400 == len(ids(settings))


def test_a_load_that_was_taken_back_stays_back_until_it_is_replayed(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "undo.patients")
    cluster.send("undo.patients", rows_of([1, 2]))
    read(settings)
    (load,) = streams.drain(settings)
    loads.undo(settings, load.load_id)
    assert read(settings).messages == 0 and streams.drain(settings) == []
    again = streams.replay(settings, load.load_id)
    assert (again.status, again.received) == ("loaded", 2)
    with pytest.raises(InputRefused, match="is in force"):
        streams.replay(settings, again.load_id)
    (step,) = trace(settings, "raw_patients", f"_row_id={again.load_id}-2")[1:]
    assert "offset 1" in step.detail


def test_what_was_purged_is_not_in_the_inbox_and_not_drained_again(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "purge.patients")
    cluster.send("purge.patients", [as_json(patient(1) | {"note": SECRET})])
    read(settings)
    (load,) = streams.drain(settings)
    purge.purge(settings, load.load_id, "asked for")
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    assert streams.drain(settings) == [] and read(settings).messages == 0


def test_the_inbox_is_closed_to_others_and_part_of_a_backup(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "back.patients")
    cluster.send("back.patients", rows_of([1]))
    read(settings)
    assert stat.S_IMODE(settings.inbox_path.stat().st_mode) == 0o600
    back_up(settings, tmp_path / "copy")
    streams.drain(settings)
    other = cluster.settings(tmp_path / "other", "back.patients")
    restore(other, tmp_path / "copy")
    assert stat.S_IMODE(other.inbox_path.stat().st_mode) == 0o600
    assert read(other).messages == 0 and len(streams.drain(other)) == 1
    assert ids(other) == expected([1])


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


def test_two_consumers_and_two_drains_take_turns(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "two.patients", wait_seconds=0)
    cluster.send("two.patients", rows_of([1]))
    read(settings)
    with hold_file(settings.home / "stream.lock", "another"), pytest.raises(PipelineBusy):
        read(settings)
    with hold_lock(settings, "a build"):
        with pytest.raises(PipelineBusy):
            streams.drain(settings)
        # what a build holds, the consumer does not need
        cluster.send("two.patients", rows_of([2]))
        assert read(settings).messages == 1
    streams.drain(settings)
    assert ids(settings) == expected([1, 2])


def test_a_message_with_new_columns_holds_up_no_other(cluster, tmp_path):
    settings = cluster.settings(tmp_path / "home", "wide.patients", max_columns=150)
    rows = [patient(at) | {f"x{at}_{n}": "1" for n in range(20)} for at in range(10)]
    cluster.send("wide.patients", [as_json(row) for row in rows])
    read(settings)
    loaded = streams.drain(settings)
    assert {load.status for load in loaded} == {"loaded"} and len(loaded) > 1
    assert ids(settings) == expected(range(10))


def test_the_command_line_publishes_reads_drains_and_says_how_it_is(cluster, tmp_path, capsys):
    file = tmp_path / "patients.csv"
    rows = [patient(number) for number in range(30)]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    file.write_text("\n".join([*lines, "a,line,that,is,no,row,at,all"]) + "\n")
    cluster.send("cli.patients", rows_of([99]))
    home = ["--home", str(tmp_path / "home"), "stream"]
    source = ["--source", cluster.address("cli.patients"), "--json"]

    def document(*words: str, code: int = 0) -> dict:
        assert main.main([*home, *words]) == code, capsys.readouterr()
        return json.loads(capsys.readouterr().out)

    (sent,) = document("publish", str(file), *source)["files"]
    assert (sent["messages"], sent["left_out"]) == (30, 1)
    assert document("run", "--once", *source)["messages"] == 31
    state = document("status", "--json")
    assert (state["waiting"], state["lag"], state["dead_letters"]) == ({"patients": 31}, 0, 0)
    assert document("drain", "--json")["loads"][0]["received"] == 31
    assert document("drain", "--json", code=4)["loads"] == []
    assert document("schema", "patients", "--json")["required"] == list(patient(1))
    from pipeline.config import load_settings

    settings = load_settings(home=tmp_path / "home")
    samples = {
        metric.name: [value for _, value in metric.samples] for metric in metrics.metrics(settings)
    }
    assert samples["stream_lag_messages"] == [0, 0, 0, 0]
    assert samples["stream_dead_letters"] == [0] and samples["stream_waiting_bytes"] == [0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], "no stream is named"),
        (
            ["run", "--source", "kafka://nowhere/x"],
            "is neither kafka://HOST:PORT/TOPIC nor pubsub://PROJECT/SUBSCRIPTION",
        ),
        (["replay", "D00001"], "there is no such dead letter"),
        (["replay", "X1"], "names nothing"),
        (["close", "G00001", "--reason", "x"], "there is no such open gap"),
        (["schema", "nothing"], "unknown source"),
    ],
)
def test_a_wrong_word_is_refused_with_what_to_do(tmp_path, capsys, words, said):
    assert main.main(["--home", str(tmp_path / "home"), "stream", *words]) == 2
    assert said in capsys.readouterr().err


ODD = [
    *"\x00\ud800\u2028\x85😀\"\\\n\t\x1f\x7f'{}[],:%\ufeffİß",
    "ustar",
    "<?xml",
    "=1+1",
    "columns",
    "data",
]


def odd_value(chance: random.Random, depth: int = 0):
    kind = chance.randrange(7)
    if kind == 0:
        return chance.choice([None, True, -0.0, 1e400, float("nan"), 10**400, 1e-320])
    if kind == 1 and depth < 4:
        return [odd_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 2 and depth < 4:
        return {
            chance.choice(ODD): odd_value(chance, depth + 1) for _ in range(chance.randrange(4))
        }
    return "".join(chance.choice([*ODD, "a", "1 "]) for _ in range(chance.randrange(12)))


def odd_message(chance: random.Random, number: int) -> bytes:
    row = dict(patient(number))
    for _ in range(chance.randrange(4)):
        row[chance.choice([*row, *ODD, "note", "x y"])] = odd_value(chance)
    cells = list(row.items())
    chance.shuffle(cells)
    is_ascii = chance.random() < 0.5
    text = json.dumps(dict(cells), ensure_ascii=is_ascii, indent=chance.choice([None, 1]))
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if chance.random() < 0.2:
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    return bytes(data)


def test_whatever_comes_is_a_row_or_a_dead_letter_and_no_drain_is_refused(cluster, tmp_path):
    chance = random.Random(7)
    settings = cluster.settings(tmp_path / "home", "odd2.patients")
    rows = letters = loaded = 0
    for size in (1, 1, 2, 40, 600):
        cluster.send("odd2.patients", [odd_message(chance, at) for at in range(size)])
        came = read(settings)
        assert came.messages + came.dead_letters == size
        rows, letters = rows + came.messages, letters + came.dead_letters
        for load in streams.drain(settings):
            assert (load.status, load.rejected) == ("loaded", 0), load.reason
            loaded += load.received
    assert loaded == rows == len(ids(settings)) > 300 and letters > 50
    assert streams.status(settings).waiting == {}
