"""Hand the feature store to Feast: Parquet as its offline store, a repository made from the
registry, values online.

Feast is another way to the same values for services that look them up by key. What it answers is
what `services.features` answers; nothing is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features import feast_environment, feast_repository
from pipeline.features.entity_frame import DTYPES
from pipeline.features.registry import TIME, FeatureTable, read_registry
from pipeline.orchestrate.lock import hold_file
from pipeline.privacy.treatments import KEPT, classes_with
from pipeline.services.access.roles import EXPORT, needs
from pipeline.services.tables import outgoing, release_records
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.tables.release_records import Request
from pipeline.services.tables.visible import open_visible
from pipeline.store.marts import features
from pipeline.store.sqlite.clock import second_after
from pipeline.store.sqlite.database import Database, open_snapshot
from pipeline.store.sqlite.home_files import HOME_MODE, prepare_home
from pipeline.store.sqlite.statements import relation_names

PROFILES = ("safe_harbor", "internal")
#: Privacy classes that leave under safe_harbor; a missing class is none of them.
LET_OUT = classes_with("feature_store", KEPT)


@dataclass(frozen=True)
class PushedTable:
    """One table as it was pushed: its feature view and key, rows (every version), keys that are
    online, Parquet file.
    """

    table: str
    view: str
    key: tuple[str, ...]
    rows: int
    keys: int
    file: str


@dataclass(frozen=True)
class PushResult:
    """What a push did; `left_out` are the tables whose key names a patient, which `profile` does
    not let out.
    """

    repository: str
    online_store: str
    profile: str
    tables: tuple[PushedTable, ...]
    left_out: tuple[str, ...]
    feast_version: str
    seconds: float


@needs(EXPORT)
def push(
    settings: Settings,
    store: Path | None = None,
    profile: str = "safe_harbor",
    author: str = "",
    note: str = "",
) -> PushResult:
    """Write every built feature table to the home's Feast repository, apply it and fill the online
    store.

    `store` is a YAML file with `online_store` and, if wanted, `registry` of feature_store.yaml
    (default: the setting feast_store, else SQLite in the repository). Under the profile
    safe_harbor, tables whose key names a patient stay here and small cells are empty, as in an
    export; internal pushes all as they are. Raises
    InputRefused when there is no Feast environment, nothing built, or a wrong configuration;
    PipelineError when Feast fails; PipelineBusy while another push runs.
    """
    started = perf_counter()
    if profile not in PROFILES:
        raise InputRefused(
            "there is no such profile for a push", profile, f"choose one of: {', '.join(PROFILES)}"
        )
    python = feast_environment.checked_python(settings.feast_python)
    configuration = feast_repository.store_configuration(store or settings.feast_store)
    prepare_home(settings)
    repository = settings.feast_dir
    data = repository / feast_repository.DATA
    data.mkdir(mode=HOME_MODE, parents=True, exist_ok=True)
    repository.chmod(HOME_MODE)
    with hold_file(repository / "push.lock", "a push of features"):
        selected, left_out = _exportable(settings, profile)
        tables, first, last = _write_tables(settings, selected, data, (profile, author, note))
        for stale in set(data.glob("*.parquet")) - {Path(table.file) for table in tables}:
            stale.unlink()
            stale.with_name(stale.name + release_records.MANIFEST).unlink(missing_ok=True)
        _write(
            repository / feast_repository.STORE_FILE,
            feast_repository.feature_store_yaml(configuration),
        )
        _write(
            repository / feast_repository.DEFINITIONS, feast_repository.definitions(selected, data)
        )
        answer = feast_environment.push(python, repository, first, last)
    return PushResult(
        str(repository),
        configuration["online_store"]["type"],
        profile,
        tables,
        left_out,
        answer["feast_version"],
        round(perf_counter() - started, 1),
    )


def _exportable(
    settings: Settings, profile: str
) -> tuple[tuple[FeatureTable, ...], tuple[str, ...]]:
    with open_bookkeeping(settings) as connection:
        standing = set(relation_names(connection))
    built = [table for table in read_registry() if table.name in standing]
    held = (
        []
        if profile == "internal"
        else [table for table in built if table.key_classification not in LET_OUT]
    )
    selected = tuple(_without_sensitive(table, profile) for table in built if table not in held)
    if not selected:
        raise InputRefused(
            "no feature table is built",
            str(settings.home),
            "build the feature store: icon-health build",
        )
    return selected, tuple(table.name for table in held)


def _without_sensitive(table: FeatureTable, profile: str) -> FeatureTable:
    exported_features = tuple(
        feature
        for feature in table.features
        if profile == "internal" or feature.classification in LET_OUT
    )
    return replace(table, features=exported_features)


def _write_tables(
    settings: Settings, tables: tuple[FeatureTable, ...], data: Path, by: tuple[str, str, str]
) -> tuple[tuple[PushedTable, ...], str, str]:
    """Every table as one moment shows them; also the first and the last moment in them."""
    written_tables, moments = [], set()
    with _open(settings, tables, by[0]) as connection:
        for table in tables:
            types = {
                **dict.fromkeys(table.key, "text"),
                **{feature.name: feature.dtype for feature in table.features},
            }
            rows = features.every_version(
                connection, table.name, [*types, TIME, feast_repository.CREATED], TIME
            )
            if by[0] != "internal":
                # the number of a version is hidden; its place among all orders as well
                rows[feast_repository.CREATED] = range(1, len(rows) + 1)
            frame = rows.astype({name: DTYPES[kind] for name, kind in types.items()})
            pushed, times = _write_table(settings, table, frame, data / f"{table.name}.parquet", by)
            written_tables.append(pushed)
            moments |= times
    if not moments:
        raise InputRefused("holds no row yet", "feature store", "build it: icon-health build")
    return tuple(written_tables), min(moments), second_after(max(moments))


def _open(settings: Settings, tables: tuple[FeatureTable, ...], profile: str) -> Database:
    """A connection that reads one state of the tables, as the profile lets them out."""
    if profile == "internal":
        return open_snapshot(settings)
    connection = open_visible(settings, *(table.name for table in tables), for_export=True)
    connection.execute("begin")
    return connection


def _write_table(
    settings: Settings,
    table: FeatureTable,
    frame: pd.DataFrame,
    path: Path,
    by: tuple[str, str, str],
) -> tuple[PushedTable, set[str]]:
    profile, author, note = by
    times = set(frame[TIME].iloc[[0, -1]]) if len(frame) else set()
    for column in (TIME, feast_repository.CREATED):
        frame[column] = frame[column].astype("datetime64[us, UTC]")
    outgoing.pushed(settings, path, frame, Request(table.name, profile, author, "push", note))
    keys = len(frame[list(table.key)].drop_duplicates())
    return PushedTable(
        table.name, feast_repository.view_name(table), table.key, len(frame), keys, str(path)
    ), times


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
