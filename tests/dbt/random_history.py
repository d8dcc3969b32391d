"""A random story of one home: deliveries, decisions, undone loads and builds."""

import random
from io import BytesIO
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.orchestrate.results import RunResult
from pipeline.services.features import retrieval, training
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.factories import (
    adverse_event,
    encounter,
    network,
    npi,
    patient,
    provider,
    referral,
    write_delivery,
)
from tests.warehouse import query

AS_OF = "2030-01-01"


ENTITIES = (
    "patients",
    "providers",
    "encounters",
    "referrals",
    "adverse_events",
    "employer_networks",
)


class History:
    """One random history on one home; few keys, so that versions, duplicates and cascades are the
    rule.
    """

    def __init__(self, settings: Settings, folder: Path, seed: int) -> None:
        self.settings, self.folder, self.chance, self.files = (
            settings,
            folder,
            random.Random(seed),
            0,
        )
        self.log: list[str] = []
        self.answers: dict[str, dict[str, bytes]] = {}

    def rows(self, entity: str, count: int, defects: float) -> list[dict]:
        """Rows of one source, each wrong by the chance `defects` (0 to 1)."""
        make = {
            "patients": self._patient,
            "providers": self._provider,
            "encounters": self._encounter,
            "referrals": self._referral,
            "adverse_events": self._adverse_event,
            "employer_networks": self._network,
        }[entity]
        return [make(self.chance.random() < defects) for _ in range(count)]

    def _patient(self, is_bad: bool) -> dict:
        cells = {"gender": "?"} if is_bad else {}
        return patient(
            self.chance.randint(1, 8), birth_date=f"19{self.chance.randint(50, 51)}-03-01", **cells
        )

    def _provider(self, is_bad: bool) -> dict:
        number = self.chance.randint(1, 4)
        return provider(
            number, **({"npi": self.chance.choice(["", npi(number)[:9]])} if is_bad else {})
        )

    def _encounter(self, is_bad: bool) -> dict:
        cells = (
            self.chance.choice([{"cpt": "99999"}, {"paid_amount": "0"}, {"encounter_id": ""}])
            if is_bad
            else {}
        )
        return encounter(
            self.chance.randint(1, 12),
            self.chance.randint(1, 4),
            self.chance.randint(1, 8),
            **{"paid_amount": str(self.chance.choice([900, 1000]))} | cells,
        )

    def _referral(self, is_bad: bool) -> dict:
        return referral(self.chance.randint(1, 8), **({"employer_id": "1"} if is_bad else {}))

    def _adverse_event(self, is_bad: bool) -> dict:
        return adverse_event(self.chance.randint(1, 12) + (20 if is_bad else 0))

    def _network(self, is_bad: bool) -> dict:
        return network(*self.chance.sample(range(1, 6), 2), extra=("123",) if is_bad else ())

    def deliver(self, entities: tuple[str, ...], size: int, defects: float = 0.15) -> list[str]:
        self.files += 1
        folder = write_delivery(
            self.folder / f"{self.files}",
            **{
                entity: self.rows(entity, 1 if entity == "employer_networks" else size, defects)
                for entity in entities
            },
        )
        loaded = loads.ingest(self.settings, [folder])
        self.log.append(f"deliver {entities}")
        return [load.load_id for load in loaded if load.status == "loaded"]

    def decide(self) -> None:
        """A correction, rejection or waiver of a row that waits, or the end of an earlier
        decision.
        """
        waiting = decisions.rows(self.settings)
        standing = [
            decision
            for decision in decisions.audit_trail(self.settings)
            if not decision["reverted_at"]
        ]
        if standing and self.chance.random() < 0.3:
            decision = self.chance.choice(standing)
            self.log.append(f"revert {decision['kind']} {decision['entity']} {decision['row_id']}")
            decisions.revert(self.settings, decision["decision_id"], "random", "test")
        elif waiting:
            row = self.chance.choice(waiting)
            kind = self.chance.choice(["correct", "reject", "waive"])
            self.log.append(f"{kind} {row.entity} {row.row_id}")
            if kind == "correct":
                corrections.correct(
                    self.settings,
                    row.entity,
                    [row.row_id],
                    self.correction(row.entity),
                    "random",
                    "test",
                )
            elif kind == "reject":
                decisions.reject(self.settings, row.entity, [row.row_id], "random", "test")
            else:
                decisions.waive(self.settings, row.entity, [row.row_id], "random", "test")

    def correction(self, entity: str) -> dict[str, str]:
        number = self.chance.randint(1, 4)
        return {
            "patients": {"gender": "female"},
            "providers": {"npi": npi(number)},
            "encounters": {"cpt": "27130", "npi": npi(number)},
            "referrals": {"employer_id": "91001"},
            "adverse_events": adverse_event(number),
            "employer_networks": {"npi": npi(number)},
        }[entity]

    def undo(self) -> None:
        in_force = [
            load_id
            for (load_id,) in query(
                self.settings.home, "select load_id from ops_loads where status = 'loaded'"
            )
        ]
        load = self.chance.choice(in_force)
        self.log.append(f"undo {load}")
        loads.undo(self.settings, load)

    def release(self) -> None:
        for (load_id,) in query(
            self.settings.home,
            "select load_id from ops_loads where status = 'loaded' and gate = 'held'",
        ):
            self.log.append(f"release {load_id}")
            loads.release(self.settings, load_id, "random", "test")

    def step(self) -> None:
        """A delivery or the end of one, two decisions, all held loads released by chance, and a
        build.
        """
        entities = tuple(self.chance.sample(ENTITIES, self.chance.randint(1, 3)))
        self.chance.choice(
            [lambda: self.deliver(entities, 4), lambda: self.deliver(entities, 4), self.undo]
        )()
        self.decide()
        self.decide()
        self.chance.choice([self.release, lambda: None])()
        self.build()

    def build(self) -> RunResult:
        result = runs.run_now(self.settings, verb="build", as_of=AS_OF)
        self.log.append("build")
        for moment, answer in self.answers.items():
            assert as_known_at(self.settings, moment) == answer, (moment, self.log)
        settled = retrieval.settled_until(self.settings)
        assert settled not in self.answers, "no two builds share a moment"
        self.answers[settled] = as_known_at(self.settings, settled)
        return result


def as_known_at(settings: Settings, moment: str) -> dict[str, bytes]:
    """Every feature table and the training set as known at a moment, as bytes."""
    frames = {
        table.name: retrieval.history(settings, table.name, as_known_at=moment)
        for table in retrieval.registry()
    }
    answers = {}
    try:
        frames["training"] = training.training_set(settings, moment)
    except InputRefused:  # no row was labelled then, as far as is known now
        answers["training"] = b""
    for name, frame in frames.items():
        if frame.empty:
            answers[name] = b""
            continue
        buffer = BytesIO()
        frame.sort_values(list(frame.columns[:5]), ignore_index=True).to_parquet(buffer)
        answers[name] = buffer.getvalue()
    return answers
