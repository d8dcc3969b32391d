"""The tables that can be browsed, by layer, with their columns described and classified."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.dictionary import ColumnEntry, load_dictionary
from pipeline.declared.layers import Layer
from pipeline.declared.sources import source_names
from pipeline.declared.stages import working_tables
from pipeline.privacy.masking import column_class, is_hidden
from pipeline.store.browse import tables as store_tables
from pipeline.store.browse.filters import NUMBERS
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import column_types, relation_names
from pipeline.store.warehouse import row_counts

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

#: Name prefix -> layer, for relations that no YAML describes.
PREFIXES = (
    ("raw_", "landing_zone"),
    ("stg_", "landing_zone"),
    ("row_verdicts_", "landing_zone"),
    ("dq_", "landing_zone"),
    ("quarantine_", "landing_zone"),
    ("promoted_", "landing_zone"),
    ("ledger", "landing_zone"),
    ("table_checks", "landing_zone"),
    ("std_", "standard_model"),
    ("dim_", "enterprise_datasets"),
    ("fct_", "enterprise_datasets"),
    ("feat_", "feature_store"),
)

#: Bookkeeping of the build: of no use to a reader, as its working tables are.
INTERNAL = "ops_"

#: Views of which each row is searched for: never counted for a screen, only by the build.
COSTLY = "_latest"


@dataclass(frozen=True)
class TableInfo:
    """One table of the warehouse; `rows` is None where nobody asked for a count."""

    name: str
    layer: str
    rows: int | None
    description: str
    columns: tuple[ColumnEntry, ...]

    @property
    def shareable(self) -> frozenset[str]:
        """Columns whose values may stand in an address: those that no screen masks."""
        return frozenset(
            column.name for column in self.columns if not is_hidden(self.name, column.name)
        )

    @property
    def open_columns(self) -> tuple[str, ...]:
        """Columns that can be grouped by or drawn: shareable ones, bookkeeping left out."""
        return tuple(
            column.name
            for column in self.columns
            if column.name in self.shareable and not column.name.startswith("_")
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """Open columns that can be added up."""
        types = {column.name: column.data_type for column in self.columns}
        return tuple(name for name in self.open_columns if types[name].startswith(NUMBERS))


def tables(
    settings: Settings, layer: str | None = None, counted: tuple[str, ...] = ("",)
) -> list[TableInfo]:
    """The tables of one layer (all layers without one), by name; empty before the first load.

    Only tables whose name starts with one of `counted` get a row count: the last build's, else a
    new count.
    """
    if not warehouse_exists(settings):
        return []
    with open_warehouse(settings) as connection:
        infos, row_totals = [], row_counts.recorded(connection)
        for name in relation_names(connection):
            belongs = layer_of(name)
            if belongs is None or layer not in (None, belongs):
                continue
            rows = row_totals.get(name) if name.startswith(counted) else None
            if rows is None and name.startswith(counted) and not name.endswith(COSTLY):
                rows = store_tables.row_count(connection, name)
            types = column_types(connection, name)
            entry = load_dictionary().get(name)
            infos.append(
                TableInfo(
                    name,
                    belongs,
                    rows,
                    entry.description if entry else "",
                    _columns(entry, name, types),
                )
            )
        return infos


def layer_of(table: str) -> str | None:
    """The layer a table belongs to; None for the bookkeeping of the build."""
    if table.startswith(INTERNAL) or table in working_tables(source_names()):
        return None
    entry = load_dictionary().get(table)
    if entry and entry.layer in {layer.label for layer in Layer}:
        return entry.layer
    if entry and entry.layer == "seeds":
        return Layer.LANDING_ZONE.label
    return next(
        (layer for prefix, layer in PREFIXES if table.startswith(prefix)),
        Layer.ENTERPRISE_DATASETS.label,
    )


def _columns(entry, table: str, types: dict[str, str]) -> tuple[ColumnEntry, ...]:
    """Every column that the table has, described where the YAML describes it, classified by the
    privacy rules.
    """
    columns = []
    for name, declared in types.items():
        entry_column = entry.column(name) if entry else None
        columns.append(
            ColumnEntry(
                name,
                entry_column.description if entry_column else "",
                declared or (entry_column.data_type if entry_column else ""),
                column_class(table, name),
                entry_column.meta if entry_column else (),
            )
        )
    return tuple(columns)
