"""What hidden cells hold moves no figure of drift on a screen: two warehouses that differ in
nothing else give the same report.
"""

import random

import pytest

from pipeline.config import Settings
from pipeline.features.registry import read_registry
from pipeline.privacy.cell_policy import emptied
from pipeline.privacy.column_meaning import ALL_ROWS
from pipeline.services.features.drift import drift
from pipeline.services.tables.visible import hidden_cells
from pipeline.store.sqlite.database import open_warehouse
from tests.warehouse import copied

LATER = "2099-01-01T00:00:00Z"
TABLES = {
    table.name: hidden
    for table in read_registry()
    if (
        hidden := emptied(
            table.name, [feature.name for feature in table.features] + list(table.key)
        )
    )
}


def with_hidden_outcomes(settings: Settings, table: str, draw) -> int:
    """Give every outcome of a hidden cell a value of `draw`; how many there were."""
    changed = 0
    with open_warehouse(settings, write=True) as connection:
        for hidden in TABLES[table]:
            if hidden.grain == ALL_ROWS:
                places, keys = "1", [()]
            else:
                places = " and ".join(f"{column} = ?" for column in hidden.grain)
                keys = hidden_cells(settings).of(hidden.grain)
            for column in hidden.columns:
                for key in keys:
                    changed += connection.execute(
                        f"update {table} set {column} = ? where {places}", (draw(), *key)
                    ).rowcount
    return changed


@pytest.mark.parametrize("table", TABLES)
def test_drift_on_screen_is_the_same_whatever_hidden_cells_hold(sample_home, tmp_path, table):
    settings = copied(sample_home, tmp_path / "home")
    with open_warehouse(settings, write=True) as connection:
        names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        newer = {"event_timestamp": f"'{LATER}'", "row_version": "row_version + 1"}
        connection.execute(
            f"insert into {table} select {', '.join(newer.get(name, name) for name in names)} "
            f"from {table} where rowid % 2 = 0"
        )
    chance = random.Random(table)
    reports, raw = [], []
    for draw in (lambda: 0, lambda: chance.choice([0, 1])):
        changed = with_hidden_outcomes(settings, table, draw)
        reports.append(drift(settings, table, is_for_screen=True))
        raw.append(drift(settings, table))
    assert reports[0] == reports[1]
    # no procedure of the sample is hidden; of every other grain some cells are
    assert (raw[0] != raw[1]) == bool(changed) == (table != "feat_procedure")
