"""Random messages of odd letters, nested values, broken bytes: each is a row or a dead letter."""

import json
import random

from pipeline.services.stream import streams
from tests.factories import patient
from tests.integration.stream.messages import ids, read

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
