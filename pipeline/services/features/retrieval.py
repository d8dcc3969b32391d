"""The feature store for readers: registry, newest values, values as known at a moment or at each
row's moment, Parquet.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features.entity_frame import (
    DTYPES,
    answer_names,
    feature_requests,
    keys_of,
    moments_of,
    one_key,
    table_named,
)
from pipeline.features.registry import TIES, TIME, FeatureTable, read_registry
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.marts import features as feature_rows
from pipeline.store.sqlite.clock import FORMAT
from pipeline.store.sqlite.database import open_scratch, open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import relation_names
from pipeline.store.warehouse import feature_clock

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

#: A screen or a JSON answer holds at most this many keys; an export holds all.
MAX_ROWS = 50_000
ALL_ROWS = -1
#: Where an answer holds, by table, how many of its rows ask for a key that the table never held.
UNKNOWN_KEYS = "unknown_keys"


def registry() -> tuple[FeatureTable, ...]:
    """Every declared feature table with its features, whether built or not."""
    return read_registry()


def built(settings: Settings) -> tuple[str, ...]:
    """Names of the feature tables that exist in the warehouse."""
    if not warehouse_exists(settings):
        return ()
    with open_bookkeeping(settings) as connection:
        names = set(relation_names(connection))
    return tuple(table.name for table in read_registry() if table.name in names)


def latest(
    settings: Settings, table: str, key: Sequence[str] | None = None, limit: int = MAX_ROWS
) -> pd.DataFrame:
    """The newest row of every key, or of one key (its values in the order of the entity key).

    Raises InputRefused when there is no such feature table.
    """
    feature_table = table_named(table)
    with open_warehouse(settings) as connection:
        return feature_rows.latest(
            connection, feature_table.latest, feature_table.key, _values(feature_table, key), limit
        )


def history(
    settings: Settings,
    table: str,
    key: Sequence[str] | None = None,
    as_known_at: str | None = None,
    limit: int = MAX_ROWS,
) -> pd.DataFrame:
    """With `as_known_at` (ISO UTC): per key the row known then. Without: every version of one key,
    oldest first.

    Raises InputRefused when there is no such feature table or moment, or when neither key nor
    moment is given.
    """
    feature_table = table_named(table)
    moment = None if as_known_at is None else moment_of(as_known_at)
    with open_warehouse(settings) as connection:
        if moment is not None:
            return feature_rows.as_known_at(
                connection,
                feature_table.name,
                feature_table.key,
                moment,
                TIME,
                TIES,
                _values(feature_table, key),
                limit,
            )
        values = _values(feature_table, key)
        if values is None:
            raise InputRefused(
                "every version of every key is too much to show", table, "give a key or a moment"
            )
        return feature_rows.all_versions(
            connection, feature_table.name, feature_table.key, values, TIME
        )


def is_known(settings: Settings, table: str, key: Sequence[object]) -> bool:
    """Whether the table ever held a row of this key.

    Raises InputRefused when there is no such feature table, or the key has not its parts.
    """
    feature_table = table_named(table)
    parts = [[part] for part in one_key(key, feature_table)]
    with open_warehouse(settings) as connection:
        return not feature_rows.unknown_keys(
            connection, feature_table.name, feature_table.key, parts
        )


def moments(settings: Settings, table: str) -> list[str]:
    """The moments (ISO UTC) at which rows of a feature table became known, oldest first."""
    feature_table = table_named(table)
    with open_warehouse(settings) as connection:
        return feature_rows.moments(connection, feature_table.name, TIME)


def point_in_time(
    settings: Settings,
    feature_refs: Sequence[str],
    entity_frame: pd.DataFrame,
    *,
    moment: str = TIME,
    full_names: bool = False,
) -> pd.DataFrame:
    """The entity frame with a column per feature, each value as it was known at the row's own
    moment.

    `feature_refs` are `table:feature`, or `table` for all its features
    (`provider:shrunken_ratio_to_date`, `referral`). The frame has the entity keys of every table
    asked for and the column `moment` (UTC when it has no zone). The answer has the same rows in the
    same order and index; a key that was not known then, or no longer, has empty features. Integers
    are Int64, so that types do not depend on the values. A key is matched as the loader would store
    it (`2881158705.0` is 2881158705); `answer.attrs[UNKNOWN_KEYS]` counts by table the rows whose
    key it never held. Raises InputRefused for an unknown feature, a missing column, a row without a
    moment, or two columns of one name (`full_names` gives `table__feature`).
    """
    requested = feature_requests(feature_refs)
    names = answer_names(requested, entity_frame, full_names)
    moments = moments_of(entity_frame, moment)
    answer = entity_frame.copy()
    unknown = {}
    with open_scratch(settings) as connection:
        for request in requested:
            features = [feature.name for feature in request.features]
            keys = keys_of(entity_frame, request.table)
            rows = feature_rows.point_in_time(
                connection,
                request.table.name,
                request.table.key,
                keys,
                moments,
                features,
                TIME,
                TIES,
            )
            unknown[request.table.name] = feature_rows.unknown_keys(
                connection, request.table.name, request.table.key, keys
            )
            for feature in request.features:
                values = pd.Series(rows[feature.name].array, index=answer.index)
                answer[names[request.table.name, feature.name]] = values.astype(
                    DTYPES.get(feature.dtype, "object")
                )
    answer.attrs[UNKNOWN_KEYS] = unknown
    return answer


def settled_until(settings: Settings) -> str | None:
    """The moment (ISO UTC) up to which answers are final: no later build dates a row at or before
    it. None before the first.
    """
    if not warehouse_exists(settings):
        return None
    with open_bookkeeping(settings) as connection:
        return feature_clock.newest_moment(connection)


def moment_of(text: str) -> str:
    """A moment as it is stored; a day means its last second, another time zone is turned into UTC.

    Raises InputRefused for a text that is no moment.
    """
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == len("YYYY-MM-DD"):
            moment = datetime.combine(moment, time(23, 59, 59))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).strftime(FORMAT)
    except (ValueError, OverflowError):
        raise InputRefused(
            f"{text!r} is not a moment", "as known at", "write it as YYYY-MM-DDTHH:MM:SSZ"
        ) from None


def _values(table: FeatureTable, key: Sequence[object] | None) -> list[str | None] | None:
    return None if key is None else one_key(key, table)
