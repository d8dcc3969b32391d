"""What came together is one delivery, and its rows are accounted for, whatever happened before."""

import csv
import json
import random
from collections import Counter

import pytest

from pipeline.config import load_settings
from pipeline.services.deliveries import deliveries, senders
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.upload import loads, undoing
from pipeline.store.sqlite.database import open_warehouse
from tests.conftest import SAMPLE_DIR
from tests.factories import patient, provider, write_delivery
from tests.warehouse import copied, query

FATES = ("promoted", "quarantined", "superseded", "duplicate", "rejected")


def deliver(settings, folder, chance: random.Random, number: int) -> list[str]:
    """Load one or two files that no other delivery has; their load ids."""
    sources = {"patients": patient, "providers": provider}
    chosen = chance.sample(list(sources), chance.choice((1, 2)))
    rows = {
        name: [sources[name](number * 10 + at) for at in range(chance.randint(1, 4))]
        for name in chosen
    }
    results = loads.ingest(settings, [write_delivery(folder / str(number), **rows)])
    return [result.load_id for result in results if result.status == "loaded"]


def judge(settings, chance: random.Random) -> Counter:
    """Give each row that stands a fate of chance, in the tables that a build writes; (load id,
    fate) -> rows.
    """
    given: Counter = Counter()
    with open_warehouse(settings, write=True) as connection:
        connection.execute(
            "create table ledger (load_id, entity, received, promoted, quarantined, superseded, duplicates, rejected)"
        )
        for load in loads.history(settings).to_dict("records"):
            own = Counter(chance.choice(FATES) for _ in range(load["received"]))
            given.update({(load["load_id"], fate): rows for fate, rows in own.items()})
            counts = [own[fate] for fate in FATES]
            connection.execute(
                "insert into ledger values (?, ?, ?, ?, ?, ?, ?, ?)",
                (load["load_id"], load["entity"], load["received"], *counts),
            )
    return given


@pytest.mark.parametrize("seed", range(3))
def test_in_any_history_the_fates_of_a_delivery_sum_to_the_rows_that_came(settings, tmp_path, seed):
    chance = random.Random(seed)
    came = [deliver(settings, tmp_path, chance, number) for number in range(1, 6)]
    given = judge(settings, chance)
    late = deliver(settings, tmp_path, chance, 6)
    everything = [load_id for loads_of_one in came for load_id in loads_of_one]
    undone = set(chance.sample(everything, 3))
    loads.undo_together(settings, sorted(undone))
    known = {each.delivery_id: each for each in deliveries.deliveries(settings)}
    assert [[file.load_id for file in each.files] for each in known.values()] == [
        late,
        *reversed(came),
    ]
    received = dict(
        zip(loads.history(settings)["load_id"], loads.history(settings)["received"], strict=True)
    )
    for one in came:
        delivery, standing = known[one[0]], [each for each in one if each not in undone]
        assert delivery.load_ids == tuple(standing) and delivery.unjudged == 0
        if not standing:
            assert delivery.fates is None
            continue
        whole = delivery.fates
        assert whole.received == sum(received[load_id] for load_id in standing)
        by_fate = (
            whole.promoted,
            whole.quarantined,
            whole.superseded,
            whole.duplicates,
            whole.rejected,
        )
        assert by_fate == tuple(sum(given[load_id, fate] for load_id in standing) for fate in FATES)
        assert sum(by_fate) == whole.received
    assert known[late[0]].fates is None and known[late[0]].unjudged == len(late)
    cards = senders.scorecards(settings)
    assert sum(card.fates.received for card in cards if card.fates) == sum(
        rows for (load_id, _), rows in given.items() if load_id not in undone
    )


def test_the_sample_is_one_delivery_whose_rows_are_those_of_its_files(sample_home):
    settings = load_settings(home=sample_home)
    (delivery,) = deliveries.deliveries(settings)
    for file in delivery.files:
        with (SAMPLE_DIR / file.source_file).open(newline="") as stream:
            lines = sum(1 for _ in csv.DictReader(stream))
        if file.entity != "employer_networks":  # counted by list entry
            assert file.fates.received == lines
        statuses = dict(
            query(
                sample_home, f"select _status, count(*) from row_verdicts_{file.entity} group by 1"
            )
        )
        assert file.fates.promoted == statuses["promoted"]
        assert file.fates.quarantined == statuses.get("quarantined", 0)
        of_rule = Counter()
        for (failed,) in query(
            sample_home,
            f"select json_group_array(distinct value ->> 'rule') from row_verdicts_{file.entity}, "
            "json_each(_failed) group by _row_id",
        ):
            of_rule.update(json.loads(failed))
        broken: Counter = Counter()
        for rule, rows in deliveries.broken(settings, file.load_id):
            broken[rule.rule_id] += rows
        assert broken == of_rule
    assert all(deliveries.of_load(settings, file.load_id) == delivery for file in delivery.files)
    assert deliveries.of_load(settings, "L99999") is None


def test_decisions_on_its_rows_are_those_of_its_loads(sample_home, tmp_path):
    own = copied(sample_home, tmp_path / "own")
    chosen = [each for each in decisions.suggestions(own) if each.entity == "providers"]
    made = corrections.accept_suggestions(own, chosen)
    (load_id,) = {each.row_id.split("-")[0] for each in chosen}
    assert list(deliveries.decisions(own, load_id)["decision_id"]) == made[::-1]
    assert deliveries.decisions(own, "L00001" if load_id != "L00001" else "L00002").empty


def test_a_build_after_a_delivery_is_the_first_that_published_later(sample_home, tmp_path):
    own = copied(sample_home, tmp_path / "own")
    assert deliveries.build_after(own, "L00001") == "R000001"
    (later,) = loads.ingest(own, [write_delivery(tmp_path / "more", patients=[patient(77)])])
    assert deliveries.build_after(own, later.load_id) is None
    assert deliveries.build_after(own, "L99999") is None


def test_undoing_a_delivery_tells_no_row_twice(sample_home, tmp_path):
    own = copied(sample_home, tmp_path / "own")
    (delivery,) = deliveries.deliveries(own)
    together = undoing.undone(own, *delivery.load_ids)
    promoted = {file.entity: file.fates.promoted for file in delivery.files if file.fates.promoted}
    assert together.own.by_source == promoted and together.orphans.rows == 0
    assert together.waiting == delivery.fates.quarantined


def test_a_word_of_a_name_is_shown_when_it_came_three_times(sample_home, tmp_path):
    own = copied(sample_home, tmp_path / "own")
    with open_warehouse(own, write=True) as warehouse:
        warehouse.execute("update ops_loads set source_file = 'patients_Qwertzoff_1931.csv'")
        for part, names in ((3, 2), (2, 3)):
            warehouse.execute(
                f"update ops_loads set delivery_id = load_seq % {names}, "
                f"source_file = 'patients_north_{part}.csv'"
            )
            told = {file.source_file for one in deliveries.deliveries(own) for file in one.files}
            word = "north" if names == 3 else "aaaaa"
            assert told == {f"patients_{word}_9.csv"}
            warehouse.commit()
