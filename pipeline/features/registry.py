"""The registry of features, read from the YAML of the feature models: definition, owner, null
meaning, valid range.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.declared.classes import STRICTEST_FIRST
from pipeline.declared.dictionary import ColumnEntry, ModelEntry, load_dictionary
from pipeline.declared.layers import Layer

LATEST = "_latest"
#: Columns that date or version a row rather than describe its entity.
BOOKKEEPING = (
    "event_timestamp",
    "available_at",
    "created_at",
    "feature_version",
    "row_version",
    "row_hash",
    "is_retired",
)
#: A feature or key whose YAML says no class is taken for the most private.
UNDECLARED = "undeclared"
STRICTNESS = (UNDECLARED, *STRICTEST_FIRST)
TIME, TIES = "event_timestamp", ("row_version",)


@dataclass(frozen=True)
class Feature:
    """One feature of one entity; texts are empty where the YAML says nothing."""

    name: str
    table: str
    dtype: str
    definition: str
    owner: str
    null_meaning: str
    valid_range: str
    version: str
    classification: str


@dataclass(frozen=True)
class FeatureTable:
    """One feature table: append-only `name`, its view `latest`, the entity key with its privacy
    class, the features.
    """

    name: str
    latest: str
    key: tuple[str, ...]
    description: str
    owner: str
    features: tuple[Feature, ...]
    key_classification: str


def read_registry() -> tuple[FeatureTable, ...]:
    """Every feature table that the project declares, by name."""
    entries = load_dictionary()
    entries_of_layer = [
        entry
        for entry in entries.values()
        if entry.layer == Layer.FEATURE_STORE.label
        and entry.name.startswith("feat_")
        and not entry.name.endswith(LATEST)
    ]
    return tuple(
        _table(entry, entries.get(entry.name + LATEST))
        for entry in sorted(entries_of_layer, key=lambda entry: entry.name)
    )


def _table(entry: ModelEntry, latest: ModelEntry | None) -> FeatureTable:
    meta = dict(entry.meta)
    key = _key(entry)
    described = entry.columns or (latest.columns if latest else ())
    features = tuple(
        _feature(column, entry.name, meta)
        for column in described
        if column.name not in key
        and column.name not in BOOKKEEPING
        and not column.name.startswith("_")
    )
    return FeatureTable(
        entry.name,
        entry.name + LATEST,
        key,
        entry.description,
        meta.get("owner", ""),
        features,
        _key_classification(column.classification for column in described if column.name in key),
    )


def _key_classification(classes: Iterable[str]) -> str:
    """The strictest class of the parts of a key."""
    return min((name or UNDECLARED for name in classes), key=STRICTNESS.index, default=UNDECLARED)


def _key(entry: ModelEntry) -> tuple[str, ...]:
    """The entity key: the model's meta `entity_key` or `key`, else the columns before the first
    feature that end in an id.
    """
    meta = dict(entry.meta)
    for name in ("entity_key", "key"):
        if name in meta:
            text = meta[name]
            return tuple(json.loads(text)) if text.startswith("[") else (text,)
    standard_keys = ("npi", "cpt", "patient_id", "referral_id", "referral_key", "employer_id")
    return tuple(column.name for column in entry.columns if column.name in standard_keys)


def _feature(column: ColumnEntry, table: str, table_meta: dict[str, str]) -> Feature:
    meta = dict(column.meta)
    return Feature(
        name=column.name,
        table=table,
        dtype=column.data_type or meta.get("dtype", ""),
        definition=column.description,
        owner=meta.get("owner", table_meta.get("owner", "")),
        null_meaning=meta.get("null_meaning", meta.get("null", "")),
        valid_range=meta.get("valid_range", meta.get("range", "")),
        version=meta.get(
            "version", table_meta.get("version", table_meta.get("feature_version", "1"))
        ),
        classification=column.classification or UNDECLARED,
    )
