"""From a broker to `raw_*` and back: what comes in, what is set aside, what is missing."""

import json
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
from tests.integration.stream.messages import SECRET, as_json, expected, ids, read, rows_of
from tests.warehouse import query


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
