"""Features on their way out of the program: whole tables, rows joined to a file of keys, rows that
are printed, each under a privacy profile, with its manifest and its record in the audit trail.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features.entity_frame import (
    FeatureRequest,
    answer_names,
    feature_requests,
    keys_of,
    table_named,
)
from pipeline.features.registry import TIES, TIME
from pipeline.privacy.column_meaning import meaning
from pipeline.privacy.released_rows import rows_are_people
from pipeline.services.access.roles import EXPORT, needs
from pipeline.services.features import spine
from pipeline.services.features.retrieval import UNKNOWN_KEYS, moment_of, point_in_time
from pipeline.services.tables import outgoing, release_records
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.tables.release_records import Request
from pipeline.services.tables.visible import open_visible, without_hidden_cells
from pipeline.store.marts import features as feature_rows
from pipeline.store.sqlite.statements import column_types
from pipeline.store.warehouse import builds

#: Where a join holds, by column, how many known values the profile left empty.
HIDDEN_CELLS = "hidden_cells"


def refusal(table: str) -> str | None:
    """Why a feature table is not offered as a file on a page; None when it is."""
    return outgoing.refusal(table, release_records.DEFAULT_PROFILE)


@needs(EXPORT)
def export(
    settings: Settings,
    path: Path,
    table: str,
    as_known_at: str | None = None,
    profile: str = release_records.DEFAULT_PROFILE,
    author: str = "",
    note: str = "",
) -> dict[str, Any]:
    """Write a feature table (newest rows, or the rows as known at a moment) to Parquet, or CSV by
    the ending, under a privacy profile; the manifest.

    Raises InputRefused for an unknown profile or ending, and for a table that does not leave under
    the profile.
    """
    feature_table = table_named(table)
    moment = None if as_known_at is None else moment_of(as_known_at)
    relation = feature_table.latest if moment is None else feature_table.name
    request = _request(settings, relation, profile, author, note)
    with open_visible(
        settings, *(() if profile == "internal" else (relation,)), for_export=True
    ) as connection:
        pieces = (
            feature_rows.pieces_latest(connection, relation)
            if moment is None
            else feature_rows.pieces_known_at(
                connection, relation, feature_table.key, moment, TIME, TIES
            )
        )
        types = column_types(connection, relation)
        return outgoing.to_file(settings, path, pieces, types, request)


@needs(EXPORT)
def printed(
    settings: Settings,
    table: str,
    rows: pd.DataFrame,
    profile: str = release_records.DEFAULT_PROFILE,
    author: str = "",
    note: str = "",
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows of a feature table on their way out of the program: treated under a profile, recorded in
    the audit trail, with their manifest.

    Raises InputRefused for an unknown profile, and under safe_harbor for rows of too few people.
    """
    name = table_named(table).name
    request = _request(settings, name, profile, author, note)
    outgoing.check(request)
    with open_bookkeeping(settings) as connection:
        types = column_types(connection, name)
    visible = (
        rows
        if profile == "internal"
        else without_hidden_cells(settings, rows, name, for_export=True)
    )
    return outgoing.rows(settings, visible, types, request)


@needs(EXPORT)
def parquet(settings: Settings, table: str, moment: str, author: str = "") -> bytes:
    """A Parquet file of all entities as known at a moment, as a Safe Harbor export of the table."""
    feature_table, at = table_named(table), moment_of(moment)
    with open_visible(settings, feature_table.name, for_export=True) as connection:
        pieces = feature_rows.pieces_known_at(
            connection, feature_table.name, feature_table.key, at, TIME, TIES
        )
        return outgoing.table_bytes(
            settings,
            ".parquet",
            pieces,
            column_types(connection, feature_table.name),
            Request(
                feature_table.name,
                author=author,
                action="download",
                stamp=builds.newest_stamp(connection) or {},
            ),
        )


