"""The dbt files that follow from the declaration of a source: its models up to the gate, what is
said of them, its raw table, and its place in the list of sources.

dbt knows what a model reads before it runs anything, from the `ref` calls in its SQL; it has no
list of sources then. So these files stand in the repository, written by `python -m docs.make`, and
a test fails when they are not what the declarations say.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.declared.screens import load_screens, tables
from pipeline.declared.source_tables import COMMAND, earlier_tables, raw_tables, written_yaml
from pipeline.declared.sources import Column, Rule, SourceContract, load_contracts
from pipeline.declared.stages import Stage, model_name

MODELS = Path("models/landing_zone")
LIST_OF_SOURCES = Path("macros/landing_zone/source_names.sql")
RAW_TABLES = MODELS / "raw.yml"
EARLIER_TABLES = MODELS / "earlier.yml"
EXPOSURES = Path("models/exposures.yml")


def files(contracts: Mapping[str, SourceContract] | None = None) -> dict[Path, str]:
    """Every derived file, below icon_dbt, with its text."""
    contracts = contracts or load_contracts()
    texts = {
        LIST_OF_SOURCES: _list_of_sources(contracts),
        RAW_TABLES: raw_tables(contracts),
        EARLIER_TABLES: earlier_tables(contracts),
        EXPOSURES: _exposures(),
    }
    for name, contract in contracts.items():
        texts |= {
            MODELS / name / f"{model_name(stage, name)}.sql": f"{_origin(name)}\n{sql}\n"
            for stage, sql in _models(contract, set(contracts)).items()
        }
        texts[MODELS / name / "derived.yml"] = _descriptions(contract)
    return texts


def _origin(name: str) -> str:
    return f"{{# Written by `{COMMAND}` from {name}.yml. #}}"


def _models(contract: SourceContract, names: set[str]) -> dict[Stage, str]:
    """Stage -> the SQL of the source's model; `names` are those of all sources."""
    name, columns = contract.entity, list(contract.mapped)
    late = _relations(contract, "after_promotion")
    return {
        "stg": _staged(contract),
        "scope": _call(
            "rows_in_scope",
            name,
            parents=contract.parents,
            revisit_keyless=bool(contract.keyless_match),
        ),
        "verdicts": _call(
            "verdict_rows",
            name,
            relations=_relations(contract, "before_promotion"),
            keyless_match=list(contract.keyless_match),
        ),
        "row_verdicts": _call(
            "row_verdicts", name, lookups=[list(lookup) for lookup in contract.lookups]
        ),
        "promoted": _call("promoted_rows", name, columns=columns),
        "quarantine": _call("quarantined_rows", name, columns=columns),
        "dq": _call(
            "rule_failures",
            name,
            sources=[relation for relation in late if relation in names],
            relations=[relation for relation in late if relation not in names],
            whole=contract.reviewed_whole,
        ),
    }


def _staged(contract: SourceContract) -> str:
    listed = contract.listed
    if listed is None:
        delivered = f"""with delivered as (

    select * from {{{{ source('raw', '{contract.raw_table}') }}}}

),
"""
        return f"{delivered}\n{_call('staged_rows', contract.entity, delivered='delivered')}"
    return f"{_elements(contract, listed)}\n{_call('staged_rows', contract.entity, delivered='delivered', position='_position')}"


def _elements(contract: SourceContract, listed: Column) -> str:
    """The CTE `delivered` of a source that delivers lists."""
    others = "".join(
        f"        listed.{column.delivered},\n"
        for column in contract.columns
        if column.delivered and column is not listed
    )
    return f"""with listed as (

    select
        *,
        {{{{ comma_list('{listed.delivered}') }}}} as list_text
    from {{{{ source('raw', '{contract.raw_table}') }}}}

),

-- one row per list entry; an empty list keeps one row, so that the delivered row is not lost
delivered as (

    select
        listed._row_id || '-' || (cast(element.key as {{{{ integer_type() }}}}) + 1) as _row_id,
        cast(element.key as {{{{ integer_type() }}}}) + 1 as _position,
        listed._load_id,
        listed._source_file,
        listed._source_row_number,
        listed._loaded_at,
{others}        nullif({{{{ trimmed('element.value') }}}}, '') as {listed.delivered}
    from listed
    cross join {{{{ elements_of('listed.list_text') }}}} as element
    where {{{{ trimmed('element.value') }}}} <> '' or (element.key = 0 and {{{{ trimmed("replace(listed.list_text, ',', '')") }}}} = '')

),
"""


