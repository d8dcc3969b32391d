"""What a message of a source looks like, as JSON Schema, generated from its declaration."""

from typing import Any

from pipeline.declared.sources import SourceContract

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: A cell of a table; whether its value is right is up to the rules of the source.
CELL = ["string", "number", "boolean", "null"]


def message_schema(contract: SourceContract) -> dict[str, Any]:
    """The JSON Schema of one message, which is one row of the source."""
    columns = [column for column in contract.columns if column.delivered]
    return {
        "$schema": DIALECT,
        "title": contract.entity,
        "description": " ".join(contract.description.split()),
        "type": "object",
        "properties": {
            str(column.delivered): {
                "description": " ".join(column.description.split()),
                "type": [*CELL, "array"] if column.is_list else CELL,
                **({"items": {"type": CELL}} if column.is_list else {}),
            }
            for column in columns
        },
        "required": [column.delivered for column in columns if column.required],
        "additionalProperties": contract.schema_contract != "freeze",
    }
