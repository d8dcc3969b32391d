"""What sqlfluff writes for the macros, so that models are checked without dbt and without a
database.

A macro stands for what it writes: by default an expression of its arguments, which is all that the
rules of style have to know of it. Those that write something else, or that a template reads as a
value, are listed here. What a macro writes is not checked, only the SQL around it.
"""

import re
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[3] / "icon_dbt"
_VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
_MACRO = re.compile(r"{%-?\s*macro (\w+)\(")


def _words(values):
    """All texts of the arguments, those in lists and dictionaries as well."""
    for value in values:
        if isinstance(value, dict):
            yield from _words(value.values())
        elif isinstance(value, (list, tuple)):
            yield from _words(value)
        elif value is not None and str(value).strip():
            yield str(value)


def _expression(name):
    return lambda *given, **named: f"{name}({', '.join(_words([given, named]))})"


def _steps(*names):
    """CTEs, of which the first reads those that the arguments name."""

    def write(*given, **named):
        read = " cross join ".join(word for word in _words([given, named]) if word.isidentifier())
        first, *rest = names or (given[0],)
        steps = [f"{first} as (select 1 as one{' from ' + read if read else ''})"]
        return ", ".join([*steps, *(f"{step} as (select 1 as one)" for step in rest)])

    return write


def _query(*read):
    """A query of the tables that are named, or else of those that the arguments name."""

    def write(*given, **named):
        tables = " cross join ".join(read or map(str, given))
        return f"select 1 as one{' from ' + tables if tables else ''}"

    return write


def _always(value):
    return lambda *given, **named: value


_WRITTEN = {
    "float_type": _always("real"),
    "integer_type": _always("integer"),
    "materialized_cte": _always("materialized"),
    "index_on": _always(""),
    "choice_weight": _always(0.25),
    "passes__luhn": lambda column: f"passes_luhn(m.{column})",
    "z_95": _always(1.96),
    "z_998": _always(3.09),
    "source_names": _always(["patients", "encounters"]),
    "listed_source_names": _always(["employer_networks"]),
    "needed_sources": _always(["encounters", "patients"]),
    "source_parents": _always({"encounters": {"patient_id": "patients"}}),
    "all_declared_rules": _always(
        [{"rule": "PAT-01", "name": "a_rule", "action": "flag", "threshold": 1}]
    ),
    "declared_table_checks": _always([{"rule": "ENC-90", "name": "a_check", "threshold": 1}]),
    "declared_rule": _always(
        {"arguments": {"column": "amount", "within": "cpt", "least": 5, "z_limit": 5}}
    ),
    "closure": lambda name, *queries: " union all ".join(_words(queries)),
    "hidden_cells": _steps(),
    "feature_versions": _steps("final"),
    "chance_of_chi_square": _steps("chances"),
    "gamma_upper_tail": _steps("tails"),
    "hypergeometric_sum": _steps("urn_counts", "sum_distribution"),
    "latest_features": _always("with final as (select 1 as one)"),
    "neighbouring_age_bands": _query(),
    "open_failures": _always("select 1 as one"),
    "outcome_units": _query(),
    "ratio_in_words": lambda *given: _expression("ratio_in_words")(*given[:3]),
    "overdispersion": _steps("overdispersion"),
    "pooled_units": _steps(),
    "scorecard_inputs": _steps("totals", "quantiles"),
    "staged_rows": lambda entity, delivered, **named: (
        f"final as (select 1 as one from {delivered}) select * from final"
    ),
    "measured": _query("numbered_loads", "network_sizes", "event_counts"),
} | dict.fromkeys(
    [
        "promoted_rows",
        "quarantined_rows",
        "row_verdicts",
        "rows_in_scope",
        "rule_failures",
        "standard_rows",
        "verdict_rows",
    ],
    _always("select 1 as one"),
)
# dbt's own, which the project wraps for another engine; sqlfluff knows them
_OF_DBT = {"ref", "source"}


def var(name, default=None):
    return _VARIABLES.get(name, default)


for _file in (PROJECT / "macros").rglob("*.sql"):
    for _name in _MACRO.findall(_file.read_text(encoding="utf-8")):
        if _name not in _OF_DBT:
            globals()[_name] = _WRITTEN.get(_name) or _expression(_name)
