"""What a feature table looks like: per feature how often it is missing, how it spreads, what is out
of range; one page of rows.

Above 10,000 entities evenly spaced ones are looked at, so that a million answer as fast as ten
thousand. Outcomes of small cells are empty here as on every screen; the missing rate is that of the
feature, before anything is hidden.
"""

import json
from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.features.entity_frame import one_key, table_named
from pipeline.features.registry import TIES, TIME, Feature, FeatureTable
from pipeline.privacy.masking import SMALLEST_CELL, is_hidden, mask_for_screen
from pipeline.services.features.retrieval import moment_of
from pipeline.services.tables.visible import without_hidden_cells
from pipeline.store.marts import feature_sample, features
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import column_types

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

BINS = 12
PAGE_ROWS = 100


@dataclass(frozen=True)
class FeatureSummary:
    """One feature: shares are 0 to 1; numbers are None for a text. `spread` counts entities in
    equal steps from least to most.
    """

    feature: str
    missing: float | None
    distinct: int
    least: float | None
    median: float | None
    mean: float | None
    most: float | None
    out_of_range: int
    spread: tuple[int, ...]


@dataclass(frozen=True)
class TableProfile:
    """A feature table as known at a moment. `values` holds the features of the entities looked at,
    as a screen may show them.
    """

    table: str
    moment: str
    moments: tuple[str, ...]
    sample_size: int
    is_sample: bool
    is_of_people: bool
    values: pd.DataFrame
    summaries: tuple[FeatureSummary, ...]


def profile(settings: Settings, table: str, moment: str | None = None) -> TableProfile | None:
    """The features of a table as known at a moment (ISO UTC), the newest without one; None when no
    row was ever written.

    Raises InputRefused when there is no such table or moment.
    """
    feature_table = table_named(table)
    names = [feature.name for feature in feature_table.features]
    with open_warehouse(settings) as connection:
        types = column_types(connection, feature_table.name)
        moments = features.moments(connection, feature_table.name, TIME)
        if not moments:
            return None
        at = moment_of(moment) if moment else moments[-1]
        present = [name for name in names if name in types]
        rows = feature_sample.known_at(
            connection, feature_table.name, feature_table.key, [*present, TIME], at, TIME, TIES
        )
        is_sample = feature_sample.size(connection, feature_table.name) > feature_sample.MOST
    visible = for_screen(settings, feature_table, rows)
    summaries = tuple(
        _summary(feature, rows[feature.name], visible[feature.name])
        for feature in feature_table.features
        if feature.name in rows
    )
    return TableProfile(
        feature_table.name,
        at,
        tuple(moments),
        len(rows),
        is_sample,
        is_of_people(feature_table),
        visible[present],
        summaries,
    )


def correlation(table_profile: TableProfile) -> pd.DataFrame:
    """Spearman's rank correlation of every pair of numeric features that vary."""
    numbers = table_profile.values.select_dtypes("number")
    return numbers[[name for name in numbers if numbers[name].nunique() > 1]].corr(
        method="spearman"
    )


def known_page(
    settings: Settings, table: str, moment: str, offset: int = 0, limit: int = PAGE_ROWS
) -> pd.DataFrame:
    """One page of entities as known at a moment, in the order of their key, masked.

    Raises InputRefused when there is no such table or moment.
    """
    feature_table, at = table_named(table), moment_of(moment)
    with open_warehouse(settings) as connection:
        types = column_types(connection, feature_table.name)
        columns = [
            *(feature.name for feature in feature_table.features if feature.name in types),
            TIME,
        ]
        rows = feature_sample.page_known_at(
            connection,
            feature_table.name,
            feature_table.key,
            columns,
            at,
            TIME,
            TIES,
            limit,
            offset,
        )
    return for_screen(settings, feature_table, rows)


def known_total(settings: Settings, table: str, moment: str) -> int:
    """Entities that had been seen by a moment, those since retired included."""
    feature_table = table_named(table)
    with open_warehouse(settings) as connection:
        return feature_sample.keys_known_at(
            connection, feature_table.name, feature_table.key, moment_of(moment), TIME
        )


def versions(settings: Settings, table: str, key: tuple[str, ...]) -> pd.DataFrame:
    """Every version of one entity, oldest first, as a screen may show it; empty when it was never
    known.
    """
    feature_table = table_named(table)
    with open_warehouse(settings) as connection:
        stored = one_key(key, feature_table)
        rows = features.all_versions(
            connection, feature_table.name, feature_table.key, stored, TIME
        )
    visible = for_screen(settings, feature_table, rows)
    return visible[
        [
            TIME,
            "row_version",
            "is_retired",
            *(feature.name for feature in feature_table.features if feature.name in visible),
        ]
    ]


def for_screen(settings: Settings, table: FeatureTable, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a feature table with keys of people masked, ages capped and outcomes of hidden cells
    empty.
    """
    return mask_for_screen(without_hidden_cells(settings, rows, table.name), table.name)


def is_of_people(table: FeatureTable) -> bool:
    """Whether an entity of the table is a person, or is named by one."""
    return any(is_hidden(table.name, column) for column in table.key)


def categories(values: pd.Series, of_people: bool, most: int = 30) -> pd.DataFrame:
    """Columns value and entities, most frequent first; values of fewer than eleven people are one
    row.
    """
    counts = values.dropna().astype(str).value_counts()
    large_enough = counts[counts >= (SMALLEST_CELL if of_people else 1)].head(most)
    groups = large_enough.rename_axis("value").reset_index(name="entities")
    left = int(counts.sum() - large_enough.sum())
    if left:
        groups.loc[len(groups)] = ["all other values", left]
    return groups


def _summary(feature: Feature, raw: pd.Series, values: pd.Series) -> FeatureSummary:
    missing = float(raw.isna().mean()) if len(raw) else None
    present = values.dropna()
    if not pd.api.types.is_numeric_dtype(present) or present.empty:
        counts = present.astype(str).value_counts()
        return FeatureSummary(
            feature.name,
            missing,
            int(present.nunique()),
            None,
            None,
            None,
            None,
            0,
            tuple(counts.head(BINS).tolist()),
        )
    counted = (
        pd.cut(present, BINS, labels=False).value_counts().reindex(range(BINS), fill_value=0)
        if present.nunique() > 1
        else [len(present)]
    )
    least, most = _range(feature)
    outside = int((raw < least).sum() if least is not None else 0) + int(
        (raw > most).sum() if most is not None else 0
    )
    return FeatureSummary(
        feature.name,
        missing,
        int(present.nunique()),
        float(present.min()),
        float(present.median()),
        float(present.mean()),
        float(present.max()),
        outside,
        tuple(int(count) for count in counted),
    )


def _range(feature: Feature) -> tuple[float | None, float | None]:
    """The bounds that the YAML declares, None where it declares none."""
    bounds = (
        json.loads(feature.valid_range) if feature.valid_range.startswith("[") else (None, None)
    )
    return bounds[0], bounds[1]
