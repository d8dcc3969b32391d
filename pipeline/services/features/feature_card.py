"""One feature and why to trust it: what it is made of back to the delivered columns, the quality
and the age of what feeds it, and who reads it.
"""

import json
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.column_inputs import load_inputs
from pipeline.declared.dictionary import load_dictionary, load_exposures
from pipeline.declared.sources import source_names
from pipeline.errors import InputRefused
from pipeline.features import feast_repository
from pipeline.features.entity_frame import table_named
from pipeline.features.registry import Feature, FeatureTable, read_registry
from pipeline.services.catalogue import column_paths, search
from pipeline.services.features import retrieval
from pipeline.services.quality import grades
from pipeline.services.quality.grades import Grade
from pipeline.services.tables import release_records
from pipeline.services.upload import loads

RAW = "raw_"
MOST = 50


@dataclass(frozen=True)
class FeatureCard:
    """One feature in full. `delivered` are the columns of files whose values enter it, as
    `source.column` (none for a count of rows), `made_of` the columns that it is made of directly,
    `readers` the columns made of it and `pages` the screens of its table; `loaded_at` and `quality`
    are of every source with rows behind the table. Moments are UTC, None where there is none.
    """

    feature: Feature
    key: tuple[str, ...]
    made_of: tuple[str, ...]
    delivered: tuple[str, ...]
    readers: tuple[str, ...]
    pages: tuple[str, ...]
    statement: str
    known_at: str | None
    loaded_at: dict[str, str]
    quality: Grade | None
    pushed: str

    @property
    def reference(self) -> str:
        """What a join calls the feature: `provider:case_mix_index`."""
        return reference(self.feature)


def reference(feature: Feature) -> str:
    """A feature as the join is asked for it: `provider:case_mix_index`."""
    return f"{feature.table.removeprefix('feat_')}:{feature.name}"


def matching(settings: Settings, words: str) -> tuple[Feature, ...]:
    """The features of all tables that hold these words in name or definition, the nearest first:
    what the search of the workbench finds among features.
    """
    features = {
        (each.table, each.name): each for table in read_registry() for each in table.features
    }
    every = [target for target in search.targets(settings) if target.kind == "feature"]
    return tuple(features[hit.key[0], hit.key[1]] for hit in search.find(every, words, MOST))


def card(settings: Settings, table: str, name: str) -> FeatureCard:
    """Everything that is known of one feature; raises InputRefused where there is none."""
    feature_table = table_named(table)
    feature = next((each for each in feature_table.features if each.name == name), None)
    if feature is None:
        raise InputRefused("there is no such feature", name, f"look into {feature_table.name}")
    behind = column_paths.sources_of(feature_table.name, name)
    raw = behind[behind["table"].str.startswith(RAW) & ~behind["column"].str.startswith("_")]
    sources = _sources(feature_table.name)
    moments = (
        retrieval.moments(settings, feature_table.name)
        if feature_table.name in retrieval.built(settings)
        else []
    )
    return FeatureCard(
        feature,
        feature_table.key,
        _named(column_paths.made_of(feature_table.name, name)),
        tuple(sorted({f"{row.table.removeprefix(RAW)}.{row.column}" for row in raw.itertuples()})),
        _readers(feature_table, name),
        tuple(page.menu_key for page in load_exposures() if feature_table.name in page.tables),
        _statement(feature_table),
        moments[-1] if moments else None,
        _loaded_at(settings, sources),
        grades.of_sources(settings, feature_table.name, sources) if moments else None,
        _pushed(settings, feature_table),
    )


def _sources(table: str) -> tuple[str, ...]:
    """Sources with rows behind a table, at any distance: a count of rows reads no column of them,
    and rests on them all the same.
    """
    inputs, reached, front = load_inputs(), {table}, [table]
    while front:
        front = [each for name in front if name in inputs for each in inputs[name].relations]
        front = [each for each in dict.fromkeys(front) if each not in reached]
        reached |= set(front)
    return tuple(each for each in source_names() if f"{RAW}{each}" in reached)


def _named(columns: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{table}.{column}" for table, column in columns)


def _readers(table: FeatureTable, name: str) -> tuple[str, ...]:
    readers = column_paths.uses_of(table.name, name).itertuples()
    return tuple(f"{each.table}.{each.column}" for each in readers if each.table != table.latest)


def _statement(table: FeatureTable) -> str:
    """The model that makes the table, as it stands in the project."""
    path = PROJECT_DIR / load_dictionary()[table.name].path
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _loaded_at(settings: Settings, sources: tuple[str, ...]) -> dict[str, str]:
    """Source -> when its newest load in force came."""
    history = loads.history(settings)
    in_force = history[(history["status"] == "loaded") & history["entity"].isin(sources)]
    return dict(in_force.groupby("entity")["loaded_at"].max())


def _pushed(settings: Settings, table: FeatureTable) -> str:
    """Whether and when the table was handed to Feast, in words."""
    path = (
        settings.feast_dir
        / feast_repository.DATA
        / f"{table.name}.parquet{release_records.MANIFEST}"
    )
    if not path.is_file():
        return ""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return f"{manifest['made_at']} ({manifest['profile']})"
