"""Drift of features between two snapshots, with a gate that a scheduler can obey."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features.drift import VERDICTS, FeatureDrift, Gate, feature_drift
from pipeline.features.entity_frame import table_named
from pipeline.features.registry import TIES, TIME, FeatureTable, read_registry
from pipeline.services.features.retrieval import ALL_ROWS, moment_of
from pipeline.services.tables.visible import without_hidden_cells
from pipeline.store.marts import feature_sample
from pipeline.store.marts import features as feature_rows
from pipeline.store.sqlite.database import Database, open_warehouse
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True


@dataclass(frozen=True)
class TableDrift:
    """The features of one table as known at two moments (ISO UTC); `features` is empty when there
    is one snapshot only.
    """

    table: str
    from_moment: str
    to_moment: str
    entities_before: int
    entities_now: int
    verdict: str
    features: tuple[FeatureDrift, ...]


@dataclass(frozen=True)
class DriftReport:
    """Drift of the tables asked for. `status` is drifted when a feature is beyond the gate, else
    stable, or too few to tell.
    """

    status: str
    gate: Gate
    tables: tuple[TableDrift, ...]

    @property
    def drifted(self) -> tuple[str, ...]:
        """The features beyond the gate, as `table:feature`."""
        return tuple(
            f"{table.table}:{feature.feature}"
            for table in self.tables
            for feature in table.features
            if feature.verdict == "drifted"
        )


def drift(
    settings: Settings,
    table: str | None = None,
    from_moment: str | None = None,
    to_moment: str | None = None,
    is_for_screen: bool = False,
) -> DriftReport:
    """Compare each feature as known at two moments: by default the newest snapshot of a table with
    the one before it.

    On a screen the entities of a large table are an even sample; what chance allows grows
    accordingly, and outcomes of cells that no screen shows are left out. Raises InputRefused when
    there is no such table or moment, or when a table named has no two snapshots to compare.
    """
    gate = Gate(
        settings.drift_psi,
        settings.drift_ks,
        settings.drift_missing,
        settings.drift_min_entities,
    )
    tables = [table_named(table)] if table else read_registry()
    drifts = []
    with open_warehouse(settings) as connection:
        built = set(relation_names(connection))
        for feature_table in tables:
            if feature_table.name not in built:
                if table:
                    raise InputRefused(
                        "is not built yet",
                        feature_table.name,
                        "build the feature store: icon-health build",
                    )
                continue
            moments = feature_rows.moments(connection, feature_table.name, TIME)
            start = (
                moment_of(from_moment)
                if from_moment
                else (moments[-2] if len(moments) > 1 else None)
            )
            end = moment_of(to_moment) if to_moment else (moments[-1] if moments else None)
            if start is None or end is None:
                if table:
                    raise InputRefused(
                        "has one snapshot only",
                        feature_table.name,
                        "drift needs a second build with other rows",
                    )
                continue
            drifts.append(
                _table_drift(settings, connection, feature_table, start, end, gate, is_for_screen)
            )
    return DriftReport(_worst([table_drift.verdict for table_drift in drifts]), gate, tuple(drifts))


def _table_drift(
    settings: Settings,
    connection: Database,
    table: FeatureTable,
    start: str,
    end: str,
    gate: Gate,
    is_for_screen: bool,
) -> TableDrift:
    names = [feature.name for feature in table.features]
    before, now = (
        feature_sample.known_at(connection, table.name, table.key, names, moment, TIME, TIES)
        if is_for_screen
        else feature_rows.as_known_at(
            connection,
            table.name,
            table.key,
            moment,
            TIME,
            TIES,
            None,
            ALL_ROWS,
            [*table.key, *names],
        )
        for moment in (start, end)
    )
    if is_for_screen:
        before, now = (
            without_hidden_cells(settings, rows, table.name, earlier_versions=True)
            for rows in (before, now)
        )
    before, now = (rows.set_index(list(table.key)) for rows in (before, now))
    features = tuple(
        feature_drift(feature.name, feature.dtype, before[feature.name], now[feature.name], gate)
        for feature in table.features
    )
    return TableDrift(
        table.name,
        start,
        end,
        len(before),
        len(now),
        _worst([feature.verdict for feature in features]),
        features,
    )


def _worst(verdicts: list[str]) -> str:
    """drifted before stable before too few to tell; nothing to compare is too few to tell."""
    return next((verdict for verdict in VERDICTS if verdict in verdicts), VERDICTS[-1])
