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
from pipeline.services.features.retrieval import moment_of
from pipeline.services.tables import outgoing
from pipeline.services.tables.outgoing import Request
from pipeline.store.marts import training
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import relation_names

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
    Raises InputRefused before the first build.
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
    return rows[rows["is_label_mature"] == 1].reset_index(drop=True) if mature_only else rows


def export(
    settings: Settings,
    path: Path,
    as_known_at: str | None = None,
    mature_only: bool = False,
    profile: str = outgoing.DEFAULT,
    author: str = "",
    note: str = "",
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Write the training set to CSV or Parquet by the ending of `path`; the rows and the manifest.

    Nearly every row of it tells of a small cell, so it leaves under internal alone. Raises
    InputRefused for that and for another ending.
    """
    request = Request(training.NOW, profile, author, note=note)
    outgoing.check_ending(path)
    outgoing.check(request)
    rows = training_set(settings, as_known_at, mature_only)
    types = {column.name: column.data_type for column in load_dictionary()[training.NOW].columns}
    return rows, outgoing.to_file(settings, path, [rows], types, request)
