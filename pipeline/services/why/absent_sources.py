"""Sources of which nothing is known, and what rests on them: unknown is not zero.

Which tables rest on a source is read from the SQL of the models, which sources wait for another
from the declared parents. A source that waits at the gate while one of its parents is absent waits
because of that parent: the cause is told, not the symptom.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary, load_exposures
from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts, source_names
from pipeline.quality.missing_parents import MissingParents
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.sqlite.database import Database, warehouse_exists
from pipeline.store.warehouse import builds, sources

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

REASONS = {
    "never_delivered": "were never delivered",
    "taken_back": "were taken back; the page Deliveries brings back what was not purged",
    "held": "wait at the gate",
}


@dataclass(frozen=True)
class AbsentSource:
    """A source without a load in force: its name, why (never_delivered, taken_back or held), the
    delivered sources whose rows wait for its keys, and as far as counted how many do.

    `because_of` is the absent parent without which it cannot pass the gate, None for a source that
    waits for no other; `behind` are the sources that wait because of this one.
    """

    name: str
    state: str
    waiting: tuple[str, ...]
    unmet: tuple[MissingParents, ...] = ()
    because_of: str | None = None
    behind: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """`Adverse events were never delivered`."""
        return f"{_title(self.name)} {REASONS[self.state]}"

    @property
    def sentence(self) -> str:
        """The reason, what waits, what to do, and what that means."""
        said = [f"{self.reason}.", self.what_waits]
        if self.behind:
            said.append(f"{_title(_list(self.behind))} wait at the gate because of it.")
        if self.state != "held":
            said.append(f"Upload {self.file_name}.")
        return " ".join([*filter(None, said), "What rests on them is unknown, not zero."])

    @property
    def what_waits(self) -> str:
        """`156 encounters wait for 6 providers that no file describes.`; empty where nothing
        waits.
        """
        if self.unmet:
            return " ".join(waits(each) for each in self.unmet)
        return f"{_title(_list(self.waiting))} wait for them." if self.waiting else ""

    @property
    def file_name(self) -> str:
        """The name under which the source is delivered."""
        return load_contracts()[self.name].file_name


def waits(missing: MissingParents) -> str:
    """`156 encounters wait for 6 providers that no file describes.`"""
    contracts = load_contracts()
    rows = contracts[missing.entity].counted(missing.rows)
    keys = contracts[missing.parent].counted(missing.keys)
    return f"{rows} {'waits' if missing.rows == 1 else 'wait'} for {keys} that no file describes."


def of_tables(settings: Settings, *tables: str) -> tuple[AbsentSource, ...]:
    """The absent sources on which some of these tables rest, in the order of the sources; none
    before the first build.
    """
    if not warehouse_exists(settings):
        return ()
    with open_bookkeeping(settings) as connection:
        return of_sources(connection, {name for table in tables for name in sources_of(table)})


def of_subject(settings: Settings, subject: str) -> tuple[AbsentSource, ...]:
    """The absent sources on which a table rests; every absent source for what is no table of the
    project, as it may rest on any.
    """
    if subject in load_dictionary():
        return of_tables(settings, subject)
    if not warehouse_exists(settings):
        return ()
    with open_bookkeeping(settings) as connection:
        return of_sources(connection, source_names())


def of_page(settings: Settings, page: str) -> tuple[AbsentSource, ...]:
    """The absent sources on which what a page (its key in the menu) shows rests."""
    shown = {name for item in load_exposures() if item.menu_key == page for name in item.tables}
    return of_tables(settings, *sorted(shown))


def of_sources(connection: Database, names: Iterable[str]) -> tuple[AbsentSource, ...]:
    """The absent ones among these sources and those whose keys their rows carry."""
    states = sources.states(connection)
    needed = {other for name in names for other in _needed(name)}
    absent = {name for name, state in states.items() if not state.is_delivered}
    if not absent & needed:
        return ()
    waiting = unmet(connection)
    because = {name: _because_of(name, states, absent) for name in absent}
    return tuple(
        AbsentSource(
            name,
            states[name].state,
            tuple(
                other
                for other in source_names()
                if other in states and states[other].is_delivered and name in _needed(other)
            ),
            tuple(each for each in waiting if each.parent == name),
            because[name],
            tuple(
                other
                for other in source_names()
                if because.get(other) and name in _needed(other) and name != other
            ),
        )
        for name in source_names()
        if name in needed & absent
    )


def unmet(connection: Database) -> tuple[MissingParents, ...]:
    """What waits for keys that no row describes, as the newest build counted it."""
    counted = builds.newest_result(connection).get("missing_parents", ())
    return tuple(MissingParents(**each) for each in counted)


def _because_of(
    name: str, states: Mapping[str, sources.SourceState], absent: Collection[str]
) -> str | None:
    """The absent parent without which a source that was delivered cannot pass the gate."""
    if states[name].state != "held":
        return None
    parents = load_contracts()[name].parents.values()
    return next((parent for parent in parents if parent in absent), None)


def roots(absent: Iterable[AbsentSource]) -> tuple[AbsentSource, ...]:
    """Those that are absent for a reason of their own."""
    return tuple(source for source in absent if source.because_of is None)


def whole_files(absent: Iterable[AbsentSource]) -> tuple[AbsentSource, ...]:
    """Those of which a file has to come: never delivered, or taken back."""
    return tuple(source for source in absent if source.state != "held")


def reasons_together(absent: Iterable[AbsentSource]) -> str:
    """`Patients and providers were never delivered. Referrals were taken back.`; a sentence a
    reason.
    """
    sources = tuple(absent)
    return " ".join(
        f"{_title(listed(_words(each.name) for each in sources if each.state == state))} {reason}."
        for state, reason in REASONS.items()
        if any(each.state == state for each in sources)
    )


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def reasons(absent: Iterable[AbsentSource]) -> str:
    """`Providers were never delivered. Adverse events were taken back.`; empty for none."""
    return " ".join(f"{source.reason}." for source in roots(absent))


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


def _list(names: Iterable[str]) -> str:
    return listed(map(_words, names))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _title(text: str) -> str:
    words = _words(text)
    return words[:1].upper() + words[1:]
