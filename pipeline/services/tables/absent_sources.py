"""Sources of which nothing is known, and what rests on them: unknown is not zero.

Which tables rest on a source is read from the SQL of the models, which sources wait for another
from the declared parents.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary, load_exposures
from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts, source_names
from pipeline.store.sqlite.database import Database, open_warehouse, warehouse_exists
from pipeline.store.warehouse import sources

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

REASONS = {
    "never_delivered": "were never delivered",
    "taken_back": "were taken back",
    "held": "wait at the gate",
}


@dataclass(frozen=True)
class AbsentSource:
    """A source without a load in force: its name, why (never_delivered, taken_back or held), and
    the delivered sources whose rows wait for its keys.
    """

    name: str
    state: str
    waiting: tuple[str, ...]

    @property
    def reason(self) -> str:
        """`Adverse events were never delivered`."""
        return f"{_title(self.name)} {REASONS[self.state]}"

    @property
    def sentence(self) -> str:
        """The reason, what waits, and what that means."""
        waiting = (
            f" {_title(' and '.join(_words(name) for name in self.waiting))} wait for them."
            if self.waiting
            else ""
        )
        return f"{self.reason}.{waiting} What rests on them is unknown, not zero."


def of_tables(settings: Settings, *tables: str) -> tuple[AbsentSource, ...]:
    """The absent sources on which some of these tables rest, in the order of the sources; none
    before the first build.
    """
    if not warehouse_exists(settings):
        return ()
    with open_warehouse(settings) as connection:
        return of_sources(connection, {name for table in tables for name in sources_of(table)})


def of_subject(settings: Settings, subject: str) -> tuple[AbsentSource, ...]:
    """The absent sources on which a table rests; every absent source for what is no table of the
    project, as it may rest on any.
    """
    if subject in load_dictionary():
        return of_tables(settings, subject)
    if not warehouse_exists(settings):
        return ()
    with open_warehouse(settings) as connection:
        return of_sources(connection, source_names())


def of_page(settings: Settings, page: str) -> tuple[AbsentSource, ...]:
    """The absent sources on which what a page (its key in the menu) shows rests."""
    shown = {name for item in load_exposures() if item.menu_key == page for name in item.tables}
    return of_tables(settings, *sorted(shown))


def of_sources(connection: Database, names: Iterable[str]) -> tuple[AbsentSource, ...]:
    """The absent ones among these sources and those whose keys their rows carry."""
    states = sources.states(connection)
    needed = {other for name in names for other in _needed(name)}
    return tuple(
        AbsentSource(
            name,
            states[name].state,
            tuple(
                other
                for other in source_names()
                if other in states and states[other].is_delivered and name in _needed(other)
            ),
        )
        for name in source_names()
        if name in needed and name in states and not states[name].is_delivered
    )


def reasons(absent: Iterable[AbsentSource]) -> str:
    """`Providers were never delivered. Adverse events were taken back.`; empty for none."""
    return " ".join(f"{source.reason}." for source in absent)


@lru_cache
def sources_of(table: str) -> frozenset[str]:
    """The sources on which a table or view rests, through all tables between them.

    A model of the landing zone whose SQL names no table is made by macros from every source.
    """
    entry = load_dictionary().get(table)
    if entry is None:
        return frozenset()
    own = {name for name in source_names() if table == f"raw_{name}"}
    if not own and not entry.parents and entry.layer == Layer.LANDING_ZONE.label:
        return frozenset(source_names())
    return frozenset(own).union(*(sources_of(parent) for parent in entry.parents))


def _needed(name: str) -> set[str]:
    """A source and, from parent to parent, those whose keys its rows carry."""
    return {name}.union(*(_needed(parent) for parent in load_contracts()[name].parents.values()))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _title(text: str) -> str:
    words = _words(text)
    return words[:1].upper() + words[1:]
