"""The tables that models read and no model of the same build makes, as dbt sources: delivered rows,
and what the build before left.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from pipeline.declared.sources import SourceContract
from pipeline.declared.stages import model_name

COMMAND = "python -m docs.make"
#: The source whose tables are those of models, as the build before left them.
EARLIER_BUILD = "earlier_build"
#: What the loader adds to delivered cells -> its privacy class. `_extra` holds cells of columns
#: that no declaration knows.
RAW_BOOKKEEPING = {
    "_extra": "free_text",
    "_row_id": "line_reference",
    "_load_id": "technical",
    "_source_file": "file_name",
    "_source_row_number": "line_reference",
    "_loaded_at": "technical",
    "rowid": "technical",
}
#: Columns of the lines that are no row.
REJECTED_LINES = {
    "_load_id": "technical",
    "_source_file": "file_name",
    "_source_row_number": "line_reference",
    "raw_line": "free_text",
    "reason": "free_text",
    "entity": "technical",
    "_loaded_at": "technical",
}


def raw_tables(contracts: Mapping[str, SourceContract]) -> str:
    """The delivered tables as dbt's source `raw`, each column with its privacy class."""
    tables = [
        {
            "name": contract.raw_table,
            "description": f"One row per delivered row of {name}.",
            **_freshness(contract),
            "columns": _classified(
                {
                    column.delivered: column.classification
                    for column in contract.columns
                    if column.delivered
                }
                | RAW_BOOKKEEPING
            ),
        }
        for name, contract in contracts.items()
    ]
    rejects = {
        "name": "raw_rejects",
        "description": "One row per delivered line that is no row.",
        "columns": _classified(REJECTED_LINES),
    }
    source = {
        "name": "raw",
        "description": "Delivered rows as text, append-only, with their lineage. Written by the "
        "ingestion, never edited.",
        "schema": "{{ target.schema }}",
        "tables": [*tables, rejects],
    }
    return written_yaml({"version": 2, "sources": [source]}, "the declarations of the sources")


def earlier_tables(contracts: Mapping[str, SourceContract]) -> str:
    """What the models before the verdicts read of the build before, as dbt's source
    `earlier_build`: the verdicts are made from these models, so a `ref` would close a circle.
    """
    source = {
        "name": EARLIER_BUILD,
        "description": "Verdicts as the build before left them: an incremental build compares with "
        "them. The same tables as the models of these names.",
        "schema": "{{ target.schema }}",
        "tables": [
            {
                "name": model_name("row_verdicts", name),
                "description": f"One row per mapped row of {name}, as it was judged before this build.",
            }
            for name in contracts
        ],
    }
    return written_yaml({"version": 2, "sources": [source]}, "the declarations of the sources")


def _freshness(contract: SourceContract) -> dict[str, Any]:
    """What `dbt source freshness` compares: the newest load in force with the days declared."""
    if contract.fresh_within_days is None:
        return {}
    days = {"count": contract.fresh_within_days, "period": "day"}
    in_force = "_load_id in (select load_id from ops_loads where status = 'loaded')"
    return {
        "config": {
            "loaded_at_field": "_loaded_at",
            "freshness": {"warn_after": days, "filter": in_force},
        }
    }


def _classified(classes: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "config": {"meta": {"classification": classification}}}
        for name, classification in classes.items()
    ]


def written_yaml(document: Mapping[str, Any], origin: str) -> str:
    """A YAML file that says how it was written."""
    body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return f"# Written by `{COMMAND}` from {origin}.\n{body}"
