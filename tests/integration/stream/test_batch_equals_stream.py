"""Files and messages of the same rows make the same silver and gold, row for row, however the
messages are split over drains, partitions and time.
"""

import csv
import random

from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.sources import load_contracts
from pipeline.services.run import runs
from pipeline.services.stream import streams
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


def content(home) -> dict[str, list[tuple]]:
    """Relation -> its rows, sorted, without the columns that tell of the delivery."""
    layer = {entry.name: entry.layer for entry in load_dictionary().values()}
    found = {}
    for name in tables(home):
        if layer.get(name) in LAYERS:
            columns = [
                f'"{column}"'
                for (column,) in query(home, "select name from pragma_table_info(?)", name)
                if column not in OF_DELIVERY
            ]
            rows = query(home, f'select {", ".join(columns)} from "{name}"')
            found[name] = sorted(rows, key=repr)
    return found


def test_messages_make_the_warehouse_that_files_make(cluster, sample_home, tmp_path):
    chance = random.Random(20)
    topics = {entity: f"equal.{entity.replace('_', '-')}" for entity in load_contracts()}
    settings = cluster.settings(tmp_path / "home", *topics.values(), gate_threshold=1)
    split: list[dict[str, list[list[str]]]] = [{} for _ in range(DRAINS)]
    headers = {}
    for entity, contract in load_contracts().items():
        with open(SAMPLE_DIR / contract.file_name, newline="", encoding="utf-8") as file:
            headers[entity], *rows = csv.reader(file)
        chance.shuffle(rows)
        for at, row in enumerate(rows):
            part = 0 if at == 0 else chance.randrange(DRAINS)
            split[part].setdefault(entity, []).append(row)
    drained = []
    for part in split:
        for entity, rows in part.items():
            with open(tmp_path / f"{entity}.csv", "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([headers[entity], *rows])
            streams.publish(settings, [tmp_path / f"{entity}.csv"], source=entity)
        streams.run(settings, idle_seconds=20, is_once=True)
        drained += streams.drain(settings)
    assert {load.status for load in drained} == {"loaded"} and len(drained) > len(topics)
    assert runs.run_now(settings, verb="build").status == "succeeded"
    of_files, of_messages = content(sample_home), content(settings.home)
    assert len(of_files) > 40 and len(of_files["std_encounters"]) > 500
    assert differences(of_files, of_messages) == []
