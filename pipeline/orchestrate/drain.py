"""The inbox of streams into `raw_*`: what waits becomes one load a source, as a file would.

A load is the messages of a source between two numbers of the inbox. That, and where each message
stood at its broker, is written in the transaction of the load; the inbox learns of it afterwards.
So a drain that is killed in between is made up for by the next one, from what the warehouse says.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from tempfile import NamedTemporaryFile

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.json_window import DECODER
from pipeline.ingest.limits import Limits
from pipeline.ingest.loader import load
from pipeline.ingest.reading import Reading
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.clock_check import refuse_a_leap, refuse_loads_from_the_future
from pipeline.orchestrate.intake import prepare
from pipeline.store.inbox import messages, positions
from pipeline.store.sqlite.database import Database, open_inbox, open_warehouse
from pipeline.store.warehouse import load_origins, loads
from pipeline.store.warehouse.load_origins import Range, Run

#: A load of more is cut in two.
MOST_MESSAGES = 1_000_000
#: Columns kept free of what one message may bring (64) and of those of its source.
NAMES_LEFT = 128


@dataclass(frozen=True)
class _Part:
    """Messages on their way into one load: the file that holds them, a line each."""

    file: Path
    origin: Range
    runs: Sequence[Run]

    @property
    def name(self) -> str:
        """What people see as the file of the load."""
        topics = sorted({run.topic for run in self.runs})
        places = {(run.topic, run.partition) for run in self.runs}
        first, last = self.runs[0], self.runs[-1]
        are_numbers = isinstance(first.first_position, int)
        if len(places) == 1 and are_numbers:
            return f"{first.topic} {first.partition}:{first.first_position}-{last.last_position}"
        return f"{', '.join(topics)} messages {self.origin.first_seq}-{self.origin.last_seq}"


def drain(settings: Settings, by: str = "") -> tuple[LoadResult, ...]:
    """Load what waits in the inbox, in one transaction a source; call it under the pipeline lock.

    A source that cannot be loaded now (no room on the disk) comes back refused and waits on.
    Raises InputRefused for all of them when the machine's clock is wrong.
    """
    if not settings.inbox_path.exists():
        return ()
    prepare(settings)
    with open_inbox(settings) as inbox, open_warehouse(settings, write=True) as warehouse:
        catch_up(inbox, warehouse)
        refuse_loads_from_the_future(warehouse)
        refuse_a_leap(warehouse, settings)
        up_to, results = messages.newest_seq(inbox), []
        for entity in load_contracts():
            while result := _drain_one(settings, inbox, warehouse, entity, up_to, by):
                results.append(result)
                if result.status == "refused":
                    break
        messages.tidy(inbox)
    return tuple(results)


def catch_up(inbox: Database, warehouse: Connection) -> None:
    """Tell the inbox of loads that it has not heard of."""
    positions.go_on_behind(inbox, warehouse)
    waiting = messages.first_waiting(inbox)
    for load_id, origin in load_origins.drained(warehouse, messages.inbox_id(inbox)).items():
        if waiting.get(origin.entity, origin.last_seq + 1) <= origin.last_seq:
            messages.acknowledge(inbox, load_id, origin)


def replay_load(settings: Settings, load_id: str, by: str = "") -> LoadResult:
    """Load the messages of a load that was taken back once more, from the bytes that were kept;
    call it under the pipeline lock. Raises InputRefused.
    """
    with open_warehouse(settings, write=True) as warehouse:
        undone = loads.get(warehouse, load_id)
        origin = load_origins.range_of(warehouse, load_id)
        kept = settings.delivered_dir / undone["sha256"]
        if origin is None or not kept.exists():
            raise InputRefused("was not drained from a stream", load_id)
        if undone["status"] != "undone":
            raise InputRefused("is in force", load_id, "take it back first: icon-health undo")
        delivery = Delivery(undone["source_file"], kept, origin=undone["sheet"])
        runs = load_origins.runs(warehouse, load_id)
        return _load(settings, warehouse, delivery, origin, runs, by)


def _drain_one(
    settings: Settings, inbox: Database, warehouse: Database, entity: str, up_to: int, by: str
) -> LoadResult | None:
    """One load of a source; None when nothing of it waits."""
    with _written(settings, inbox, entity, up_to) as part:
        if part is None:
            return None
        origin = part.origin
        delivery = Delivery(
            part.name,
            part.file,
            origin=f"{origin.inbox_id} {entity} {origin.first_seq}-{origin.last_seq}",
        )
        result = _load(settings, warehouse, delivery, origin, part.runs, by)
    if result.load_id is not None:
        messages.acknowledge(inbox, result.load_id, origin)
    return result


def _load(
    settings: Settings,
    warehouse: Database,
    delivery: Delivery,
    origin: Range,
    runs: Sequence[Run],
    by: str,
) -> LoadResult:
    return load(
        warehouse,
        settings.delivered_dir,
        replace(delivery, limits=Limits.of(settings)),
        reading=Reading(entity=origin.entity),
        reject_threshold=settings.reject_threshold,
        by=by,
        within=partial(_record, origin, runs),
    )


def _record(origin: Range, runs: Sequence[Run], warehouse: Connection, load_id: str) -> None:
    load_origins.add(warehouse, load_id, origin, runs)


@contextmanager
def _written(
    settings: Settings, inbox: Database, entity: str, up_to: int
) -> Iterator[_Part | None]:
    """The messages of a source that wait, oldest first, in a file that goes at the end of the
    block; as many as one load may have.
    """
    room = max(settings.max_columns - NAMES_LEFT, 0)
    rows = min(MOST_MESSAGES, settings.max_rows)
    names: set[str] = set()
    first = last = count = 0
    with NamedTemporaryFile(
        "w", encoding="ascii", dir=settings.delivered_dir, prefix=".incoming-"
    ) as file:

        def places() -> Iterator[tuple[str, str, int, int | str]]:
            nonlocal first, last, count
            with closing(messages.waiting(inbox, entity, up_to)) as waiting:
                for each in waiting:
                    if each.others:
                        names.update(DECODER.decode(each.line))
                    if count == rows or (count and len(names) > room):
                        return
                    file.write(each.line + "\n")
                    first, last, count = first or each.seq, each.seq, count + 1
                    yield each.stream, each.topic, each.partition, each.position

        runs = load_origins.runs_of(places())
        file.flush()
        if not count:
            yield None
            return
        origin = Range(messages.inbox_id(inbox), entity, first, last)
        yield _Part(Path(file.name), origin, runs)
