"""The files that came together, and what became of their rows.

A delivery is what one call loaded: the files of the tray at one press of the button, a folder, an
archive, one sync. It has the id of its first load. A load of an earlier version, and one that was
drained from a stream, is a delivery of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from pipeline.config import Settings
from pipeline.ingest.sender import name_words
from pipeline.privacy.masking import file_words
from pipeline.quality import broken_rules
from pipeline.quality.broken_rules import BrokenRule
from pipeline.services.quarantine import decision_trail
from pipeline.store.control import result_history
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import loads, state

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BrokenRule", "DeliveredFile", "Delivery", "Fates"]


#: A word of the name of a file is shown from so many deliveries on.
DELIVERIES_OF_A_WORD = 3


@dataclass(frozen=True)
class Fates:
    """What became of the rows of files, as the last build judged them: `received` is the sum of the
    others.
    """

    received: int
    promoted: int
    quarantined: int
    superseded: int
    duplicates: int
    rejected: int


@dataclass(frozen=True)
class DeliveredFile:
    """One load: its file as a screen may name it, its `sender` (what the names of that sender's
    files share) and the fates of its rows, None as long as no build has judged them.
    """

    load_id: str
    entity: str
    source_file: str
    sender: str
    status: str
    gate: str
    loaded_at: str
    fates: Fates | None

    @property
    def is_in_force(self) -> bool:
        """Whether nobody took it back."""
        return self.status == "loaded"

    @property
    def state(self) -> str:
        """What became of the file as a whole, in words."""
        if not self.is_in_force:
            return "taken back"
        if self.gate == "held":
            return "waits at the gate"
        return "in the tables" if self.fates else "waits for a build"


@dataclass(frozen=True)
class Delivery:
    """The files that came together, in order of arrival."""

    delivery_id: str
    files: tuple[DeliveredFile, ...]

    @property
    def came_at(self) -> str:
        """When its first file came (UTC)."""
        return self.files[0].loaded_at

    @property
    def load_ids(self) -> tuple[str, ...]:
        """Its loads that are in force."""
        return tuple(file.load_id for file in self.files if file.is_in_force)

    @property
    def state(self) -> str:
        """The state of its files in words; where they differ, each with how many there are."""
        files = Counter(file.state for file in self.files)
        if len(files) == 1:
            return next(iter(files))
        return ", ".join(f"{state} ({count})" for state, count in files.items())

    @property
    def fates(self) -> Fates | None:
        """Those of its files in force that were judged; None where none was."""
        return total(file.fates for file in self.files if file.is_in_force)

    @property
    def unjudged(self) -> int:
        """Files in force that no build has judged."""
        return sum(file.is_in_force and file.fates is None for file in self.files)


def total(several: Iterable[Fates | None]) -> Fates | None:
    """The sum of those that are known; None where none is."""
    known = [each for each in several if each is not None]
    names = [field.name for field in fields(Fates)]
    return Fates(*(sum(getattr(each, name) for each in known) for name in names)) if known else None


def deliveries(settings: Settings) -> tuple[Delivery, ...]:
    """Every delivery, the newest first."""
    if not warehouse_exists(settings):
        return ()
    with open_warehouse(settings) as connection:
        if not has_relation(connection, "ops_loads"):
            return ()
        history = loads.history(connection)
        names = [field.name for field in fields(Fates)]
        fates = {
            row["load_id"]: Fates(*(int(row[name]) for name in names))
            for row in state.ledger(connection).to_dict("records")
        }
    said = _said(history)
    together: dict[str, list[DeliveredFile]] = {}
    for load in reversed(history):
        file = _file(load, fates.get(load["load_id"]), said)
        together.setdefault(_delivery_of(load), []).append(file)
    return tuple(Delivery(name, tuple(files)) for name, files in reversed(together.items()))


def of_load(settings: Settings, load_id: str) -> Delivery | None:
    """The delivery of which a load is a part; None for a load that nobody knows."""
    return next(
        (
            delivery
            for delivery in deliveries(settings)
            if load_id in {file.load_id for file in delivery.files}
        ),
        None,
    )


def broken(settings: Settings, load_id: str) -> tuple[tuple[BrokenRule, int], ...]:
    """The rules that rows of a load break, with how many do, most first."""
    with open_warehouse(settings) as connection:
        entity = loads.get(connection, load_id)["entity"]
        counts = broken_rules.by_load(connection, {entity: [load_id]})
    return ranked(counts.get(load_id, {}).items())


def ranked(counts: Iterable[tuple[BrokenRule, int]]) -> tuple[tuple[BrokenRule, int], ...]:
    """Rules by the rows that break them, most first."""
    return tuple(sorted(counts, key=lambda item: (-item[1], item[0].rule_id, item[0].action)))


def decisions(settings: Settings, *load_ids: str) -> pd.DataFrame:
    """The decisions on rows of loads, newest first, with the names of the rows as screens show
    them.
    """
    trail = decision_trail.trail(settings)
    # a row is named by its load, its line and its place in the line
    return trail[[str(row_id).split("-")[0] in load_ids for row_id in trail["row_id"]]]


def build_after(settings: Settings, load_id: str) -> str | None:
    """The first run that published after the delivery of a load was whole, None where there is
    none yet.
    """
    delivery = of_load(settings, load_id)
    if delivery is None:
        return None
    whole_at = max(file.loaded_at for file in delivery.files)
    with open_control(settings) as control:
        return result_history.first_published_after(control, whole_at)


def _delivery_of(load: Mapping[str, Any]) -> str:
    return load.get("delivery_id") or load["load_id"]


def _said(history: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Words in the names of files that came again and again, which tell senders apart. A word of
    fewer deliveries may be the name of a patient.
    """
    deliveries_with: dict[str, set[str]] = {}
    for load in history:
        for word in re.findall(r"[^\W\d_]+", load["source_file"].lower()):
            deliveries_with.setdefault(word, set()).add(_delivery_of(load))
    return frozenset(
        word for word, with_it in deliveries_with.items() if len(with_it) >= DELIVERIES_OF_A_WORD
    )


def _file(load: Mapping[str, Any], fates: Fates | None, said: frozenset[str]) -> DeliveredFile:
    return DeliveredFile(
        load["load_id"],
        load["entity"],
        file_words(load["source_file"], said),
        name_words(load["source_file"]),
        load["status"],
        load["gate"],
        load["loaded_at"],
        fates,
    )
