"""Another threshold of a check says what the check itself would say: its SQL runs with that number
on the same tables.
"""

import re
import sqlite3

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_delivery_rules
from pipeline.errors import InputRefused
from pipeline.services.quality import thresholds

CHECKS = [rule for rule in load_delivery_rules() if rule.threshold is not None]


def warned(settings, rule, threshold: float) -> set[str]:
    """Sources of which the statement of the last build warns, with another number in it."""
    folder = settings.dbt_dir / "target" / "compiled" / "icon_dbt" / "models" / "landing_zone"
    statement = (folder / "deliveries" / "table_checks.sql").read_text(encoding="utf-8")
    declared = re.escape(f"{rule.threshold:.10g}")
    statement, changed = re.subn(rf"> {declared}(?= then)", f"> {threshold}", statement)
    assert changed
    with sqlite3.connect(f"file:{settings.warehouse_path}?mode=ro", uri=True) as connection:
        names = [column[0] for column in connection.execute(statement).description]
        found = [dict(zip(names, row, strict=True)) for row in connection.execute(statement)]
    return {
        row["entity"]
        for row in found
        if row["rule_id"] == rule.rule_id and row["status"] == "warned"
    }


@pytest.mark.parametrize("rule", CHECKS, ids=[rule.rule_id for rule in CHECKS])
def test_a_tried_threshold_warns_of_what_the_check_would_warn_of(sample_home, rule):
    settings = load_settings(home=sample_home)
    for threshold in (rule.threshold, 0.0, 0.01, 0.5, 2.0):
        tried = thresholds.tried(settings, rule.name, threshold)
        assert set(tried.then) == warned(settings, rule, threshold), threshold
        assert set(tried.now) == warned(settings, rule, rule.threshold)


def test_a_rule_of_rows_has_no_threshold_to_try(sample_home):
    with pytest.raises(InputRefused, match="has no threshold"):
        thresholds.tried(load_settings(home=sample_home), "encounters__cpt__shape", 0.1)
