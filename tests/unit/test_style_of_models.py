"""sqlfluff finds what it is there for under the project's own configuration."""

import re

import pytest
from sqlfluff.core import FluffConfig, Linter

from pipeline.config.project import PROJECT_DIR

GOOD = """with encounters as (
    select npi, cpt from {{ ref('fct_encounter') }}
),

final as (
    select npi, count(*) as encounters from encounters
    where cpt = {{ larger_of('1', '2') }}
    group by npi
)

select * from final
"""
BAD = {
    "CP01": ("select * from final", "SELECT * from final"),
    "ST03": ("),\n\nfinal", "),\n\nunused as (\n    select 1 as one\n),\n\nfinal"),
    "AL02": ("count(*) as encounters", "count(*) encounters"),
    "AL09": ("select npi, cpt from", "select npi as npi, cpt from"),
    "CV01": ("where cpt =", "where npi != 1 and npi <> 2 and cpt ="),
    "PRS": ("group by npi", "group npi by"),
}


@pytest.fixture(scope="module")
def linter():
    return Linter(config=FluffConfig.from_path(str(PROJECT_DIR)))


def codes(linter, sql: str) -> set[str]:
    return {found.rule_code() for found in linter.lint_string(sql).violations}


def test_a_model_in_the_style_of_the_house_passes(linter):
    assert codes(linter, GOOD) == set()


@pytest.mark.parametrize("rule", BAD)
def test_what_the_style_refuses_is_found(linter, rule):
    good, bad = BAD[rule]
    assert good in GOOD
    assert rule in codes(linter, GOOD.replace(good, bad))


def test_no_reason_is_missing_for_a_rule_that_is_off():
    text = (PROJECT_DIR / ".sqlfluff").read_text(encoding="utf-8")
    off = re.search(r"^exclude_rules = (.*)$", text, re.MULTILINE)[1].split(", ")
    reasons = [line for line in text.splitlines() if re.match(r"# [A-Z]{2}\d\d", line)]
    assert sorted(code for line in reasons for code in re.findall(r"[A-Z]{2}\d\d", line)) == off
