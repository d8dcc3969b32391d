"""Every table of the warehouse: when it was built, its rows, whether it is up to date, what of its
sources waits, and what is made from it.
"""

from collections import Counter
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.layers import Layer
from pipeline.services.access.roles import SEE, needs
from pipeline.services.quality import grades
from pipeline.services.quarantine.shown_effect import rows_told
from pipeline.services.run import selection
from pipeline.services.why.absent_sources import sources_of
from pipeline.store.control import publications, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import builds

UP_TO_DATE, OUT_OF_DATE, NOT_BUILT = "up to date", "out of date", "not built"
#: The landing zone is judged, and so built, as a whole.
WHOLE = Layer.LANDING_ZONE.label


@dataclass(frozen=True)
class TableState:
    """One table: `built_at` is UTC text, `waiting` counts rows of its sources in quarantine,
    `grade` is that of a gold table, `feeds` how many tables are made from it. What nobody knows
    before a build is None.
    """

    name: str
    layer: str
    state: str
    built_at: str | None
    rows: int | None
    waiting: int | None
    grade: str | None
    feeds: int


@needs(SEE)
def tables(settings: Settings) -> tuple[TableState, ...]:
    """Every declared table of the layers, in their order, then by name."""
    fresh = selection.freshness(settings)
    rows, quarantine = _published(settings)
    letters = {each.table: each.grade for each in grades.grades(settings)} if rows else {}
    built, waiting = _built(settings, quarantine)
    entries = load_dictionary()
    feeds = Counter(parent for entry in entries.values() for parent in entry.parents)
    order = [layer.label for layer in Layer]
    states = []
    for name, entry in entries.items():
        if entry.layer not in order:
            continue
        unit = WHOLE if entry.layer == WHOLE else name
        at = built.get(unit)
        is_behind = entry.layer in fresh.layers_behind and (
            fresh.waits or fresh.stands.is_behind(unit)
        )
        states.append(
            TableState(
                name,
                entry.layer,
                NOT_BUILT if at is None else OUT_OF_DATE if is_behind else UP_TO_DATE,
                at,
                rows.get(name),
                sum(waiting.get(source, 0) for source in sources_of(name)) if rows else None,
                letters.get(name),
                feeds[name],
            )
        )
    return tuple(sorted(states, key=lambda each: (order.index(each.layer), each.name)))


def _published(settings: Settings) -> tuple[dict[str, int], dict[str, int]]:
    """Rows by table, and rows that wait by source, as the newest published run left them."""
    with open_control(settings) as control:
        run = runs.last_published(control)
        if run is None:
            return {}, {}
        tables = publications.tables(control, run.run_id)
        return {each["name"]: each["rows"] for each in tables}, publications.quarantined(
            control, run.run_id
        )


def _built(settings: Settings, quarantine: dict[str, int]) -> tuple[dict[str, str], dict[str, int]]:
    """Model, or the landing zone as a whole -> when the build that made it was published; and the
    rows that wait as a screen may count them.
    """
    if not warehouse_exists(settings):
        return {}, {}
    with open_warehouse(settings) as connection:
        return builds.models_built_at(connection), rows_told(connection, quarantine)
