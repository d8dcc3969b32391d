"""What a caller of the point-in-time join hands over: references to features, and a frame of entity
keys and moments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.features.entity_key import stored_key
from pipeline.features.registry import Feature, FeatureTable, read_registry
from pipeline.store.sqlite.clock import FORMAT

#: Types of the answer, the same whatever the values are: an integer may be missing.
DTYPES = {"integer": "Int64", "real": "float64", "text": "str"}


@dataclass(frozen=True)
class FeatureRequest:
    """The features of one table that somebody asked for."""

    table: FeatureTable
    features: tuple[Feature, ...]


def table_named(name: str) -> FeatureTable:
    """The feature table called `name`: `feat_provider`, `feat_provider_latest` or `provider`.

    Raises InputRefused when there is none.
    """
    registry = read_registry()
    for table in registry:
        if name in (table.name, table.latest, table.name.removeprefix("feat_")):
            return table
    names = ", ".join(table.name for table in registry) or "none is declared"
    raise InputRefused("there is no such feature table", name, f"choose one of: {names}")


def feature_requests(references: Sequence[str]) -> tuple[FeatureRequest, ...]:
    """References in words to tables and features: `provider:shrunken_ratio_to_date` is one feature,
    `provider` every one of the table.

    Raises InputRefused for an unknown table or feature, or none at all.
    """
    if not references:
        raise InputRefused(
            "no feature is asked for", "features", "name some, as provider:shrunken_ratio_to_date"
        )
    features_by_table: dict[str, dict[str, Feature]] = {}
    tables: dict[str, FeatureTable] = {}
    for reference in references:
        name, _, feature = reference.partition(":")
        table = table_named(name)
        features_by_name = {feature.name: feature for feature in table.features}
        if feature and feature not in features_by_name:
            raise InputRefused(
                "there is no such feature",
                reference,
                f"features of {table.name}: {', '.join(features_by_name)}",
            )
        tables[table.name] = table
        features_by_table.setdefault(table.name, {}).update(
            {feature: features_by_name[feature]} if feature else features_by_name
        )
    return tuple(
        FeatureRequest(tables[name], tuple(features.values()))
        for name, features in features_by_table.items()
    )


def answer_names(
    requests: Sequence[FeatureRequest], frame: pd.DataFrame, full_names: bool
) -> dict[tuple[str, str], str]:
    """(table, feature) -> its column in the answer: `shrunken_ratio_to_date`, or
    `provider__shrunken_ratio_to_date` with `full_names`.

    Raises InputRefused when two columns would have one name.
    """
    names: dict[tuple[str, str], str] = {}
    for request in requests:
        for feature in request.features:
            name = (
                f"{request.table.name.removeprefix('feat_')}__{feature.name}"
                if full_names
                else feature.name
            )
            if name in frame.columns or name in names.values():
                raise InputRefused(
                    f"two columns would be called {name}",
                    request.table.name,
                    "rename the column of the entity frame" if full_names else "ask for full names",
                )
            names[request.table.name, feature.name] = name
    return names


def keys_of(frame: pd.DataFrame, table: FeatureTable) -> list[list[str | None]]:
    """The values of the entity key as they are stored, one list a part; an empty value stays empty
    and finds nothing.

    Raises InputRefused when the frame lacks a part of the key.
    """
    missing = [part for part in table.key if part not in frame.columns]
    if missing:
        raise InputRefused(
            f"the entity frame has no column {', '.join(missing)}",
            table.name,
            f"its key is {', '.join(table.key)}",
        )
    return [[stored_key(part, value) for value in frame[part]] for part in table.key]


def one_key(values: Sequence[object], table: FeatureTable) -> list[str | None]:
    """One key that a person gives, a value a part, as it is stored.

    Raises InputRefused when it has not as many parts as the key of the table.
    """
    if len(values) != len(table.key):
        raise InputRefused(
            f"the key has {len(table.key)} part(s): {', '.join(table.key)}",
            table.name,
            "give one value a part",
        )
    return [stored_key(part, value) for part, value in zip(table.key, values, strict=True)]


def moments_of(frame: pd.DataFrame, column: str) -> list[str]:
    """The moment of each row as it is stored (UTC, whole seconds, fractions cut off); without a
    zone it is UTC.

    Raises InputRefused when the column is missing or a row has no moment.
    """
    if column not in frame.columns:
        raise InputRefused(
            f"the entity frame has no column {column}",
            "moment",
            "give every row the moment for which you ask",
        )
    moments = pd.to_datetime(frame[column], utc=True, errors="coerce", format="ISO8601")
    if moments.isna().any():
        row = int(moments.isna().to_numpy().argmax()) + 1
        raise InputRefused(
            "not a moment", f"{column}, row {row}", "write it as YYYY-MM-DDTHH:MM:SSZ"
        )
    return moments.dt.tz_convert(UTC).dt.strftime(FORMAT).tolist()
