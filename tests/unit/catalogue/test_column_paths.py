"""A column is followed back to what was delivered and on to what is made of it."""

from pipeline.declared.column_inputs import load_inputs
from pipeline.declared.sources import load_contracts
from pipeline.services.catalogue import column_paths

DELIVERED = {
    (f"raw_{contract.entity}", column)
    for contract in load_contracts().values()
    for column in contract.delivered
}


def pairs(paths):
    return set(zip(paths["table"], paths["column"], strict=True))


def test_every_input_is_a_column_of_a_relation():
    inputs = load_inputs()
    for table, made in inputs.items():
        for column, read in made.columns.items():
            for relation, name in read:
                assert relation and name, (table, column)
                assert name in inputs[relation].columns if relation in inputs else True


def test_a_way_back_is_the_way_on_of_its_end():
    for table, column in (("provider_scorecard", "cost_index"), ("std_patients", "birth_date")):
        for source in pairs(column_paths.sources_of(table, column)):
            assert (table, column) in pairs(column_paths.uses_of(*source)), source


def test_silver_leads_back_to_the_delivered_column_and_gold_to_several():
    amount = pairs(column_paths.sources_of("std_encounters", "paid_amount_usd"))
    assert ("raw_encounters", "paid_amount") in amount
    assert len(DELIVERED & pairs(column_paths.sources_of("provider_scorecard", "cost_index"))) > 1


def test_what_is_delivered_is_made_of_nothing_and_leads_on():
    delivered = ("raw_encounters", "paid_amount")
    assert delivered in DELIVERED and column_paths.sources_of(*delivered).empty
    assert ("std_encounters", "paid_amount_usd") in pairs(column_paths.uses_of(*delivered))
    assert column_paths.uses_of("no_table", "no_column").empty
