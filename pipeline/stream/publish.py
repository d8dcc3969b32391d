"""Rows of a file as messages: for tests, demonstrations, and for moving a sender from files to a
stream.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.header import HeaderMatch
from pipeline.ingest.identification import identify
from pipeline.ingest.limits import Limits
from pipeline.ingest.reading import Reading
from pipeline.stream.source import Sender


@dataclass(frozen=True)
class Published:
    """What became of a file: messages that the broker took, and lines that are no row and were not
    sent.
    """

    file: str
    entity: str
    messages: int
    left_out: int


def publish(path: Path, sender: Sender, limits: Limits, entity: str | None = None) -> Published:
    """Send each row of a file as one message, keyed as its source is; cells go as they stand.
    Raises InputRefused and PipelineError.
    """
    delivery = Delivery(path.name, path, limits=limits)
    table, found = identify(delivery, load_contracts(), Reading(entity=entity))
    contract, left_out = found.contract, 0
    for batch in table.batches():
        left_out += len(batch.rejects)
        for row in batch.rows:
            key, value = message(row, found.match, contract)
            sender.send(contract.entity, key, value)
    return Published(delivery.name, contract.entity, sender.flush(), left_out)


def messages_of(path: Path, limits: Limits) -> tuple[str, list[tuple[str, bytes]]]:
    """(source, all rows of a small file as messages with their keys). Raises InputRefused."""
    table, found = identify(Delivery(path.name, path, limits=limits), load_contracts())
    rows = (row for batch in table.batches() for row in batch.rows)
    return found.contract.entity, [message(row, found.match, found.contract) for row in rows]


def message(row: list, match: HeaderMatch, contract: SourceContract) -> tuple[str, bytes]:
    """(key, value) of a row. The key orders messages: one of a row comes after those before it."""
    cells = {column: row[at] for column, at in match.positions.items()}
    cells |= {name: row[at] for at, name in match.extra.items()}
    names = {column.name: column.delivered for column in contract.columns}
    key = "|".join(str(cells.get(names.get(part) or "", "")) for part in contract.key)
    return key, json.dumps(cells, ensure_ascii=False).encode("utf-8", "surrogatepass")
