"""Numbers of people leave alike whichever way their rows are read: by SQL as tables do, or as
frames as features and pictures do.
"""

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.declared.classes import load_classes
from pipeline.privacy.small_counts import COUNT, SHARE, is_few
from pipeline.services.tables.visible import open_visible, without_hidden_cells
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import column_types

COUNTING = sorted(
    table
    for table, classes in load_classes().items()
    if {COUNT, SHARE} & set(classes.values())
    and not table.startswith(("int_", "dq_held_", "training_", "feat_", "std_"))
)


@pytest.mark.parametrize("table", [*COUNTING, "feat_provider_latest", "feat_employer_latest"])
def test_numbers_of_people_leave_alike_whichever_way_they_are_read(sample_home, table):
    settings = load_settings(home=sample_home)
    with open_warehouse(settings) as connection:
        assert column_types(connection, table), "is built"
        rows = pd.read_sql_query(f"select * from {table}", connection)
    with open_visible(settings, table, for_export=True) as connection:
        by_sql = pd.read_sql_query(f"select * from {table}", connection)
    by_frame = without_hidden_cells(settings, rows, table, for_export=True)
    counts = [name for name, kind in load_classes()[table].items() if kind in (COUNT, SHARE)]
    for name in counts:
        assert by_sql[name].isna().tolist() == by_frame[name].isna().tolist(), name
        assert not by_sql[name].map(is_few).any(), name