@needs(EXPORT)
def historical(
    settings: Settings,
    feature_refs: Sequence[str],
    entities: Path,
    out: Path,
    *,
    moment: str = TIME,
    full_names: bool = False,
    profile: str = release_records.DEFAULT_PROFILE,
    author: str = "",
    note: str = "",
) -> tuple[pd.DataFrame, dict[str, int], dict[str, Any]]:
    """`point_in_time` from file to file, CSV or Parquet by the ending; returns what was written, by
    table how many rows ask for a key that it never held, and the manifest.

    Features of people are joined to keys in clear, so they leave under internal alone. Raises
    InputRefused for that, for another ending or a file that is not there, and as `point_in_time`
    does.
    """
    for path in (entities, out):
        outgoing.check_ending(path)
    if not entities.is_file():
        raise InputRefused(
            "there is no such file", str(entities), "it holds entity keys and a moment a row"
        )
    frame = spine.read(entities, entities.suffix)
    answer = joined(settings, feature_refs, frame, moment, full_names, profile)
    request = Request(subject(feature_refs), profile, author, note=note)
    manifest = outgoing.joined_to_file(settings, out, answer, request)
    return answer, answer.attrs[UNKNOWN_KEYS], manifest


@needs(EXPORT)
def joined(
    settings: Settings,
    feature_refs: Sequence[str],
    frame: pd.DataFrame,
    moment: str = TIME,
    full_names: bool = True,
    profile: str = release_records.DEFAULT_PROFILE,
) -> pd.DataFrame:
    """`point_in_time` with hidden cells empty under another profile than internal, counted by
    column in `attrs[HIDDEN_CELLS]`; refuses what does not leave under the profile.
    """
    requested = feature_requests(feature_refs)
    answer = point_in_time(settings, feature_refs, frame, moment=moment, full_names=full_names)
    hidden: dict[str, int] = {}
    if profile != "internal":
        names = answer_names(requested, frame, full_names)
        for (table, feature), values in _visible(
            settings, requested, frame, moment, profile
        ).items():
            name = names[table, feature]
            hidden[name] = int((answer[name].notna() & values.isna()).sum())
            answer[name] = values
    answer.attrs[HIDDEN_CELLS] = hidden
    return answer


@needs(EXPORT)
def joined_in_memory(
    settings: Settings,
    feature_refs: Sequence[str],
    frame: pd.DataFrame,
    moment: str,
    profile: str,
    author: str = "",
    note: str = "",
) -> tuple[bytes, dict[str, Any]]:
    """The Parquet file that `historical` writes with full names, as the bytes of a download, and
    its manifest. Neither the keys nor the answer touch the disk.
    """
    answer = joined(settings, feature_refs, frame, moment, True, profile)
    request = Request(subject(feature_refs), profile, author, "download", note)
    return outgoing.joined_in_memory(settings, ".parquet", answer, request)


def subject(feature_refs: Sequence[str]) -> str:
    """The tables that features are of, as the audit trail names a join."""
    return ", ".join(request.table.name for request in feature_requests(feature_refs))


def _visible(
    settings: Settings,
    requested: Sequence[FeatureRequest],
    asked: pd.DataFrame,
    moment: str,
    profile: str,
) -> dict[tuple[str, str], pd.Series]:
    """(table, feature) -> its values with hidden cells empty; the count of their cell is looked up
    with them.
    """
    visible: dict[tuple[str, str], pd.Series] = {}
    for request in requested:
        table = request.table
        why = outgoing.refusal(table.name, profile)
        if why or rows_are_people(table.name, table.key):
            raise InputRefused(
                why or "is about people, whom the keys of the file name",
                table.name,
                "use the profile internal",
            )
        keys = dict(zip(table.key, keys_of(asked, table), strict=True))
        frame = pd.DataFrame({**keys, TIME: asked[moment].array}, index=asked.index)
        counts = {each.name for each in table.features} & {meaning(table.name).count or ""}
        names = sorted({each.name for each in request.features} | counts)
        rows = without_hidden_cells(
            settings,
            point_in_time(settings, [f"{table.name}:{name}" for name in names], frame),
            table.name,
            for_export=True,
        )
        visible |= {(table.name, each.name): rows[each.name] for each in request.features}
    return visible


def _request(settings: Settings, relation: str, profile: str, author: str, note: str) -> Request:
    with open_bookkeeping(settings) as connection:
        stamp = builds.newest_stamp(connection) or {}
    return Request(relation, profile, author, note=note, stamp=stamp)
