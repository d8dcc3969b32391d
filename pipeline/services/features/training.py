"""The training set for adverse events: features known before a delivery, mature labels, as known
at any moment.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.errors import InputRefused
from pipeline.features.registry import TIES, TIME
from pipeline.services.access.roles import EXPORT, needs
from pipeline.services.features.retrieval import moment_of
from pipeline.services.tables import outgoing
from pipeline.services.tables.outgoing import Request
from pipeline.services.why import absent_sources
from pipeline.store.marts import training
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import relation_names

OUTCOME_SOURCES = ("adverse_events",)
LABEL, GROUP, DELIVERY = "has_adverse_event", "provider_group", "delivery_group"


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
    settings: Settings, as_known_at: str | None = None, mature_only: bool = False
) -> pd.DataFrame:
    """One row per encounter known now or at a moment (ISO UTC): label, maturity, groups of the
    split and features.

    No identifier and no date of birth. Split by `provider_group` or `delivery_group`, never at
    random. `mature_only` keeps rows whose label a later delivery of adverse events has confirmed.
    Raises InputRefused before the first build, and where adverse events are absent and no row was
    labelled then: an encounter without a known event is no encounter without an event.
    """
    with open_warehouse(settings) as connection:
        if training.NOW not in relation_names(connection):
            raise InputRefused(
                "is not built yet",
                training.NOW,
                "build the feature store: icon-health build",
            )
        if as_known_at is None:
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
    return rows[rows["is_label_mature"] == 1].reset_index(drop=True) if mature_only else rows


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
    profile: str = outgoing.DEFAULT,
    author: str = "",
    note: str = "",
    without_outcomes: bool = False,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Write the training set, or `facts` for `without_outcomes`, to CSV or Parquet by the ending of
    `path`; the rows and the manifest.

    Nearly every row of it tells of a small cell, so it leaves under internal alone. Raises
    InputRefused for that, for another ending, and for facts of another moment or of mature labels.
    """
    if without_outcomes and (as_known_at or mature_only):
        raise InputRefused(
            "cannot be had together",
            "--without-outcomes and --as-known-at or --mature-only",
            "leave one of them out",
        )
    request = Request(training.NOW, profile, author, note=note)
    outgoing.check_ending(path)
    outgoing.check(request)
    rows = facts(settings) if without_outcomes else training_set(settings, as_known_at, mature_only)
    types = {column.name: column.data_type for column in load_dictionary()[training.NOW].columns}
    return rows, outgoing.to_file(settings, path, [rows], types, request)
