"""Recipes of senders: corrections that were made again and again for one sender are offered as a
part of its recipe, tested on its earlier files, and added by one decision; every version of a
recipe, with who decided it when and why.

A recipe is what is remembered of a sender's files (`ops_intake_memory`). A word gets a meaning in a
column with a list of allowed values alone: another correction, of an NPI, say, is about one row.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.sender import name_words
from pipeline.ingest.value_words import checked, is_understood, parsed
from pipeline.orchestrate import senders
from pipeline.privacy.masking import masked_value
from pipeline.services.access import audit
from pipeline.services.access.delivered_cells import as_delivered
from pipeline.services.access.roles import DECIDE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.upload import statements
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.control.sender_memory import Memory
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import Database, open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation, transaction
from pipeline.store.warehouse import loads, value_words
from pipeline.store.warehouse.value_words import Words, folded

__all__ = ["Memory", "Repeated", "Tried", "Words", "add", "offered", "tried", "versions"]

ADDED = "recipe"
#: Deliveries of a sender on which a recipe is tested, the newest.
TESTED = 5


@dataclass(frozen=True)
class Repeated:
    """One correction that was made in `rows` rows of a sender: `word` of a column to `value`;
    `others` rows with that word got another value. `sender_id` is the first load of the sender,
    `load_id` its newest, `source_file` the name of that one as a screen may show it.
    """

    entity: str
    column: str
    word: str
    value: str
    rows: int
    others: int
    sender_id: str
    load_id: str
    source_file: str

    @property
    def words(self) -> Words:
        """What would be added to the recipe."""
        return ((self.column, self.word, self.value),)

    @property
    def text(self) -> str:
        """The same as the command line takes it."""
        return f"{self.column}:{self.word}={self.value}"


@dataclass(frozen=True)
class Tried:
    """One earlier file of a sender: of the `received` rows so many cells would be `otherwise`, and
    in `waiting` of the rows that wait stands such a word.
    """

    load_id: str
    came_at: str
    received: int
    otherwise: int
    waiting: int


def offered(settings: Settings) -> tuple[Repeated, ...]:
    """Corrections in force that were made at least `recipe_corrections` times for one sender and
    stand not in its recipe yet; those of most rows first. A word that was corrected to two values
    equally often has no meaning to offer.
    """
    if not (warehouse_exists(settings) and settings.control_path.exists()):
        return ()
    with open_control(settings) as control:
        made = decisions.in_force(control, utc_now()[:10])
    with open_warehouse(settings) as connection:
        known = _by_sender(connection)
    sender_of = {load["load_id"]: key for key, of_sender in known.items() for load in of_sender}
    counts: dict[tuple[tuple[str, str], str, str], Counter[str]] = {}
    for decision in made:
        column, word = decision["column_name"], folded(decision["old_value"] or "")
        sender = sender_of.get(str(decision["row_id"]).split("-")[0])
        if sender and decision["kind"] == "correct" and _has_meaning(decision, word):
            of_word = counts.setdefault((sender, column, word), Counter())
            of_word[decision["new_value"]] += 1
    repeated = [
        _repeated(known[sender], column, word, values)
        for (sender, column, word), values in counts.items()
        if max(values.values()) >= settings.recipe_corrections and not _is_even(values)
    ]
    recipes = {load_id: _words_of(settings, load_id) for load_id in {r.load_id for r in repeated}}
    return tuple(
        sorted(
            (each for each in repeated if not set(each.words) <= set(recipes[each.load_id] or ())),
            key=lambda each: (-each.rows, each.entity, each.column, each.word),
        )
    )


def tried(settings: Settings, load_id: str, words: Words) -> tuple[Tried, ...]:
    """How many rows of the last deliveries of the sender of a load would be read otherwise by some
    words, the newest first; nothing is written.
    """
    with open_warehouse(settings) as connection:
        files = _files_of_sender(connection, load_id)
        return tuple(_tried(connection, file, words) for file in reversed(files[-TESTED:]))


def versions(settings: Settings, load_id: str) -> tuple[Memory, ...]:
    """Every version of the recipe for files like that of a load, the newest first; none where its
    bytes are gone. Names of files are as a screen may show them, words for who works on rows alone.
    """
    with open_warehouse(settings) as connection:
        load = loads.get(connection, load_id)
    file = statements.delivered(settings, load)
    if not isinstance(file.source, bytes) and not file.source.exists():
        return ()
    return tuple(_as_shown(each) for each in senders.versions(settings, file))


def _as_shown(memory: Memory) -> Memory:
    words = [
        [column, as_delivered(word), value]
        for column, word, value in memory.values.get("words") or ()
    ]
    return replace(
        memory,
        values=dict(memory.values) | ({"words": words} if words else {}),
        source_file=masked_value(memory.source_file, "ops_loads", "source_file"),
    )


@needs(DECIDE)
def add(
    settings: Settings,
    load_id: str,
    texts: Sequence[str],
    reason: str,
    by: str | None = None,
    earlier_files: bool = False,
) -> Memory:
    """Add words (`gender:männlich=male`) to the recipe of the sender of a load: its next files are
    read so, with `earlier_files` also those that it delivered, from the next build on. Returns the
    version in force.

    Raises InputRefused without a reason, for words that cannot be stated, and for a load that is
    not in force or whose bytes are gone.
    """
    words, reason, by = parsed(texts) or (), audit_text.reason(reason), audit_text.author(by)
    with statements.about(settings, load_id, "recipe") as (connection, load):
        new = checked(words, load_contracts()[load["entity"]])
        if not new:
            raise InputRefused("says no word", load_id, "write COLUMN:WORD=VALUE")
        statements.for_next_files(
            settings, load, by, reason, words=_joined(_words_of(settings, load_id), new)
        )
        recipe = next((each for each in versions(settings, load_id) if not each.ended_at), None)
        if recipe is None:
            raise InputRefused("has no bytes to tell its sender by", load_id, "name another load")
        read_anew = [
            file["load_id"]
            for file in (_files_of_sender(connection, load_id) if earlier_files else ())
            if _tried(connection, file, new).otherwise
        ]
        facts = {
            "source": load["entity"],
            "columns": sorted({column for column, _, _ in new}),
            "words": len(new),
            "version": recipe.version,
            "read_anew": read_anew,
        }
        audit.record(settings, ADDED, load_id, facts)
        with transaction(connection):
            for each in read_anew:
                now = _joined(value_words.in_force(connection, each), new)
                value_words.state(connection, each, now, reason, by)
    return recipe


def _joined(known: Words | None, new: Words) -> Words:
    """The words with new ones; a new meaning takes the place of an old one."""
    meanings = {(column, word): value for column, word, value in (*(known or ()), *new)}
    return tuple((column, word, value) for (column, word), value in sorted(meanings.items()))


def _words_of(settings: Settings, load_id: str) -> Words | None:
    """The words in the recipe for files like that of a load."""
    values = next((each.values for each in versions(settings, load_id) if not each.ended_at), {})
    return tuple((column, word, value) for column, word, value in values.get("words") or ())


def _has_meaning(decision: Mapping, word: str) -> bool:
    """Whether a correction is about a word that could get a meaning for a whole file."""
    allowed = load_contracts()[decision["entity"]].domains.get(decision["column_name"], ())
    return bool(word) and decision["new_value"] in allowed and not is_understood(word, allowed)


def _is_even(values: Counter[str]) -> bool:
    most = [count for _, count in values.most_common(2)]
    return len(most) == 2 and most[0] == most[1]


def _repeated(files: list[dict], column: str, word: str, values: Counter[str]) -> Repeated:
    ((value, rows),) = values.most_common(1)
    newest = files[-1]
    shown = masked_value(newest["source_file"], "ops_loads", "source_file")
    others = sum(values.values()) - rows
    first = files[0]["load_id"]
    return Repeated(
        *(
            newest["entity"],
            column,
            as_delivered(word),
            value,
            rows,
            others,
            first,
            newest["load_id"],
            shown,
        )
    )


def _by_sender(connection: Database) -> dict[tuple[str, str], list[dict]]:
    """Source and words of the name -> loads in force, the oldest first."""
    by_sender: dict[tuple[str, str], list[dict]] = {}
    if has_relation(connection, "ops_loads"):
        for load in reversed(loads.history(connection)):
            if load["status"] == "loaded":
                key = load["entity"], name_words(load["source_file"])
                by_sender.setdefault(key, []).append(load)
    return by_sender


def _files_of_sender(connection: Database, load_id: str) -> list[dict]:
    load = loads.get(connection, load_id)
    key = load["entity"], name_words(load["source_file"])
    return _by_sender(connection).get(key, [])


def _tried(connection: Database, load: dict, words: Words) -> Tried:
    contract, load_id = load_contracts()[load["entity"]], load["load_id"]
    stated = {(column, word): value for column, word, value in _in_force(connection, load_id)}
    otherwise = waiting = 0
    for column in sorted({column for column, _, _ in words}):
        new = [w for c, w, value in words if c == column and stated.get((c, w)) != value]
        delivered = contract.column(column).delivered
        if not new or not delivered:
            continue
        raw = contract.raw_table
        otherwise += value_words.count(connection, raw, delivered, load_id, new)
        waiting += value_words.waiting(connection, contract.entity, column, load_id, new)
    return Tried(load_id, load["loaded_at"], load["received"] or 0, otherwise, waiting)


def _in_force(connection: Database, load_id: str) -> Words:
    if not has_relation(connection, "ops_load_words"):
        return ()
    return value_words.in_force(connection, load_id)
