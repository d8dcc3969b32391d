"""Neither the place of a row nor the rank of a candidate tells how far a patient has to go."""

from itertools import pairwise

import pytest

from pipeline.config import load_settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.privacy.column_meaning import meaning
from pipeline.privacy.masking import is_hidden
from pipeline.services.tables.visible import open_visible
from tests.warehouse import query

#: So many pairs of neighbours that differ are enough to tell an order from chance.
ENOUGH = 50
#: Shares of ascents among them that an order by something else leaves.
BY_CHANCE = (0.2, 0.8)
TABLES = sorted(
    name
    for name, entry in load_dictionary().items()
    if entry.layer == "enterprise_datasets" and "place" in meaning(name).classes.values()
)


@pytest.mark.parametrize("table", TABLES)
def test_rows_do_not_stand_in_the_order_of_a_distance_or_a_rank(sample_home, table):
    judged = 0
    for column, classification in meaning(table).classes.items():
        if classification != "place" or not is_hidden(table, column):
            continue
        rows = query(sample_home, f'select "{column}" from {table} order by rowid')
        values = [value for (value,) in rows if isinstance(value, int | float)]
        pairs = [(one, next_) for one, next_ in pairwise(values) if one != next_]
        if len(pairs) >= ENOUGH:
            judged += 1
            ascents = sum(one < next_ for one, next_ in pairs) / len(pairs)
            assert BY_CHANCE[0] < ascents < BY_CHANCE[1], column
    if table in ("network_candidate", "int_zip_distance", "referral_recommendation"):
        assert judged


def test_the_rank_of_a_candidate_is_hidden_on_screens_and_leaves_in_no_file(sample_home):
    settings = load_settings(home=sample_home)
    for table in ("network_candidate", "referral_recommendation"):
        with open_visible(settings, table) as connection:
            shown = {value for (value,) in connection.execute(f"select rank from {table}")}
        assert shown == {"hidden"}
        assert meaning(table).classes["rank"] == "place"
