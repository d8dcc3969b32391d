"""One search over everything that has a name: pages, tables, columns, features, rules, providers,
employers, procedures, runs and loads, by the words that the workbench itself shows.

Patients, encounters and delivered values are no part of it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.screens import load_screens
from pipeline.declared.sources import load_contracts, load_delivery_rules
from pipeline.features.registry import read_registry
from pipeline.services.tables.visible import open_visible
from pipeline.services.upload import loads
from pipeline.store.browse import tables
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import relation_names

#: In this order where two are as near to what was asked.
KINDS = (
    "page",
    "provider",
    "employer",
    "procedure",
    "table",
    "feature",
    "column",
    "rule",
    "run",
    "load",
)
#: Kind -> the table that lists it, its key and its name.
ENTITIES = {
    "provider": ("std_providers", "npi", "provider_name"),
    "employer": ("employer_network_coverage", "employer_id", None),
    "procedure": ("dim_procedure", "cpt", "plain_label"),
}
RUNS = 200
#: Words that an abbreviation leaves out: `observed_to_expected` is O/E.
SMALL_WORDS = {"to", "of", "the", "by", "per", "and", "in", "for", "a", "at"}
#: Words that say that somebody asks, not for what.
ASKING = SMALL_WORDS | {
    "how",
    "many",
    "much",
    "what",
    "which",
    "where",
    "is",
    "are",
    "from",
    "with",
}
WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Target:
    """One thing that can be found: what `kind` it is, its `key` (a column has that of its table
    before its own), its name as shown, what it is, and the table `within` which it stands.
    """

    kind: str
    key: tuple[str, ...]
    name: str
    text: str = ""
    within: str = ""


def targets(settings: Settings) -> tuple[Target, ...]:
    """Everything that can be found now."""
    return (*_declared(), *_entities(settings), *_runs(settings), *_loads(settings))


def find(everything: Iterable[Target], asked: str, most: int = 20) -> tuple[Target, ...]:
    """The targets that hold every word of what is asked, the nearest first: in the name before in
    the description, whole words before beginnings. A plural finds the singular, and words that only
    ask (`how many`) need not be found.
    """
    words = [word for word in map(_folded, asked.split()) if word]
    words = [word for word in words if word not in ASKING] or words
    if not words:
        return ()
    ranked = []
    for place, target in enumerate(everything):
        terms = _terms(target.name, target.text, target.within)
        distances = [_distance(word, terms) for word in words]
        if None not in distances:
            rank = sum(distance for distance in distances if distance is not None)
            ranked.append(
                ((rank, KINDS.index(target.kind), len(target.name), target.name, place), target)
            )
    return tuple(target for _, target in sorted(ranked, key=lambda each: each[0])[:most])


@lru_cache(maxsize=1)
def _declared() -> tuple[Target, ...]:
    """What the project declares; the same in every home."""
    found = [Target("page", (each.key,), each.title, each.purpose) for each in load_screens()]
    features = {
        (table.name, feature.name): feature
        for table in read_registry()
        for feature in table.features
    }
    for entry in load_dictionary().values():
        found.append(Target("table", (entry.name,), entry.name, entry.description))
        for column in entry.columns:
            key = (entry.name, column.name)
            kind = "feature" if key in features else "column"
            if column.classification != "technical":
                found.append(Target(kind, key, column.name, column.description, entry.name))
    rules = [rule for contract in load_contracts().values() for rule in contract.rules]
    for rule in (*rules, *load_delivery_rules()):
        name = f"{rule.rule_id} {rule.column or ''}".strip()
        found.append(Target("rule", (rule.name,), name, f"{rule.why} {rule.remedy}"))
    return tuple(found)


def _entities(settings: Settings) -> Iterator[Target]:
    """Providers, employers and procedures, as screens show them."""
    if not warehouse_exists(settings):
        return
    with open_visible(settings, *(table for table, *_ in ENTITIES.values())) as connection:
        built = set(relation_names(connection))
        for kind, (table, key, name) in ENTITIES.items():
            if table not in built:
                continue
            columns = [key, name] if name else [key]
            rows = tables.table_page(
                connection, table, limit=tables.MAX_PAGE_ROWS, columns=columns
            ).drop_duplicates()
            for row in rows.itertuples(index=False):
                told = " · ".join(str(value) for value in reversed(row) if isinstance(value, str))
                yield Target(kind, (str(row[0]),), told)


def _runs(settings: Settings) -> Iterator[Target]:
    if not settings.control_path.exists():
        return
    with open_control(settings) as control:
        for run in runs.recent(control, RUNS):
            yield Target("run", (run.run_id,), run.run_id, f"{run.verb} {run.status}")


def _loads(settings: Settings) -> Iterator[Target]:
    """Loads by id and source; what a sender called the file is no part of it."""
    for load in loads.history(settings).itertuples():
        source = load.entity.replace("_", " ")
        yield Target("load", (load.load_id,), load.load_id, f"load of {source} {load.status}")


def _folded(text: str) -> str:
    """Letters and digits alone, without accents: `O/E` is `oe`, `Müller` is `muller`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(WORD.findall(plain))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return WORD.findall(plain)


@lru_cache(maxsize=20_000)
def _terms(name: str, text: str, within: str) -> tuple[frozenset[str], ...]:
    """The words of the name, with the abbreviation that its first letters make, of the text, and of
    the table; words that a sign joins (`O/E`) also as one.
    """
    words = _words(name)
    initials = "".join(word[0] for word in words if word not in SMALL_WORDS)
    named = {*words, *map(_folded, name.split())} | ({initials} if len(initials) > 1 else set())
    told = frozenset({*_words(text), *map(_folded, text.split())})
    return frozenset(named), told, frozenset({*_words(within), _folded(within)})


def _distance(word: str, terms: Sequence[frozenset[str]]) -> int | None:
    """0 for a word of the name, 1 for the beginning of one, 2 and 3 so in the text, 4 and 5 in the
    table; None for none.
    """
    forms = {word, _singular(word)}
    for place, words in enumerate(terms):
        if forms & words:
            return 2 * place
        if any(term.startswith(form) for term in words for form in forms):
            return 2 * place + 1
    return None


def _singular(word: str) -> str:
    """`events` as `event`, `specialties` as `specialty`; a short word and one in -ss as it is."""
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]
