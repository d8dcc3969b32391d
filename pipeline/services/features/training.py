"""The training set for adverse events: features known before a delivery, mature labels, as known
at any moment, and any features of the store joined to its rows.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.errors import InputRefused
from pipeline.features.entity_frame import answer_names, feature_requests
from pipeline.features.registry import TIES, TIME
from pipeline.services.access.roles import EXPORT, needs
from pipeline.services.features.retrieval import moment_of, point_in_time
from pipeline.services.tables import outgoing, release_records
from pipeline.services.tables.release_records import Request
from pipeline.services.why import absent_sources
from pipeline.store.marts import training
from pipeline.store.sqlite.clock import second_before
from pipeline.store.sqlite.database import Database, open_warehouse
from pipeline.store.sqlite.statements import relation_names

OUTCOME_SOURCES = ("adverse_events",)
LABEL, GROUP, DELIVERY = "has_adverse_event", "provider_group", "delivery_group"
MATURE, ASKED = "is_label_mature", "_before_the_delivery"


def columns() -> tuple[str, ...]:
    """The columns of a training row as declared, those that only tell of the build left out."""
    return tuple(
        column.name
        for column in load_dictionary()[training.NOW].columns
        if not column.name.startswith("_")
    )


def feature_names() -> tuple[str, ...]:
    """The features of a training row as declared."""
    return tuple(
        column.name
        for column in load_dictionary()[training.NOW].columns
        if dict(column.meta).get("is_feature") == "true"
    )


def training_set(
    settings: Settings,
    as_known_at: str | None = None,
    mature_only: bool = False,
    feature_refs: Sequence[str] = (),
) -> pd.DataFrame:
    """One row per encounter known now or at a moment (ISO UTC): label, maturity, groups of the
    split and features; with `feature_refs` (`provider:case_mix_index`) also those features of the
    store as `table__feature`, each as it was known before the delivery of its row.

    No identifier and no date of birth. Split by `provider_group` or `delivery_group`, never at
    random. `mature_only` keeps rows whose label a later delivery of adverse events has confirmed.
    Raises InputRefused before the first build, for an unknown feature or one whose key no encounter
    has, and where adverse events are absent and no row was labelled then: an encounter without a
    known event is no encounter without an event.
    """
    check_joinable(feature_refs)
    with open_warehouse(settings) as connection:
        if training.NOW not in relation_names(connection):
            raise InputRefused(
                "is not built yet",
                training.NOW,
                "build the feature store: icon-health build",
            )
        if feature_refs:
            rows = _with_keys(connection, as_known_at)
        elif as_known_at is None:
            rows = training.known_now(connection, columns())
        else:
            rows = training.known_at(connection, moment_of(as_known_at), TIME, TIES, columns())
        absent = absent_sources.of_sources(connection, OUTCOME_SOURCES)
    if absent and rows.empty:
        raise InputRefused(
            "has no label",
            "the training set",
            f"{absent_sources.reasons(absent)} Deliver them, or write what is known of encounters "
            "without outcomes: --without-outcomes",
        )
    if mature_only:
        rows = rows[rows[MATURE] == 1].reset_index(drop=True)
    return _joined(settings, rows, feature_refs) if feature_refs else rows


def check_joinable(feature_refs: Sequence[str]) -> None:
    """Raise InputRefused for a feature that is unknown, or whose key no encounter has."""
    for request in feature_requests(feature_refs) if feature_refs else ():
        if missing := set(request.table.key) - set(training.JOINED_BY):
            raise InputRefused(
                f"has {', '.join(sorted(missing))} in its key, which no encounter has",
                request.table.name,
                f"join tables of {', '.join(training.JOINED_BY)} to the label",
            )


def _with_keys(connection: Database, as_known_at: str | None) -> pd.DataFrame:
    """The rows with the keys by which features are joined, and the last second before their
    delivery came.
    """
    moment = moment_of(as_known_at) if as_known_at else training.newest_moment(connection)
    wanted = [*columns(), "encounter_id", "npi"]
    rows = training.known_at(connection, moment, TIME, TIES, wanted)
    rows["patient_id"] = rows["encounter_id"].map(training.patients(connection))
    came = training.arrivals(connection)
    rows[ASKED] = [second_before(came[delivery]) for delivery in rows[DELIVERY]]
    return rows


def _joined(settings: Settings, rows: pd.DataFrame, feature_refs: Sequence[str]) -> pd.DataFrame:
    """The declared columns of the rows and the features, without the keys."""
    spine = rows[[*training.JOINED_BY, ASKED]]
    answer = point_in_time(settings, feature_refs, spine, moment=ASKED, full_names=True)
    return pd.concat([rows[list(columns())], answer.drop(columns=spine.columns)], axis=1)


def joined_names(feature_refs: Sequence[str]) -> list[str]:
    """The columns of the features that are joined, as `table__feature`."""
    requests = feature_requests(feature_refs) if feature_refs else ()
    return list(answer_names(requests, pd.DataFrame(), full_names=True).values())


def facts(settings: Settings) -> pd.DataFrame:
    """One row per encounter known now with the features that are its own facts: no label, nothing
    that rests on outcomes. Raises InputRefused before the first build.
    """
    with open_warehouse(settings) as connection:
        if training.ENCOUNTERS not in relation_names(connection):
            raise InputRefused(
                "is not built yet", training.ENCOUNTERS, "build the gold tables: icon-health build"
            )
        return training.encounter_facts(connection, feature_names())


@needs(EXPORT)
def export(
    settings: Settings,
    path: Path,
    as_known_at: str | None = None,
    mature_only: bool = False,
    profile: str = release_records.DEFAULT_PROFILE,
    author: str = "",
    note: str = "",
    without_outcomes: bool = False,
    feature_refs: Sequence[str] = (),
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Write the training set with the features asked for, or `facts` for `without_outcomes`, to CSV
    or Parquet by the ending of `path`; the rows and the manifest.

    Nearly every row of it tells of a small cell, so it leaves under internal alone. Raises
    InputRefused for that, for another ending, for facts of another moment, of mature labels or with
    other features, and as `training_set` does.
    """
    if without_outcomes and (as_known_at or mature_only or feature_refs):
        raise InputRefused(
            "cannot be had together",
            "--without-outcomes and --as-known-at, --mature-only or --feature",
            "leave one of them out",
        )
    request = _request(profile, author, note, feature_refs)
    outgoing.check_ending(path)
    outgoing.check(request)
    rows = (
        facts(settings)
        if without_outcomes
        else training_set(settings, as_known_at, mature_only, feature_refs)
    )
    if feature_refs:
        return rows, outgoing.joined_to_file(settings, path, rows, request)
    return rows, outgoing.to_file(settings, path, [rows], _types(), request)


@needs(EXPORT)
def in_memory(
    settings: Settings,
    feature_refs: Sequence[str],
    mature_only: bool,
    author: str = "",
    note: str = "",
) -> tuple[bytes, dict[str, Any]]:
    """The Parquet file that `export` writes under internal, as the bytes of a download, and its
    manifest.
    """
    request = _request("internal", author, note, feature_refs, "download")
    rows = training_set(settings, mature_only=mature_only, feature_refs=feature_refs)
    if feature_refs:
        return outgoing.joined_in_memory(settings, ".parquet", rows, request)
    return outgoing.table_in_memory(settings, ".parquet", [rows], _types(), request)


def _request(
    profile: str, author: str, note: str, feature_refs: Sequence[str], action: str = "export"
) -> Request:
    filters = [{"features": list(feature_refs)}] if feature_refs else []
    return Request(training.NOW, profile, author, action, note, filters)


def _types() -> dict[str, str]:
    return {column.name: column.data_type for column in load_dictionary()[training.NOW].columns}