def _relations(contract: SourceContract, stage: str) -> list[str]:
    """What the rules of a stage look at besides the row itself, in the order of the rules."""
    rules: list[Rule] = [rule for rule in contract.rules if rule.stage == stage]
    return list(dict.fromkeys(name for rule in rules for name in rule.relations))


def _call(macro: str, name: str, **arguments: Any) -> str:
    """A call of a macro; an argument that is empty is left to its default."""
    arguments_text = [f"{key}={value!r}" for key, value in arguments.items() if value]
    line = f"{{{{ {macro}({', '.join([repr(name), *arguments_text])}) }}}}"
    if len(line) <= 120:
        return line
    return "\n".join(
        [
            f"{{{{ {macro}(",
            f"    {name!r},",
            *(f"    {argument}," for argument in arguments_text),
            ") }}",
        ]
    )


def _descriptions(contract: SourceContract) -> str:
    """What is said of the models between the delivered row and the gate."""
    name, key = contract.entity, " and ".join(contract.key)
    row_id = {"name": "_row_id", "description": "Identifier of the row."}
    status = "promoted, quarantined, superseded, duplicate or rejected."
    models = [
        {
            "name": f"int_{name}_scope",
            "description": "Rows whose verdict may differ from the last build's. One row per mapped row "
            "in scope; dropped when the layer is built.",
        },
        {
            "name": f"int_{name}_verdicts",
            "description": f"Rows of {name} that this build judges. One row per mapped row in scope; "
            "dropped when the layer is built.",
        },
        {
            "name": f"row_verdicts_{name}",
            "description": f"The verdict on every delivered row of {name}. One row per mapped row.",
            "data_tests": [
                {
                    "unique_keys": {
                        "name": f"row_verdicts_{name}__row_id__unique",
                        "arguments": {"columns": ["_row_id"]},
                    }
                }
            ],
            "columns": [row_id, {"name": "_status", "description": status}],
        },
        {
            "name": f"promoted_{name}",
            "description": f"Rows of {name} that passed. One row per {key}, its latest valid version.",
        },
        {
            "name": f"quarantine_{name}",
            "description": f"Rows of {name} held back, each with all its reasons. One row per open row.",
        },
    ]
    return written_yaml({"version": 2, "models": models}, f"{name}.yml")


def _exposures() -> str:
    """The pages that declare which tables they show, as dbt's exposures."""
    exposures = [
        {
            "name": screen.key,
            "label": screen.title,
            "type": "application",
            "maturity": "high",
            "description": screen.purpose,
            "owner": {"name": "Icon Health Workbench", "email": "workbench@example.com"},
            "config": {"meta": {"page": screen.key}},
            "depends_on": [f"ref('{name}')" for name in tables(screen)],
        }
        for screen in load_screens()
        if screen.shows
    ]
    return written_yaml({"version": 2, "exposures": exposures}, "pages/*/page.yml")


def _list_of_sources(contracts: Mapping[str, SourceContract]) -> str:
    """The macros that name the sources."""
    listed = [name for name, contract in contracts.items() if contract.listed]
    parents = {name: contract.parents for name, contract in contracts.items() if contract.parents}
    return f"""{{# Written by `{COMMAND}` from the declarations of the sources. #}}

{{# The sources, parents before children. #}}
{{% macro source_names() %}}{{{{ return({list(contracts)!r}) }}}}{{% endmacro %}}

{{# Those that deliver lists, of which each entry is a row from `stg_` on. #}}
{{% macro listed_source_names() %}}{{{{ return({listed!r}) }}}}{{% endmacro %}}

{{# Source -> its columns that hold the key of another source. #}}
{{% macro source_parents() %}}{{{{ return({parents!r}) }}}}{{% endmacro %}}
"""
