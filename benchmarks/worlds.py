"""Scorecards of many synthetic worlds whose truth is known, made by the product's own SQL.

A whole run of a world takes some fifteen seconds, most of them for landing zone and tests. `Replay`
therefore takes the statements that dbt compiled in a home, fills the std_ tables of a copy in
memory from a generated delivery, and executes the statements of the tables asked for, parents
first: a fraction of a second a world.
"""

import csv
import re
import sqlite3
import tempfile
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path

import pandas as pd

from pipeline.config import load_settings
from pipeline.declared.layers import Layer
from pipeline.services.run import runs
from pipeline.store.sqlite.database import open_warehouse
from pipeline.synthetic import generate

#: Silver table -> delivered file and, by silver column, the delivered one.
SILVER = {
    "std_patients": (
        "patients.csv",
        {"patient_id": "patient_id", "gender": "gender", "birth_date": "birth_date"},
    ),
    "std_providers": ("providers.csv", {"npi": "npi", "provider_name": "provider_name"}),
    "std_encounters": (
        "encounters_details.csv",
        {
            "encounter_id": "encounter_id",
            "npi": "npi",
            "patient_id": "patient_id",
            "cpt": "cpt",
            "paid_amount_usd": "paid_amount",
        },
    ),
    "std_adverse_events": ("adverse_events.csv", {"encounter_id": "encounter_id"}),
}
AS_OF = "2025-06-30"
_RELATION = re.compile(r'main\."(\w+)"')


def built_home(folder: Path) -> Path:
    """A home in `folder` with one small world, so that every model is compiled."""
    generate(200, 1, folder / "first", defects=False)
    runs.run_now(
        load_settings(home=folder / "home"), verb="run", paths=[folder / "first"], as_of=AS_OF
    )
    return folder / "home"


class Replay:
    """The gold statements of a home over other silver rows; what is published in the home stays as
    it is.
    """

    def __init__(
        self, home: Path, tables: Iterable[str] = ("provider_scorecard", "model_parameter")
    ) -> None:
        settings = load_settings(home=home)
        compiled = (
            settings.dbt_dir
            / "target"
            / "compiled"
            / "icon_dbt"
            / "models"
            / Layer.ENTERPRISE_DATASETS.label
        )
        statements = {
            path.stem: path.read_text(encoding="utf-8") for path in compiled.rglob("*.sql")
        }
        parents = {
            name: set(_RELATION.findall(sql)) & statements.keys()
            for name, sql in statements.items()
        }
        needed, frames = list(tables), {}
        while needed:
            name = needed.pop()
            if name not in frames:
                frames[name] = parents[name]
                needed += parents[name]
        self.statements = {
            name: statements[name] for name in TopologicalSorter(frames).static_order()
        }
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        with open_warehouse(settings) as published:
            published.backup(self._connection)

    def fill(self, delivery: Path) -> None:
        """Make silver hold exactly what a delivery without defects holds (referrals and networks:
        nothing).
        """
        for table in ("std_referrals", "std_employer_networks", *SILVER):
            self._connection.execute(f"delete from {table}")
        for table, (file_name, columns) in SILVER.items():
            with (delivery / file_name).open(newline="", encoding="utf-8") as file:
                self._connection.executemany(
                    f"insert into {table} ({', '.join(columns)}) values ({', '.join(f':{name}' for name in columns.values())})",
                    csv.DictReader(file),
                )
        # a world is one delivery, whose events came after its encounters
        self._connection.execute("delete from std_encounter_maturity")
        self._connection.execute(
            "insert into std_encounter_maturity select encounter_id, 0, 1 from std_encounters"
        )

    def set_amounts(self, amounts: dict[str, float]) -> None:
        """Put other amounts, dollars by encounter, into silver."""
        self._connection.executemany(
            "update std_encounters set paid_amount_usd = ? where encounter_id = ?",
            [(amount, encounter) for encounter, amount in amounts.items()],
        )

    def build(self) -> None:
        """Execute the statements, parents first."""
        for name, sql in self.statements.items():
            self._connection.execute(f'drop table if exists "{name}"')
            self._connection.execute(f'create table "{name}" as {sql}')

    def frame(self, sql: str) -> pd.DataFrame:
        """Rows of a query."""
        return pd.read_sql_query(sql, self._connection)


def scorecards(replay: Replay, rows: int, world: str, seeds: Iterable[int]) -> pd.DataFrame:
    """Scorecards of the worlds of `seeds`, a row a seed and provider, with `evidence` (whether the
    product says that providers differ) and `truth`.

    `truth` is the true ratio of `_truth.csv` over its mean weighted by expected events: O/E
    compares with all providers together, not with the generator's average provider.
    """
    frames = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as scratch:
            generate(rows, seed, Path(scratch), world=world, defects=False)
            replay.fill(Path(scratch))
            truth = pd.read_csv(Path(scratch) / "_truth.csv", dtype={"npi": str})
        replay.build()
        scorecard = replay.frame("""
            select scorecard.*, parameter.has_evidence_of_difference as evidence
            from provider_scorecard as scorecard inner join model_parameter as parameter on parameter.name = 'provider'""")
        weights = truth["expected_adverse_events"]
        truth["truth"] = truth["true_ratio"] * weights.sum() / (truth["true_ratio"] * weights).sum()
        frames.append(
            scorecard.merge(truth[["npi", "truth"]], on="npi", validate="1:1").assign(seed=seed)
        )
    return pd.concat(frames, ignore_index=True)
