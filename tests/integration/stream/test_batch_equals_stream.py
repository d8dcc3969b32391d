"""Messages make the same silver and gold as files do, row for row, on random splits and orders: a
drain is to them what a delivery is to files.
"""

import csv
import random

from pipeline.config import load_settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.sources import load_contracts
from pipeline.services.run import runs
from pipeline.services.stream import streams
from pipeline.services.upload import loads
from tests.conftest import SAMPLE_DIR
from tests.warehouse import differences, query, tables

LAYERS = ("standard_model", "enterprise_datasets")
#: What tells of the delivery and not of its content: where a row stood, when it came, and which
#: build made the table. Left out as well is the feature store, whose versions follow deliveries.
OF_DELIVERY = {
    *("_row_id", "_load_id", "_source_file", "_source_row_number", "_loaded_at"),
    *("first_seen_at", "last_seen_at", "last_seen"),
    *("_build_id", "_source_high_watermark"),
}
DRAINS = 3
#: Silver that takes deliveries for its clock.
CLOCKED = ("std_encounter_maturity",)


def content(home, layers=LAYERS) -> dict[str, list[tuple]]:
    """Relation -> its rows, sorted, without the columns that tell of the delivery."""
    layer = {entry.name: entry.layer for entry in load_dictionary().values()}
    found = {}
    for name in tables(home):
        if layer.get(name) in layers:
            columns = [
                f'"{column}"'
                for (column,) in query(home, "select name from pragma_table_info(?)", name)
                if column not in OF_DELIVERY
            ]
            rows = query(home, f'select {", ".join(columns)} from "{name}"')
            found[name] = sorted(rows, key=repr)
    return found


def written(folder, name: str, rows: list[list[str]]):
    """A CSV file; returns its path."""
    folder.mkdir(exist_ok=True)
    with open(folder / name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder / name


def test_messages_make_the_warehouse_that_files_make(cluster, sample_home, tmp_path):
    chance = random.Random(20)
    contracts = load_contracts()
    topics = {entity: f"equal.{entity.replace('_', '-')}" for entity in contracts}
    of_messages = cluster.settings(tmp_path / "stream", *topics.values(), gate_threshold=1)
    of_files = load_settings(home=tmp_path / "batch", gate_threshold=1)
    split: list[dict[str, list[list[str]]]] = [{} for _ in range(DRAINS)]
    for entity, contract in contracts.items():
        with open(SAMPLE_DIR / contract.file_name, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        chance.shuffle(rows)
        for at, row in enumerate(rows):
            part = 0 if at == 0 else chance.randrange(DRAINS)
            split[part].setdefault(entity, [header]).append(row)
    drained = []
    for part in split:
        # a drain is a delivery: the same rows come as files in one go, parents first
        for entity, (header, *rows) in part.items():
            name = contracts[entity].file_name
            assert loads.ingest(of_files, [written(tmp_path / "files", name, [header, *rows])])
            chance.shuffle(rows)
            sent = written(tmp_path / "sent", name, [header, *rows])
            streams.publish(of_messages, [sent], source=entity)
        streams.run(of_messages, idle_seconds=20, is_once=True)
        drained += streams.drain(of_messages)
    assert {load.status for load in drained} == {"loaded"} and len(drained) > len(topics)
    for settings in (of_messages, of_files):
        assert runs.run_now(settings, verb="build").status == "succeeded"
    one, other = content(of_files.home), content(of_messages.home)
    assert len(one) > 40 and len(one["std_encounters"]) > 500
    assert differences(one, other) == []
    # and what a row is, is the same in however many parts it came
    whole, silver = content(sample_home, LAYERS[:1]), content(of_messages.home, LAYERS[:1])
    for of_parts in CLOCKED:
        assert whole.pop(of_parts) and silver.pop(of_parts)
    assert differences(whole, silver) == []
