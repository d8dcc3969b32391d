"""Random deliveries, decisions and undone loads on small worlds: no row is lost, order of work does
not matter, undo is exact.

That goes for silver, gold and the newest features; and what the feature store once said of a
moment, it says for good.

A history is made from its seed alone, so that one that fails can be told again.
"""

import random
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.services.features import retrieval, training
from pipeline.services.quarantine import decisions
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
from tests.warehouse import contents, copied, differences, query, tables

AS_OF = "2030-01-01"
#: Everything that a build derives from the loads in force; raw_ and mapped_ also keep the rows of
#: undone loads.
DERIVED = ("std_", "checked_", "promoted_", "quarantine_", "dq_", "ledger")
#: When a row became known and by which build: it differs although the row is the same.
STAMPS = (
    "event_timestamp",
    "created_at",
    "row_version",
    "features_known_at",
    "_build_id",
    "_as_of_date",
    "_source_high_watermark",
)
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
                decisions.correct(
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

    def build(self) -> None:
        runs.run_now(self.settings, verb="build", as_of=AS_OF)
        self.log.append("build")
        for moment, answer in self.answers.items():
            assert as_known_at(self.settings, moment) == answer, (moment, self.log)
        settled = retrieval.settled_until(self.settings)
        assert settled not in self.answers, "no two builds share a moment"
        self.answers[settled] = as_known_at(self.settings, settled)


def as_known_at(settings: Settings, moment: str) -> dict[str, bytes]:
    """Every feature table and the training set as known at a moment, as bytes."""
    frames = {
        table.name: retrieval.history(settings, table.name, as_known_at=moment)
        for table in retrieval.registry()
    }
    frames["training"] = training.training_set(settings, moment)
    answers = {}
    for name, frame in frames.items():
        buffer = BytesIO()
        frame.sort_values(list(frame.columns[:5]), ignore_index=True).to_parquet(buffer)
        answers[name] = buffer.getvalue()
    return answers


def insight(home: Path) -> dict[str, list[tuple]]:
    """Gold and the newest features without the stamps of the build."""
    frames = {}
    for name in tables(home):
        if (
            layer_of(name) == "enterprise_datasets"
            or name.endswith("_latest")
            or name.startswith("training_encounter_ae")
        ):
            columns = [
                column
                for _, column, *_ in query(home, f"pragma table_info({name})")
                if column not in STAMPS
            ]
            frames[name] = sorted(query(home, f"select {', '.join(columns)} from {name}"), key=repr)
    return frames


def layer_of(name: str) -> str:
    """The layer that a table is declared in, '' for one that no YAML describes."""
    entry = load_dictionary().get(name)
    return entry.layer if entry else ""


def assert_no_row_is_lost(home: Path) -> None:
    """The ledger balances and counts every row of every load in force."""
    unbalanced = query(
        home,
        """select load_id from ledger
        where received <> promoted + quarantined + superseded + duplicates + rejected""",
    )
    assert unbalanced == []
    for entity in ENTITIES:
        # a list of a network holds several rows: count those of the mapped grain
        ((mapped_rows,),) = query(
            home,
            f"""select count(*) from mapped_{entity}
            where _load_id in (select load_id from ops_loads where status = 'loaded')""",
        )
        ((ledger_rows,),) = query(
            home, "select coalesce(sum(received), 0) from ledger where entity = ?", entity
        )
        assert ledger_rows == mapped_rows, entity
        ((silver, promoted),) = query(
            home,
            f"""select (select count(*) from std_{entity}),
            (select coalesce(sum(promoted), 0) from ledger where entity = ?)""",
            entity,
        )
        assert silver == promoted, entity


def live_through(history: History, steps: int) -> None:
    """A whole history with its three claims checked."""
    home = history.settings.home
    history.deliver(ENTITIES, 10, defects=0.1)
    history.build()
    for _ in range(steps):
        history.step()
        assert_no_row_is_lost(home)
    history.files += 1
    refreshed = replace(
        copied(home, history.folder / "refreshed"), gate_threshold=history.settings.gate_threshold
    )
    runs.run_now(refreshed, verb="build", as_of=AS_OF, full_refresh=True)
    rows = (*DERIVED, "raw_", "mapped_", "feat_", "dim_", "fct_")
    assert differences(contents(home, rows), contents(refreshed.home, rows)) == [], history.log
    assert differences(insight(home), insight(refreshed.home)) == [], history.log
    before, before_insight = contents(home, DERIVED), insight(home)
    last = history.deliver(tuple(history.chance.sample(ENTITIES, 3)), 4)
    history.build()
    for load_id in last:
        loads.undo(history.settings, load_id)
    history.build()
    assert differences(before, contents(home, DERIVED)) == [], history.log
    assert differences(before_insight, insight(home)) == [], history.log


@pytest.mark.parametrize(("seed", "gate_threshold"), [(11, 0.4)])
def test_a_random_history_loses_no_row_equals_a_full_refresh_and_can_be_undone(
    settings, tmp_path, seed, gate_threshold
):
    live_through(
        History(replace(settings, gate_threshold=gate_threshold), tmp_path / "deliveries", seed),
        steps=2,
    )
