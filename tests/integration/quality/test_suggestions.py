"""Suggestions on the sample: how the warehouse is asked for them."""

from pipeline.config import load_settings
from pipeline.quality.suggestions import suggestions
from pipeline.store.sqlite.database import open_warehouse


def test_lost_zeros_are_looked_for_among_the_rows_that_fail_the_rule_alone(sample_home):
    with open_warehouse(load_settings(home=sample_home)) as connection:
        statements = []
        connection.set_trace_callback(statements.append)
        suggestions(connection)
        connection.set_trace_callback(None)
        (statement,) = (
            statement for statement in statements if "referrals__zip__shape" in statement
        )
        plan = str(connection.execute(f"explain query plan {statement}").fetchall())
    assert (
        "ix_dq_referrals__rule_name__row_id" in plan and "SCAN row_verdicts_referrals" not in plan
    )
