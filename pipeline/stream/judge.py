"""Whether a message is a row of a source: one by one, so that a poison message holds up no other.

Only the form is judged here; values are judged by the rules, as those of a file are. No reason
quotes anything of a message.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.ingest.batches import Noticed
from pipeline.ingest.header import compact
from pipeline.ingest.json_reader import as_text
from pipeline.ingest.json_window import DECODER, SPACE, Repeated
from pipeline.store.inbox.messages import Arrived, DeadLetter
from pipeline.stream.source import Message

POISON, TOMBSTONE = "poison", "tombstone"
#: Columns that no source declares; more is no row.
MOST_OTHERS = 64
#: What serializers of a schema registry put in front of a message.
REGISTRY_MARK = b"\x00"
NOT_ASCII = re.compile(r"[^\x20-\x7e]")
DELETES = "without content, which asks for its key to be deleted; nothing is deleted by a message"


def judge(message: Message, most_bytes: int) -> Arrived | DeadLetter:
    """The row that a message is, or why it is none; `most_bytes` is the largest that is taken."""
    contract = entity_of(message, load_contracts())
    kind, reason, line, others = POISON, "", "", 0
    if message.value is None:
        kind, reason = TOMBSTONE, DELETES
    elif len(message.value) > most_bytes:
        reason = f"larger than {most_bytes // 1024:,} kB"
    elif contract is None:
        reason = (
            "of no known source: neither its header `entity` nor the end of its topic names one"
        )
    else:
        reason, line, others = _read(message.value, contract)
    entity = contract.entity if contract else None
    if reason or entity is None:
        return DeadLetter(
            message.topic,
            message.partition,
            message.position,
            kind,
            entity,
            reason,
            message.key,
            message.value,
            message.sent_at,
        )
    return Arrived(
        message.topic, message.partition, message.position, entity, line, others, message.sent_at
    )


def entity_of(message: Message, contracts: Mapping[str, SourceContract]) -> SourceContract | None:
    """The source that a message belongs to: its header `entity`, else the last word of its
    topic.
    """
    name = message.entity if message.entity is not None else message.topic.rpartition(".")[2]
    return contracts.get(name.replace("-", "_"))


def _read(value: bytes, contract: SourceContract) -> tuple[str, str, int]:
    """(why it is no row, ...) or ('', the message as one line, columns that are not declared)."""
    if value.startswith(REGISTRY_MARK):
        return "encoded for a schema registry (Avro, Protobuf or the like), not plain JSON", "", 0
    try:
        text = value.decode("utf-8-sig").strip(SPACE)
    except UnicodeDecodeError:
        return "no UTF-8 text", "", 0
    if not text:
        return "empty", "", 0
    try:
        row = DECODER.decode(text)
        reason, others = _why_no_row(row, contract)
    except ValueError:
        return "no valid JSON", "", 0
    except RecursionError:
        return "nested too deeply", "", 0
    return (reason, "", 0) if reason else ("", one_line(text), others)


def _why_no_row(row: object, contract: SourceContract) -> tuple[str, int]:
    if not isinstance(row, dict):
        return "no JSON object", 0
    if not row:
        return "an object without any key", 0
    if isinstance(row, Repeated):
        return "an object that names a key twice", 0
    noticed = Noticed()
    for cell in row.values():
        if isinstance(cell, dict | list):
            as_text(cell, noticed)  # raises RecursionError
    return _about_columns(contract.entity, tuple(row))


@lru_cache(maxsize=1024)
def _about_columns(entity: str, names: tuple[str, ...]) -> tuple[str, int]:
    """What is wrong with the names of a message's columns, '' when nothing is; and how many are not
    declared.
    """
    contract = load_contracts()[entity]
    declared = set(contract.delivered)
    for column in contract.columns:
        if column.delivered and column.required and column.delivered not in names:
            return f"without the column {column.delivered}", 0
    meant = {
        compact(name): column.delivered
        for column in contract.columns
        if column.delivered
        for name in (*column.aliases, column.name, column.delivered)
    }
    others = [name for name in names if name not in declared]
    for name in others:
        if compact(name) in meant:
            return f"with another name of the column {meant[compact(name)]}", 0
    if others and contract.schema_contract == "freeze":
        return f"with columns that {entity} does not take", 0
    if len(others) > MOST_OTHERS:
        return f"with more than {MOST_OTHERS} columns that are not declared", 0
    return "", len(others)


def one_line(text: str) -> str:
    """The same JSON on one line of ASCII: line ends between its parts become blanks, other
    characters are escaped, which JSON allows in its strings only, where alone they stand.
    """
    if text.isascii() and text.isprintable():
        return text
    return NOT_ASCII.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    letter = match.group()
    return " " if letter in "\r\n\t" else json.dumps(letter)[1:-1]
