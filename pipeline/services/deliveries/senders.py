"""How well each sender delivers: how often, what became of the rows, which rules they break, and
when the next file is expected.

A sender is who sends files of one source under names that share their words (`claims_2026-01.csv`,
`claims_2026-02.csv`), as for what is remembered of earlier files. It is named by its first load: a
file's name belongs in no address.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.config import Settings
from pipeline.quality import broken_rules
from pipeline.quality.broken_rules import BrokenRule
from pipeline.services.deliveries import deliveries as delivery_service
from pipeline.services.deliveries.arrival import Arrival, expected
from pipeline.services.deliveries.deliveries import DeliveredFile, Fates, ranked, total
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import state


@dataclass(frozen=True)
class Sent:
    """What one delivery held of a sender: its files in force, and their fates if any was judged."""

    delivery_id: str
    came_at: str
    files: int
    fates: Fates | None


@dataclass(frozen=True)
class Scorecard:
    """One sender: its deliveries in force (oldest first), their fates in all, the rules that their
    rows break (most first), and its rhythm, judged on the day `as_of`; None where nobody can tell.
    """

    sender_id: str
    newest_load: str
    entity: str
    newest_file: str
    sent: tuple[Sent, ...]
    fates: Fates | None
    rules: tuple[tuple[BrokenRule, int], ...]
    arrival: Arrival | None
    as_of: date


def scorecards(settings: Settings) -> tuple[Scorecard, ...]:
    """Every sender of a load in force: the late ones first, then by source."""
    of_sender: dict[tuple[str, str], list[tuple[str, DeliveredFile]]] = {}
    for delivery in reversed(delivery_service.deliveries(settings)):
        for file in delivery.files:
            if file.is_in_force:
                sender = file.entity, file.sender
                of_sender.setdefault(sender, []).append((delivery.delivery_id, file))
    if not of_sender:
        return ()
    everything = [file for files in of_sender.values() for _, file in files]
    by_source: dict[str, list[str]] = {}
    for file in everything:
        by_source.setdefault(file.entity, []).append(file.load_id)
    with open_warehouse(settings) as connection:
        stamp = state.build_stamp(connection)
        counts = broken_rules.by_load(connection, by_source)
    newest = max(file.loaded_at for file in everything)[:10]
    as_of = date.fromisoformat(max(newest, stamp["as_of"][:10] if stamp else ""))
    cards = [_scorecard(files, counts, as_of) for files in of_sender.values()]
    return tuple(sorted(cards, key=lambda card: (-_days_late(card), card.entity, card.sender_id)))


def _days_late(card: Scorecard) -> int:
    return card.arrival.days_late if card.arrival else 0


def _scorecard(
    files: Sequence[tuple[str, DeliveredFile]],
    counts: dict[str, Counter[BrokenRule]],
    as_of: date,
) -> Scorecard:
    by_delivery: dict[str, list[DeliveredFile]] = {}
    rules: Counter[BrokenRule] = Counter()
    for delivery_id, file in files:
        by_delivery.setdefault(delivery_id, []).append(file)
        rules.update(counts.get(file.load_id, {}))
    sent = tuple(
        Sent(name, own[0].loaded_at, len(own), total(file.fates for file in own))
        for name, own in by_delivery.items()
    )
    first, newest = files[0][1], files[-1][1]
    days = [date.fromisoformat(file.loaded_at[:10]) for _, file in files]
    return Scorecard(
        first.load_id,
        newest.load_id,
        first.entity,
        newest.source_file,
        sent,
        total(each.fates for each in sent),
        ranked(rules.items()),
        expected(days, as_of),
        as_of,
    )
