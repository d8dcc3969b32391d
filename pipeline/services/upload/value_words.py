"""Words that no rule understands in columns with a list of allowed values: what a file holds of
them, what is proposed, and what somebody states.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.identification import identify
from pipeline.ingest.value_words import checked, is_understood, parsed, proposal
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.access.roles import DECIDE, OPERATE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.upload import statements
from pipeline.services.upload.tray import Waiting, is_large
from pipeline.store.sqlite.statements import transaction
from pipeline.store.warehouse import loads, value_words
from pipeline.store.warehouse.value_words import Words, folded, in_short

__all__ = ["Words", "UnknownWords", "in_short", "of_waiting", "state"]

#: More different words are no list of values.
MOST = 12


@dataclass(frozen=True)
class UnknownWords:
    """What a column holds beside its allowed values: `words` by how often they stand there, those
    that at least eleven cells share (a rarer one may be a person's name); `rare` counts the cells
    of the others; `proposed` is what words are known to mean elsewhere.
    """

    column: str
    allowed: tuple[str, ...]
    words: dict[str, int]
    rare: int
    proposed: dict[str, str]


@needs(OPERATE)
def of_waiting(settings: Settings, file: Waiting) -> list[UnknownWords]:
    """What a file at hand holds, one for each column with such words that are not stated yet;
    nothing for a large file, or one that cannot be read.
    """
    if is_large([file]):
        return []
    try:
        table, found = identify(file.delivery, load_contracts(), file.reading)
    except InputRefused:
        return []
    contract = found.contract
    counts: dict[str, Counter[str]] = {name: Counter() for name in contract.domains}
    places = {
        name: found.match.positions[delivered]
        for name in counts
        if (delivered := contract.column(name).delivered) in found.match.positions
    }
    for batch in table.batches():
        for name, place in places.items():
            counts[name].update(folded(cell) for cell in batch.column(place) if cell)
    stated = {(column, word) for column, word, _ in file.reading.words or ()}
    return [
        unknown
        for name, cells in counts.items()
        if (unknown := _unknown(name, contract.domains[name], cells, stated)).words
    ]


def _unknown(
    column: str, allowed: tuple[str, ...], cells: Counter[str], stated: set[tuple[str, str]]
) -> UnknownWords:
    strange = {
        word: count
        for word, count in cells.most_common()
        if word and not is_understood(word, allowed) and (column, word) not in stated
    }
    shared = {word: count for word, count in strange.items() if count >= SMALLEST_CELL}
    words = shared if len(shared) <= MOST else {}
    return UnknownWords(
        column,
        allowed,
        words,
        sum(strange.values()) - sum(words.values()),
        {word: value for word in words if (value := proposal(word, allowed))},
    )


@needs(DECIDE)
def state(
    settings: Settings,
    load_id: str,
    texts: Sequence[str],
    reason: str,
    by: str | None = None,
    for_sender: bool = True,
) -> Words:
    """Say for a load what its words mean (`gender:männlich=male`), and nothing else: no text takes
    all back; the next build reads them so. `for_sender` remembers it for the next files of its
    sender. Returns the words in force.

    Raises InputRefused without a reason, for words that cannot be stated, and for a load that is
    not in force.
    """
    words, reason, by = parsed(texts) or (), audit_text.reason(reason), audit_text.author(by)
    with statements.about(settings, load_id, "words") as (connection, load):
        in_force = checked(words, load_contracts()[load["entity"]])
        columns = sorted({column for column, _, _ in in_force})
        facts = {"columns": columns, "words": len(in_force), "for_sender": for_sender}
        statements.note(settings, load, "words", facts)
        with transaction(connection):
            value_words.state(connection, load_id, in_force, reason, by)
        if for_sender:
            statements.for_next_files(settings, load, by, reason, words=in_force or None)
        return value_words.in_force(connection, loads.get(connection, load_id)["load_id"])
