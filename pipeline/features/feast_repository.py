"""The feature repository that Feast reads, made from the registry: nothing about a feature is typed
a second time.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import InputRefused
from pipeline.features.registry import TIES, TIME, FeatureTable

PROJECT = "icon_health"
DEFINITIONS, STORE_FILE, DATA = "definitions.py", "feature_store.yaml", "data"
#: Type in the registry -> type of Feast.
TYPES = {"integer": "Int64", "real": "Float64", "text": "String"}
#: What a configuration may say: where the online values and Feast's own registry live. Offline is
#: always our Parquet.
CONFIGURABLE = ("online_store", "registry")
CREATED = TIES[0]

_HEAD = '''"""Made by `icon-health features push` from the registry of features; the next push writes it again."""

from datetime import timedelta

from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Float64, Int64, String
'''


def view_name(table: FeatureTable) -> str:
    """Name of the feature view of a table: `feat_provider` is `provider`, as in our own references
    to features.
    """
    return table.name.removeprefix("feat_")


def store_configuration(path: Path | None) -> dict:
    """The part of feature_store.yaml that a person chooses: `online_store` and `registry`; SQLite
    in the repository by default.

    `${NAME}` in it is an environment variable, read by Feast. Raises InputRefused for a file that
    is no such mapping.
    """
    configuration: Any = {}
    if path is not None:
        try:
            configuration = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InputRefused(
                "cannot be read as YAML", str(path), "name a file with online_store: {type: ...}"
            ) from error
        if not _is_configuration(configuration):
            raise InputRefused(
                "not a store configuration",
                str(path),
                "give online_store with its type, registry if wanted, nothing else",
            )
    return {
        "online_store": {"type": "sqlite", "path": "online_store.db"},
        "registry": "registry.db",
    } | dict(configuration)


def _is_configuration(configuration: object) -> bool:
    if (
        not isinstance(configuration, Mapping)
        or not configuration
        or not set(configuration) <= set(CONFIGURABLE)
    ):
        return False
    online = configuration.get("online_store", {"type": "sqlite"})
    return isinstance(online, Mapping) and isinstance(online.get("type"), str)


def feature_store_yaml(configuration: Mapping) -> str:
    """Text of feature_store.yaml. DuckDB reads the Parquet files: Feast's default, dask, drops
    entity rows without a feature.
    """
    return yaml.safe_dump(
        {
            "project": PROJECT,
            "provider": "local",
            **configuration,
            "offline_store": {"type": "duckdb"},
            "entity_key_serialization_version": 3,
        },
        sort_keys=False,
    )


def definitions(tables: Sequence[FeatureTable], data: Path) -> str:
    """Text of the module that `feast apply` imports: an entity a part of a key, a feature view a
    table.
    """
    keys = dict.fromkeys(key for table in tables for key in table.key)
    entities = [
        f"entity_{key} = Entity(name={key!r}, join_keys=[{key!r}], value_type=ValueType.STRING)"
        for key in keys
    ]
    return "\n".join([_HEAD, *entities, "", *(_view(table, data) for table in tables)])


def _view(table: FeatureTable, data: Path) -> str:
    fields = [f"        Field(name={key!r}, dtype=String)," for key in table.key]
    for feature in table.features:
        tags = {
            name: text
            for name, text in (
                ("owner", feature.owner),
                ("version", feature.version),
                ("classification", feature.classification),
                ("null_meaning", feature.null_meaning),
                ("valid_range", feature.valid_range),
            )
            if text
        }
        fields.append(
            f"        Field(name={feature.name!r}, dtype={TYPES[feature.dtype]}, "
            f"description={feature.definition!r}, tags={tags!r}),"
        )
    return "\n".join(
        [
            f"view_{view_name(table)} = FeatureView(",
            f"    name={view_name(table)!r},",
            f"    entities=[{', '.join(f'entity_{key}' for key in table.key)}],",
            "    ttl=timedelta(0),",
            "    schema=[",
            *fields,
            "    ],",
            "    source=FileSource(",
            f"        name={table.name!r}, path={str(data / (table.name + '.parquet'))!r},",
            f"        timestamp_field={TIME!r}, created_timestamp_column={CREATED!r},",
            "    ),",
            f"    description={' '.join(table.description.split())!r},",
            f"    owner={table.owner!r},",
            ")",
            "",
        ]
    )
